//! What a user is told: the document `status/<sequence number>.status` (contract 5.1).
//!
//! The types here are the document as it is written; the harness reads the same types back, so that a test of a
//! handler sees what the agent would see.

use hostler_contract::StatusKind;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// What `enable` gives back when it went well: the message of the status.
///
/// Made from a text, or from `()` for a handler with nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Success {
    message: String,
}

impl Success {
    /// Success with a sentence for the user.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    pub(crate) fn into_message(self) -> String {
        self.message
    }
}

impl From<()> for Success {
    fn from((): ()) -> Self {
        Self::new("done")
    }
}

impl From<&str> for Success {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<String> for Success {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

/// The status of one part of the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substatus {
    /// Which part; one that is reported again under its name takes the place of the earlier report.
    pub name: String,
    /// How it stands.
    #[serde(rename = "status", deserialize_with = "kind")]
    pub kind: StatusKind,
    /// A number for programs; 0 where there is none.
    pub code: i32,
    /// A sentence for people.
    #[serde(rename = "formattedMessage")]
    pub message: Message,
}

impl Substatus {
    /// A part with code 0.
    pub fn new(name: impl Into<String>, kind: StatusKind, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            code: 0,
            message: Message::english(message),
        }
    }

    /// The same with a code.
    #[must_use]
    pub fn with_code(self, code: i32) -> Self {
        Self { code, ..self }
    }
}

/// A text with its language. The agent wants both keys and keeps only the text (contract 5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    lang: String,
    /// The text.
    pub message: String,
}

impl Message {
    pub(crate) fn english(message: impl Into<String>) -> Self {
        Self {
            lang: "en-US".to_owned(),
            message: message.into(),
        }
    }
}

/// One of the four words, exact in case.
fn kind<'de, D: Deserializer<'de>>(word: D) -> Result<StatusKind, D::Error> {
    let word = String::deserialize(word)?;
    StatusKind::parse(&word).ok_or_else(|| D::Error::custom(format_args!("the agent knows no status {word:?}")))
}

/// The status of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What it is the status of: the extension's name where a handler has several, else the operation's.
    pub name: String,
    /// What was done, for example `enable`.
    pub operation: String,
    /// When the settings were carried out, in UTC; only in a success.
    #[serde(
        rename = "configurationAppliedTime",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub configuration_applied_time: Option<String>,
    /// How it stands.
    #[serde(rename = "status", deserialize_with = "kind")]
    pub kind: StatusKind,
    /// 0 for anything but a failure, there the exit code.
    pub code: i32,
    /// A sentence for people.
    #[serde(rename = "formattedMessage")]
    pub message: Message,
    /// The parts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub substatus: Vec<Substatus>,
}

/// The one element of the file's array.
#[derive(Serialize, Deserialize)]
pub(crate) struct Document {
    version: f64,
    #[serde(rename = "timestampUTC")]
    timestamp: String,
    status: Status,
}

/// The time in a file's text at which the settings were carried out, if it says one.
pub(crate) fn applied_time(text: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Earlier {
        status: EarlierStatus,
    }
    #[derive(Deserialize)]
    struct EarlierStatus {
        #[serde(rename = "configurationAppliedTime")]
        applied: Option<String>,
    }
    let [earlier]: [Earlier; 1] = serde_json::from_slice(text).ok()?;
    earlier.status.applied
}

impl Status {
    /// The file's text as of `timestamp`.
    pub(crate) fn to_json(&self, timestamp: String) -> Result<Vec<u8>, serde_json::Error> {
        let document = Document {
            version: 1.0,
            timestamp,
            status: self.clone(),
        };
        serde_json::to_vec(&[document])
    }

    /// The status in a file's text; an error where the agent would not understand it.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn from_json(text: &[u8]) -> Result<Self, serde_json::Error> {
        let [document]: [Document; 1] = serde_json::from_slice(text)?;
        Ok(document.status)
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::StatusKind;

    use super::{Message, Status, Substatus};

    #[test]
    fn the_document_is_the_contracts() {
        let status = Status {
            name: "web".to_owned(),
            operation: "enable".to_owned(),
            configuration_applied_time: None,
            kind: StatusKind::Error,
            code: 12,
            message: Message::english("no \"port\""),
            substatus: vec![Substatus::new("listen", StatusKind::Warning, "late").with_code(3)],
        };
        let json = status.to_json("2026-11-22T01:14:14Z".to_owned()).unwrap();
        assert_eq!(
            String::from_utf8(json.clone()).unwrap(),
            concat!(
                r#"[{"version":1.0,"timestampUTC":"2026-11-22T01:14:14Z","status":{"name":"web","operation":"enable","#,
                r#""status":"error","code":12,"formattedMessage":{"lang":"en-US","message":"no \"port\""},"#,
                r#""substatus":[{"name":"listen","status":"warning","code":3,"#,
                r#""formattedMessage":{"lang":"en-US","message":"late"}}]}}]"#
            )
        );
        assert_eq!(Status::from_json(&json).unwrap(), status);
    }

    #[test]
    fn a_word_the_agent_does_not_know_cannot_be_read_back() {
        let json =
            br#"[{"version":1.0,"timestampUTC":"","status":{"name":"","operation":"","status":"Success","code":0,
            "formattedMessage":{"lang":"en-US","message":""}}}]"#;
        assert!(Status::from_json(json).is_err());
    }
}
