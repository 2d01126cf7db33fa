//! The handler's status file: read as far as it can be believed (contract 5).

use std::io;

use hostler_contract::status::MAX_STATUS_BYTES;
use hostler_contract::{Code, Finding, Place, SettingsName, Source, StatusDocument, codes, redact_sas};

use crate::guest_file::GuestFile;
use crate::handler_dir::StatusFolders;

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
        GuestFile::Whole(bytes) => match StatusDocument::parse(Source::new(&file, &bytes)) {
            Ok(checked) => (StatusRead::Document(redacted(checked.value)), checked.warnings),
            Err(refusal) => (StatusRead::Refused(refusal.first().clone()), vec![]),
        },
    })
}

/// The document without access tokens in what is for people (contract 7.6).
fn redacted(mut document: StatusDocument) -> StatusDocument {
    let hide = |text: &mut Option<String>| {
        if let Some(text) = text {
            *text = redact_sas(text).into_owned();
        }
    };
    if let StatusDocument::Status(status) = &mut document {
        hide(&mut status.message);
        for part in &mut status.substatus {
            hide(&mut part.message);
        }
    }
    document
}
