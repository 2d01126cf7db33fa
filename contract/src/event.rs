//! Events: lines of telemetry that a handler leaves in its events folder (contract 9.5).
//!
//! Written as handlers write them and read as the agent reads them, one departure excepted: every field counts
//! towards the size of an event, where the agent forgets the last one.

use crate::{
    Checked, Refused, Source, codes,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Node, Object, Read},
    notes::Notes,
};

/// Most bytes of an event file that are read.
pub const MAX_EVENT_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Most characters of one event's values together.
const MAX_EVENT: usize = 6144;
/// Characters that are kept of a message.
const MAX_MESSAGE: usize = 3072;

const RULES: JsonRules = JsonRules {
    max_bytes: MAX_EVENT_FILE_BYTES,
    max_depth: 32,
    byte_order_mark: ByteOrderMark::Refuse,
    duplicates: Duplicates::LastWins,
    refuse_negative_zero: false,
    json: codes::EVENT_JSON,
    encoding: codes::EVENT_ENCODING,
    size: codes::EVENT_SIZE,
    depth: codes::EVENT_DEPTH,
    duplicate_key: codes::EVENT_DUPLICATE_KEY,
};

/// How much an event matters. Other words are passed on, since nobody checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventLevel {
    /// `Critical`
    Critical,
    /// `Error`
    Error,
    /// `Warning`
    Warning,
    /// `Verbose`
    Verbose,
    /// `Informational`
    Informational,
    /// `LogAlways`
    LogAlways,
    /// Another word.
    Other(String),
}

impl EventLevel {
    /// The word in the file.
    pub fn name(&self) -> &str {
        match self {
            Self::Critical => "Critical",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Verbose => "Verbose",
            Self::Informational => "Informational",
            Self::LogAlways => "LogAlways",
            Self::Other(word) => word,
        }
    }

    /// The level with this word.
    pub fn parse(word: &str) -> Self {
        [
            Self::Critical,
            Self::Error,
            Self::Warning,
            Self::Verbose,
            Self::Informational,
            Self::LogAlways,
        ]
        .into_iter()
        .find(|level| level.name() == word)
        .unwrap_or_else(|| Self::Other(word.to_owned()))
    }
}

/// One event. All texts are without blanks at both ends once read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerEvent {
    /// `Version`: of the handler.
    pub version: String,
    /// `Timestamp`: ISO 8601 in UTC, not checked.
    pub timestamp: String,
    /// `TaskName`
    pub task_name: String,
    /// `EventLevel`
    pub level: EventLevel,
    /// `Message`, at most 3072 characters once read.
    pub message: String,
    /// `EventPid`: a number as text.
    pub pid: String,
    /// `EventTid`: a number as text.
    pub tid: String,
    /// `OperationId`
    pub operation_id: String,
}

/// Whether a file of this name in the events folder is read: digits and `.json`, in any case.
pub fn is_event_file(file_name: &str) -> bool {
    file_name.split_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_digit()) && ending.eq_ignore_ascii_case("json")
    })
}

impl HandlerEvent {
    /// The event as a handler writes it.
    pub fn to_json(&self) -> String {
        Node::object([
            ("Version", Node::string(&self.version)),
            ("Timestamp", Node::string(&self.timestamp)),
            ("TaskName", Node::string(&self.task_name)),
            ("EventLevel", Node::string(self.level.name())),
            ("Message", Node::string(&self.message)),
            ("EventPid", Node::string(&self.pid)),
            ("EventTid", Node::string(&self.tid)),
            ("OperationId", Node::string(&self.operation_id)),
        ])
        .to_agent_json()
    }

    /// Reads an event file: one event, or an array of them. Events that the agent would drop are left out, each with
    /// a warning.
    ///
    /// # Errors
    /// What is not JSON or out of bounds, and a document that is neither object nor array.
    pub fn parse_file(source: Source<'_>) -> Result<Checked<Vec<Self>>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let mut notes = Notes::new(source.file, warnings);
        let path = JsonPath::root();
        let mut events = Vec::new();
        match root.as_array() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    events.extend(Self::read(item, &path.index(index), &mut notes));
                }
            }
            None if root.as_object().is_some() => events.extend(Self::read(&root, &path, &mut notes)),
            None => {
                let what = format!("it is {}", root.kind());
                return Err(notes.give_up(
                    codes::EVENT_SCHEMA,
                    &path,
                    what,
                    "write an event, or an array of events",
                ));
            }
        }
        Ok(Checked {
            value: events,
            warnings: notes.finish()?,
        })
    }

    fn read(node: &Node, path: &JsonPath, notes: &mut Notes<'_>) -> Option<Self> {
        let Some(object) = node.as_object() else {
            let what = format!("the event is {} and is dropped", node.kind());
            notes.warn(codes::EVENT_SCHEMA, path, what, "write an object");
            return None;
        };
        let event = Self {
            version: text(object, "Version", path, notes)?,
            timestamp: text(object, "Timestamp", path, notes)?,
            task_name: text(object, "TaskName", path, notes)?,
            level: EventLevel::parse(&text(object, "EventLevel", path, notes)?),
            message: text(object, "Message", path, notes)?
                .chars()
                .take(MAX_MESSAGE)
                .collect(),
            pid: number(object, "EventPid", path, notes)?,
            tid: number(object, "EventTid", path, notes)?,
            operation_id: text(object, "OperationId", path, notes)?,
        };
        if event.message.is_empty() {
            let what = "the message is empty, so the event is dropped";
            notes.warn(codes::EVENT_EMPTY, &path.key("Message"), what, "write a message");
            return None;
        }
        let size = event.size();
        if size > MAX_EVENT {
            let what = format!("the event has {size} characters and is dropped");
            notes.warn(
                codes::EVENT_SIZE,
                path,
                what,
                format!("write at most {MAX_EVENT} characters in all"),
            );
            return None;
        }
        Some(event)
    }

    /// Characters of all values together.
    fn size(&self) -> usize {
        let others = [
            &self.version,
            &self.timestamp,
            &self.task_name,
            &self.pid,
            &self.tid,
            &self.operation_id,
        ];
        let others: usize = others.iter().map(|text| text.chars().count()).sum();
        others + self.level.name().chars().count() + self.message.chars().count()
    }
}

fn text(object: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> Option<String> {
    let text = object
        .get_ignore_case(key)
        .and_then(Node::as_str)
        .map(|text| text.trim().to_owned());
    if text.is_none() {
        note_unusable(object, key, at, notes);
    }
    text
}

/// A value that may also be an integer.
fn number(object: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> Option<String> {
    match object
        .get_ignore_case(key)
        .and_then(Node::as_number)
        .filter(|number| number.is_integer())
    {
        Some(number) => Some(number.as_str().to_owned()),
        None => text(object, key, at, notes),
    }
}

fn note_unusable(object: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) {
    let found = object
        .get_ignore_case(key)
        .map_or_else(|| "missing".to_owned(), |node| node.kind().to_string());
    let what = format!("`{key}` is {found}, so the event is dropped");
    notes.warn(
        codes::EVENT_SCHEMA,
        &at.key(key),
        what,
        "write all eight keys as strings",
    );
}
