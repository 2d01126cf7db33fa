//! Heartbeats: how a handler says that it is alive, or not ready.
//!
//! The two words that the contract knows are passed on as they were written; any other one counts as not ready,
//! where the agent would report it as it is (contract 6). How old a heartbeat may be is not judged here: that takes a
//! clock.

use crate::{
    Checked, Refused, Source, codes, escape_bounded,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Node, Object, Read},
    notes::Notes,
};

/// Most bytes of a heartbeat file that are read.
pub const MAX_HEARTBEAT_BYTES: usize = 64 * 1024;

const RULES: JsonRules = JsonRules {
    max_bytes: MAX_HEARTBEAT_BYTES,
    max_depth: 32,
    byte_order_mark: ByteOrderMark::Refuse,
    duplicates: Duplicates::LastWins,
    refuse_negative_zero: false,
    json: codes::HEARTBEAT_JSON,
    encoding: codes::HEARTBEAT_ENCODING,
    size: codes::HEARTBEAT_SIZE,
    depth: codes::HEARTBEAT_DEPTH,
    duplicate_key: codes::HEARTBEAT_DUPLICATE_KEY,
};

/// What a heartbeat says about the handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeartbeatState {
    /// `ready`, in the case in which it was written.
    Ready(String),
    /// `notready`, in the case in which it was written.
    NotReady(String),
    /// Any other word, escaped and bounded; counts as not ready.
    Unknown(String),
}

/// What a heartbeat does to the handler's message in the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeartbeatMessage {
    /// There is no `formattedMessage`: the message stays as it was.
    Unchanged,
    /// The message is this text, or none for `null`.
    Replaced(Option<String>),
}

/// A heartbeat file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// What it says about the handler.
    pub state: HeartbeatState,
    /// What it says to people.
    pub message: HeartbeatMessage,
}

impl HeartbeatState {
    fn of(word: &str) -> Self {
        if word.eq_ignore_ascii_case("ready") {
            Self::Ready(word.to_owned())
        } else if word.eq_ignore_ascii_case("notready") {
            Self::NotReady(word.to_owned())
        } else {
            Self::Unknown(escape_bounded(word, 80))
        }
    }

    /// The handler status to report.
    pub fn reported(&self) -> &str {
        match self {
            Self::Ready(word) | Self::NotReady(word) => word,
            Self::Unknown(_) => "NotReady",
        }
    }

    /// Whether the handler says that it is ready.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready(_))
    }
}

impl Heartbeat {
    /// Reads a heartbeat file. `heartbeat.code` and a `message` beside the word are ignored, as in the agent.
    ///
    /// # Errors
    /// What is not JSON or out of bounds, another shape than an array with an object with a `heartbeat` object, and a
    /// `formattedMessage` without `lang` or `message` or with a message that is no string.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let mut notes = Notes::new(source.file, warnings);
        let path = JsonPath::root().index(0).key("heartbeat");
        let inner = root
            .as_array()
            .and_then(<[Node]>::first)
            .and_then(Node::as_object)
            .and_then(|top| top.get("heartbeat"))
            .and_then(Node::as_object);
        let Some(inner) = inner else {
            let hint = "write an array of one object with a `heartbeat` object in it";
            return Err(notes.give_up(codes::HEARTBEAT_SCHEMA, &path, "there is no such object", hint));
        };
        let heartbeat = Self {
            state: state(inner, &path, &mut notes),
            message: message(inner, &path, &mut notes),
        };
        Ok(Checked {
            value: heartbeat,
            warnings: notes.finish()?,
        })
    }

    /// The content of a heartbeat file that says this.
    pub fn to_json(&self) -> String {
        let word = match &self.state {
            HeartbeatState::Ready(word) | HeartbeatState::NotReady(word) | HeartbeatState::Unknown(word) => word,
        };
        let mut heartbeat = vec![("status", Node::string(word)), ("code", Node::integer(0))];
        if let HeartbeatMessage::Replaced(message) = &self.message {
            let message = message.as_ref().map_or_else(Node::null, Node::string);
            let formatted = Node::object([("lang", Node::string("en-US")), ("message", message)]);
            heartbeat.push(("formattedMessage", formatted));
        }
        Node::array([Node::object([
            ("version", Node::version_one()),
            ("heartbeat", Node::object(heartbeat)),
        ])])
        .to_agent_json()
    }
}

fn state(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> HeartbeatState {
    let node = inner.get("status");
    let state = match node.and_then(Node::as_str) {
        Some(word) => HeartbeatState::of(word),
        None => HeartbeatState::Unknown(node.map_or_else(|| "nothing".to_owned(), |node| node.quoted().into_owned())),
    };
    if let HeartbeatState::Unknown(word) = &state {
        let what = format!("the heartbeat says `{word}`, which counts as not ready");
        notes.warn(
            codes::HEARTBEAT_VALUE,
            &at.key("status"),
            what,
            "write `ready` or `notready`",
        );
    }
    state
}

fn message(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> HeartbeatMessage {
    let Some(node) = inner.get("formattedMessage").filter(|node| !node.is_null()) else {
        return HeartbeatMessage::Unchanged;
    };
    let path = at.key("formattedMessage");
    let mut malformed = |path: &JsonPath, what: String| {
        let hint = "write an object with the strings `lang` and `message`";
        notes.refuse(codes::HEARTBEAT_SCHEMA, path, what, hint);
        HeartbeatMessage::Unchanged
    };
    let Some(formatted) = node.as_object() else {
        return malformed(&path, format!("it is {}", node.kind()));
    };
    match (formatted.get("lang"), formatted.get("message")) {
        (None, _) => malformed(&path.key("lang"), "there is no `lang`".to_owned()),
        (_, None) => malformed(&path.key("message"), "there is no `message`".to_owned()),
        (_, Some(node)) if node.is_null() => HeartbeatMessage::Replaced(None),
        (_, Some(node)) => match node.as_str() {
            Some(text) => HeartbeatMessage::Replaced(Some(text.to_owned())),
            None => malformed(&path.key("message"), format!("the message is {}", node.kind())),
        },
    }
}
