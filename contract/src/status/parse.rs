//! Reading a status file.

use super::{ExtensionStatus, MAX_STATUS_BYTES, StatusDocument, StatusKind, Substatus, truncate::truncate};
use crate::{
    Checked, Refused, Source, codes,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Node, Object, Read},
    notes::Notes,
};

/// Bounds and codes of a status file: what is between 128 Ki characters and 1 MiB is cut, the rest not read.
const RULES: JsonRules = JsonRules {
    max_bytes: MAX_STATUS_BYTES,
    max_depth: 32,
    // The agent takes a byte order mark for bad JSON here (contract 5.2).
    byte_order_mark: ByteOrderMark::Refuse,
    duplicates: Duplicates::LastWins,
    refuse_negative_zero: true,
    json: codes::STATUS_JSON,
    encoding: codes::STATUS_ENCODING,
    size: codes::STATUS_SIZE,
    depth: codes::STATUS_DEPTH,
    duplicate_key: codes::STATUS_DUPLICATE_KEY,
};

/// Most sub-statuses that are kept: a file of 1 MiB can have tens of thousands, each many times as long in a report.
const MAX_SUBSTATUS: usize = 1000;

/// Something required is missing or has the wrong type; noted already.
struct Malformed;

impl StatusDocument {
    /// Reads a status file.
    ///
    /// A status word that is none of the four counts as `error`, with a warning, and the rest is used. A file of more
    /// than 131072 characters is cut as the contract says (5.3), with a warning.
    ///
    /// # Errors
    /// What is not JSON or out of bounds, and what contract 5.2 calls malformed: no `status`, no `status.status`, a
    /// bad sub-status, a `formattedMessage` without `lang` or `message`, a message that is no string.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let mut notes = Notes::new(source.file, warnings);
        let path = JsonPath::root();
        let first = match root.as_array() {
            Some([]) => None,
            Some([first, ..]) => Some(first),
            None if root.is_null() => None,
            None => {
                let what = format!("the status is {}", root.kind());
                return Err(notes.give_up(codes::STATUS_SCHEMA, &path, what, "write an array of one object"));
            }
        };
        let Some(first) = first else {
            return Ok(Checked {
                value: Self::Nothing,
                warnings: notes.finish()?,
            });
        };
        let Ok(mut status) = document(first, &path.index(0), &mut notes) else {
            // What is malformed was noted as a refusal, so this cannot be `Ok`; if it were, there is nothing to say.
            return notes.finish().map(|warnings| Checked {
                value: Self::Nothing,
                warnings,
            });
        };
        let characters = std::str::from_utf8(source.bytes).map_or(0, |text| text.chars().count());
        if let Some(what) = truncate(&mut status, characters) {
            let hint = "write at most 131072 characters";
            notes.warn(codes::STATUS_TRUNCATED, &path, what, hint);
        }
        let parts = status.substatus.len();
        if parts > MAX_SUBSTATUS {
            status.substatus.truncate(MAX_SUBSTATUS);
            let what = format!("it has {parts} parts, and the first {MAX_SUBSTATUS} were kept");
            notes.warn(codes::STATUS_TRUNCATED, &path, what, "write fewer");
        }
        Ok(Checked {
            value: Self::Status(Box::new(status)),
            warnings: notes.finish()?,
        })
    }
}

fn document(first: &Node, path: &JsonPath, notes: &mut Notes<'_>) -> Result<ExtensionStatus, Malformed> {
    let top = object(Some(first), path, notes)?;
    let path = path.key("status");
    let status = object(top.get("status"), &path, notes)?;
    Ok(ExtensionStatus {
        kind: kind(status, &path, notes)?,
        operation: any(status, "operation", Node::null),
        code: any(status, "code", || Node::integer(0)),
        message: message(status, &path, notes)?,
        substatus: substatus(status, &path, notes)?,
        configuration_applied_time: any(status, "configurationAppliedTime", Node::null),
    })
}

