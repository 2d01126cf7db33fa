//! `HandlerEnvironment.json`: where a handler finds its folders.
//!
//! The host writes it byte for byte as the agent does, with one key more, `dataFolder`; handlers read it tolerantly,
//! since agents of different ages and systems put different keys into it (contract 3).

use crate::{
    Checked, HandlerName, Refused, Source, codes,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Node, Object, Read},
    notes::Notes,
};

/// File name of a handler environment, in the handler's folder.
pub const ENVIRONMENT_FILE: &str = "HandlerEnvironment.json";

const RULES: JsonRules = JsonRules {
    max_bytes: 64 * 1024,
    max_depth: 32,
    byte_order_mark: ByteOrderMark::Strip,
    duplicates: Duplicates::LastWins,
    refuse_negative_zero: false,
    json: codes::ENVIRONMENT_JSON,
    encoding: codes::ENVIRONMENT_ENCODING,
    size: codes::ENVIRONMENT_SIZE,
    depth: codes::ENVIRONMENT_DEPTH,
    duplicate_key: codes::ENVIRONMENT_DUPLICATE_KEY,
};

/// The folders and files of a handler, as absolute paths.
///
/// Paths stay text: they are the handler's names for things, and another system may have written them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerEnvironment {
    /// `logFolder`
    pub log_folder: String,
    /// `configFolder`, with the settings files.
    pub config_folder: String,
    /// `statusFolder`
    pub status_folder: String,
    /// `heartbeatFile`; absent in files of some agents.
    pub heartbeat_file: Option<String>,
    /// `eventsFolder`; absent while an agent takes no events.
    pub events_folder: Option<String>,
    /// `dataFolder`, which survives an update; absent in files of other agents.
    pub data_folder: Option<String>,
}

impl HandlerEnvironment {
    /// The file's content for the handler `name`, on one line without a line feed, as the agent writes it.
    pub fn to_agent_json(&self, name: &HandlerName) -> String {
        let mut folders = vec![
            ("logFolder", Node::string(&self.log_folder)),
            ("configFolder", Node::string(&self.config_folder)),
            ("statusFolder", Node::string(&self.status_folder)),
        ];
        folders.extend(
            self.heartbeat_file
                .as_ref()
                .map(|path| ("heartbeatFile", Node::string(path))),
        );
        if let Some(path) = &self.events_folder {
            folders.push(("eventsFolder", Node::string(path)));
            // Handlers of its first days look for this one.
            folders.push(("eventsFolder_preview", Node::string(path)));
        }
        folders.extend(self.data_folder.as_ref().map(|path| ("dataFolder", Node::string(path))));
        Node::array([Node::object([
            ("name", Node::string(name.as_str())),
            ("version", Node::version_one()),
            ("handlerEnvironment", Node::object(folders)),
        ])])
        .to_agent_json()
    }

    /// Reads the file. Other keys than those of the contract are ignored.
    ///
    /// # Errors
    /// What is not JSON or out of bounds, another shape than an array with an object with a `handlerEnvironment`
    /// object, and a missing log, config or status folder.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let mut notes = Notes::new(source.file, warnings);
        let path = JsonPath::root().index(0).key("handlerEnvironment");
        let inner = root
            .as_array()
            .and_then(<[Node]>::first)
            .and_then(Node::as_object)
            .and_then(|top| top.get("handlerEnvironment"))
            .and_then(Node::as_object);
        let Some(inner) = inner else {
            let hint = "write an array of one object with a `handlerEnvironment` object in it";
            return Err(notes.give_up(codes::ENVIRONMENT_SCHEMA, &path, "there is no such object", hint));
        };
        let environment = Self {
            log_folder: needed(inner, "logFolder", &path, &mut notes),
            config_folder: needed(inner, "configFolder", &path, &mut notes),
            status_folder: needed(inner, "statusFolder", &path, &mut notes),
            heartbeat_file: optional(inner, "heartbeatFile", &path, &mut notes),
            events_folder: optional(inner, "eventsFolder", &path, &mut notes),
            data_folder: optional(inner, "dataFolder", &path, &mut notes),
        };
        Ok(Checked {
            value: environment,
            warnings: notes.finish()?,
        })
    }
}

fn optional(inner: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> Option<String> {
    let node = inner.get(key).filter(|node| !node.is_null())?;
    if node.as_str().is_none() {
        let what = format!("`{key}` is {}", node.kind());
        notes.refuse(
            codes::ENVIRONMENT_SCHEMA,
            &at.key(key),
            what,
            "write a path as a string",
        );
    }
    node.as_str().map(str::to_owned)
}

fn needed(inner: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> String {
    if inner.get(key).is_none_or(Node::is_null) {
        notes.refuse(
            codes::ENVIRONMENT_SCHEMA,
            &at.key(key),
            format!("there is no `{key}`"),
            "write a path",
        );
    }
    optional(inner, key, at, notes).unwrap_or_default()
}
