//! The handler's status file: read as far as it can be believed (contract 5).

use std::io;

use hostler_contract::json::Node;
use hostler_contract::status::MAX_STATUS_BYTES;
use hostler_contract::{
    Checked, Code, Finding, Place, Refused, SettingsName, Source, StatusDocument, codes, redact_sas,
};

use crate::guest_file::GuestFile;
use crate::handler_dir::StatusFolders;
use crate::secrets::KnownValues;

/// What was found in the place of a status file.
#[derive(Debug, Clone, PartialEq)]
pub enum StatusRead {
    /// A status file that can be used; what is odd about it stands in the findings.
    Document(StatusDocument),
    /// No file.
    Missing,
    /// A file that is not believed, and why.
    Refused(Finding),
}

/// Reads the status that the handler wrote for `name`, with what is odd about it.
///
/// # Errors
///
/// What the system says beyond what the file explains.
pub fn read_status(folders: &StatusFolders, name: &SettingsName) -> io::Result<(StatusRead, Vec<Finding>)> {
    let file = format!("status/{}", name.status_file());
    let refused = |code: Code, what: String, hint: &str| {
        (
            StatusRead::Refused(Finding::refusal(code, &file, Place::Whole, what, hint)),
            vec![],
        )
    };
    Ok(match folders.read_status(name, MAX_STATUS_BYTES as u64)? {
        GuestFile::Missing => (StatusRead::Missing, vec![]),
        GuestFile::TooLarge => refused(
            codes::STATUS_SIZE,
            format!("the status file is larger than {MAX_STATUS_BYTES} bytes and was not read"),
            "write at most 128 Ki characters",
        ),
        GuestFile::NotAFile(kind) => refused(
            codes::STATUS_FILE_TYPE,
            format!("it is {kind}"),
            "write a regular file, aside, and rename it into place",
        ),
        GuestFile::Unstable => refused(
            codes::STATUS_UNSTABLE,
            "it kept changing while it was read".to_owned(),
            "write the file aside and rename it into place",
        ),
        GuestFile::Whole(bytes) => match parse(&file, bytes, folders.known_values()) {
            Ok(checked) => (StatusRead::Document(redacted(checked.value)), checked.warnings),
            Err(refusal) => (StatusRead::Refused(refusal.first().clone()), vec![]),
        },
    })
}

/// The document in `bytes`, without what is known of protected settings: findings quote it too.
fn parse(file: &str, bytes: Vec<u8>, known: &KnownValues) -> Result<Checked<StatusDocument>, Refused> {
    if known.is_empty() {
        return StatusDocument::parse(Source::new(file, &bytes));
    }
    let without = known.bytes(bytes.clone());
    StatusDocument::parse(Source::new(file, &without)).or_else(|refused| {
        // A value that is also a word of the document's own must not make it unreadable.
        match StatusDocument::parse(Source::new(file, &bytes)) {
            Ok(mut checked) => {
                change_words(&mut checked.value, |text| known.text(text));
                change_messages(&mut checked.value, |text| known.text(text));
                // They may quote it.
                checked.warnings.clear();
                Ok(checked)
            }
            Err(_) => Err(refused),
        }
    })
}

/// The document without access tokens in what is for people (contract 7.6).
fn redacted(mut document: StatusDocument) -> StatusDocument {
    change_messages(&mut document, |text| redact_sas(text).into_owned());
    document
}

/// Changes what is for people.
fn change_messages(document: &mut StatusDocument, change: impl Fn(&str) -> String) {
    if let StatusDocument::Status(status) = document {
        let messages = status.substatus.iter_mut().map(|part| &mut part.message);
        for message in messages.chain([&mut status.message]).flatten() {
            *message = change(message);
        }
    }
}

/// Changes what else of the handler's own is text.
fn change_words(document: &mut StatusDocument, change: impl Fn(&str) -> String) {
    if let StatusDocument::Status(status) = document {
        let parts = status
            .substatus
            .iter_mut()
            .flat_map(|part| [&mut part.name, &mut part.code]);
        let own = [
            &mut status.operation,
            &mut status.code,
            &mut status.configuration_applied_time,
        ];
        for word in parts.chain(own) {
            if let Some(text) = word.as_str() {
                *word = Node::string(change(text));
            }
        }
    }
}