/// `status.status`: required, but any value is taken.
fn kind(status: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> Result<StatusKind, Malformed> {
    let path = at.key("status");
    let Some(node) = status.get("status") else {
        notes.refuse(codes::STATUS_SCHEMA, &path, "there is no status word", WORDS);
        return Err(Malformed);
    };
    Ok(node.as_str().and_then(StatusKind::parse).unwrap_or_else(|| {
        let what = format!("the status word is {}, which counts as `error`", node.quoted());
        notes.warn(codes::STATUS_VALUE, &path, what, WORDS);
        StatusKind::Error
    }))
}

const WORDS: &str = "write `transitioning`, `warning`, `error` or `success` in lower case";

/// `formattedMessage`: absent, null, or an object with both of its keys.
fn message(object_: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> Result<Option<String>, Malformed> {
    let Some(node) = object_.get("formattedMessage").filter(|node| !node.is_null()) else {
        return Ok(None);
    };
    let path = at.key("formattedMessage");
    let formatted = object(Some(node), &path, notes)?;
    for key in ["lang", "message"] {
        if formatted.get(key).is_none() {
            let what = format!("there is no `{key}`");
            notes.refuse(
                codes::STATUS_SCHEMA,
                &path.key(key),
                what,
                "write both `lang` and `message`, in lower case",
            );
            return Err(Malformed);
        }
    }
    match formatted.get("message") {
        Some(node) if !node.is_null() => match node.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => {
                let what = format!("the message is {}", node.kind());
                notes.refuse(
                    codes::STATUS_SCHEMA,
                    &path.key("message"),
                    what,
                    "write a string, or null",
                );
                Err(Malformed)
            }
        },
        _ => Ok(None),
    }
}

/// `substatus`: absent, null, or an array of objects and nulls.
fn substatus(status: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> Result<Vec<Substatus>, Malformed> {
    let Some(node) = status.get("substatus").filter(|node| !node.is_null()) else {
        return Ok(Vec::new());
    };
    let path = at.key("substatus");
    let Some(items) = node.as_array() else {
        notes.refuse(
            codes::STATUS_SCHEMA,
            &path,
            format!("`substatus` is {}", node.kind()),
            "write an array",
        );
        return Err(Malformed);
    };
    items
        .iter()
        .enumerate()
        .filter(|(_, item)| !item.is_null())
        .map(|(index, item)| one_substatus(item, &path.index(index), notes))
        .collect()
}

/// One part; its word must be one of the four, unlike that of the whole (contract 5.1).
fn one_substatus(item: &Node, path: &JsonPath, notes: &mut Notes<'_>) -> Result<Substatus, Malformed> {
    let part = object(Some(item), path, notes)?;
    let word_path = path.key("status");
    let Some(node) = part.get("status") else {
        notes.refuse(codes::STATUS_SCHEMA, &word_path, "there is no status word", WORDS);
        return Err(Malformed);
    };
    let Some(kind) = node.as_str().and_then(StatusKind::parse) else {
        notes.refuse(
            codes::STATUS_VALUE,
            &word_path,
            format!("the status word is {}", node.quoted()),
            WORDS,
        );
        return Err(Malformed);
    };
    Ok(Substatus {
        name: any(part, "name", Node::null),
        kind,
        code: any(part, "code", || Node::integer(0)),
        message: message(part, path, notes)?,
    })
}

fn any(object: &Object, key: &str, default: impl FnOnce() -> Node) -> Node {
    object.get(key).cloned().unwrap_or_else(default)
}

fn object<'n>(node: Option<&'n Node>, path: &JsonPath, notes: &mut Notes<'_>) -> Result<&'n Object, Malformed> {
    let found = node.and_then(Node::as_object);
    if found.is_none() {
        let what = node.map_or_else(|| "it is missing".to_owned(), |node| format!("it is {}", node.kind()));
        notes.refuse(codes::STATUS_SCHEMA, path, what, "write an object");
    }
    found.ok_or(Malformed)
}
