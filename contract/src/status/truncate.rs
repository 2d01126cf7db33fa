//! Cutting a status that is too long, by the agent's rule (contract 5.3).

use std::mem;

use super::ExtensionStatus;
use crate::json::{Node, Value};

/// Characters up to which a status file is taken as it is, and which the texts of a cut one may have together.
const MAX_CHARACTERS: usize = 131_072;
/// Characters kept of the message.
const MESSAGE: usize = 1024;
/// Characters kept of a part's name, and of its message.
const SUBSTATUS: usize = 10_240;
/// What is appended to a text that was cut.
const SUFFIX: &str = " ... [TRUNCATED]";

/// Cuts `status` if its file has more than 131072 characters, and says so.
///
/// Texts count with the suffix. The first part that does not fit goes, and so do all that follow it, also shorter ones.
pub(super) fn truncate(status: &mut ExtensionStatus, file_characters: usize) -> Option<String> {
    if file_characters <= MAX_CHARACTERS {
        return None;
    }
    let mut total = status.message.as_mut().map_or(0, |text| cut(text, MESSAGE));
    let parts = status.substatus.len();
    status.substatus = mem::take(&mut status.substatus)
        .into_iter()
        .map_while(|mut part| {
            if let Value::String(name) = part.name.value() {
                let mut name = name.clone();
                total += cut(&mut name, SUBSTATUS);
                part.name = Node::string(name);
            }
            total += part.message.as_mut().map_or(0, |text| cut(text, SUBSTATUS));
            (total <= MAX_CHARACTERS).then_some(part)
        })
        .collect();
    let kept = status.substatus.len();
    Some(format!(
        "it has {file_characters} characters, so long texts were cut and {kept} of {parts} parts kept"
    ))
}

/// Cuts a text of `limit` characters or more, and gives its length afterwards in characters.
fn cut(text: &mut String, limit: usize) -> usize {
    let length = text.chars().count();
    if length < limit {
        return length;
    }
    if let Some((end, _)) = text.char_indices().nth(limit) {
        text.truncate(end);
    }
    text.push_str(SUFFIX);
    limit + SUFFIX.len()
}
