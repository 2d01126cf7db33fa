//! What is reported of an extension after enable: the handler's status file, or why there is none to believe
//! (contract 5, design D10 and 6).

use std::io;

use hostler_contract::status::{BAD_STATUS_CODE, MAX_STATUS_BYTES};
use hostler_contract::{
    Code, Command, ExtensionStatus, Finding, Place, SettingsName, Source, StatusDocument, StatusKind, codes, json::Node,
};

use super::failure::{failure, failure_code};
use crate::guest_file::GuestFile;
use crate::handler_dir::HandlerDir;
use crate::lifecycle::Execution;
use crate::sandbox::End;

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
pub fn read_status(folders: &HandlerDir, name: &SettingsName) -> io::Result<(StatusRead, Vec<Finding>)> {
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
            Ok(checked) => (StatusRead::Document(checked.value), checked.warnings),
            Err(refusal) => (StatusRead::Refused(refusal.first().clone()), vec![]),
        },
    })
}

/// What is reported after the `enable` in `execution` left `read` as its status.
pub fn extension_status(execution: &Execution, read: &StatusRead) -> Option<ExtensionStatus> {
    decide(&execution.outcome.end, failure(execution).as_deref(), read)
}

/// What is reported after `enable` ended with `end` and left `read` as its status; `failure` says why, when it failed.
///
/// `None` stands for a document that has nothing to say (contract 5.1). An enable that failed is never reported as
/// anything but an error, whatever the handler wrote; the handler's words follow the host's.
fn decide(end: &End, failure: Option<&str>, read: &StatusRead) -> Option<ExtensionStatus> {
    if let Some(reason) = failure {
        return Some(of_failure(end, reason, read));
    }
    match read {
        StatusRead::Document(document) => match document.status() {
            Some(status) if status.kind == StatusKind::Transitioning => Some(ExtensionStatus {
                kind: StatusKind::Error,
                message: Some(with_handlers_words(
                    "The handler reported that it is still going on, but nothing of it runs any more",
                    status.message.as_deref(),
                )),
                code: Node::integer(BAD_STATUS_CODE.into()),
                ..status.clone()
            }),
            status => status.cloned(),
        },
        StatusRead::Missing => Some(hosts_error(
            BAD_STATUS_CODE,
            "The command ended without a status file for its sequence number".to_owned(),
        )),
        StatusRead::Refused(finding) => Some(hosts_error(BAD_STATUS_CODE, bad_status(finding))),
    }
}

/// Why the host reports a status in the handler's place after `enable` ended well; `None` when it does not.
pub fn host_reason(name: &SettingsName, read: &StatusRead) -> Option<Finding> {
    let file = format!("status/{}", name.status_file());
    let hint = "write `success`, `warning` or `error` before the command ends";
    let refusal = |code, what| Finding::refusal(code, &file, Place::Whole, what, hint);
    match read {
        StatusRead::Document(document) => document
            .status()
            .filter(|status| status.kind == StatusKind::Transitioning)
            .map(|_| {
                refusal(
                    codes::STATUS_UNFINISHED,
                    "it says `transitioning`, and nothing of the handler runs any more",
                )
            }),
        StatusRead::Missing => Some(refusal(
            codes::STATUS_MISSING,
            "enable ended and there is no status file",
        )),
        StatusRead::Refused(finding) => Some(finding.clone()),
    }
}

fn of_failure(end: &End, reason: &str, read: &StatusRead) -> ExtensionStatus {
    let code = failure_code(Command::Enable, end);
    let StatusRead::Document(document) = read else {
        return hosts_error(code, reason.to_owned());
    };
    match document.status() {
        // The handler says itself that it failed, and knows better why (scenario B4).
        Some(status) if status.kind == StatusKind::Error && matches!(end, End::Exited { .. }) => status.clone(),
        Some(status) => ExtensionStatus {
            kind: StatusKind::Error,
            code: Node::integer(code.into()),
            message: Some(with_handlers_words(reason, status.message.as_deref())),
            ..status.clone()
        },
        None => hosts_error(code, reason.to_owned()),
    }
}

fn hosts_error(code: i32, message: String) -> ExtensionStatus {
    ExtensionStatus::new(StatusKind::Error, Command::Enable.name(), code, message)
}

fn with_handlers_words(reason: &str, words: Option<&str>) -> String {
    match words {
        Some(words) => format!("{reason}. The handler's own last words: {words}"),
        None => reason.to_owned(),
    }
}

fn bad_status(finding: &Finding) -> String {
    format!("The status file cannot be used: {finding}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{LimitName, LimitReached, Limits};
    use crate::sandbox::TrapKind;

    fn read(kind: StatusKind) -> StatusRead {
        let status = ExtensionStatus::new(kind, "Enabling", 7, "from the handler");
        StatusRead::Document(StatusDocument::Status(Box::new(status)))
    }

    /// STA-19, GST-22 and design D10: end × file → what is reported.
    #[test]
    fn a_failure_is_never_reported_as_anything_else() {
        let exited = |code| End::Exited { code, message: None };
        let trapped = End::Trapped {
            trap: TrapKind::Unreachable,
            message: String::new(),
        };
        let timed_out = End::TimedOut(LimitReached::new(LimitName::Deadline, &Limits::default()));
        let stopped = End::Stopped(LimitReached::new(LimitName::Cpu, &Limits::default()));
        let refused = StatusRead::Refused(Finding::refusal(
            codes::STATUS_JSON,
            "status/0.status",
            Place::Whole,
            "no JSON",
            "JSON",
        ));
        let nothing = StatusRead::Document(StatusDocument::Nothing);
        let missing = StatusRead::Missing;
        let (success, warning, error, transitioning) = (
            read(StatusKind::Success),
            read(StatusKind::Warning),
            read(StatusKind::Error),
            read(StatusKind::Transitioning),
        );
        type Reported = Option<(StatusKind, i64, &'static str)>;
        let cases: [(&End, &StatusRead, Reported); 18] = [
            (&exited(0), &success, Some((StatusKind::Success, 7, "from the handler"))),
            (&exited(0), &warning, Some((StatusKind::Warning, 7, "from the handler"))),
            (&exited(0), &error, Some((StatusKind::Error, 7, "from the handler"))),
            (
                &exited(0),
                &transitioning,
                Some((StatusKind::Error, 1012, "still going on")),
            ),
            (
                &exited(0),
                &missing,
                Some((StatusKind::Error, 1012, "without a status file")),
            ),
            (&exited(0), &refused, Some((StatusKind::Error, 1012, "no JSON"))),
            (&exited(0), &nothing, None),
            (
                &exited(3),
                &success,
                Some((
                    StatusKind::Error,
                    1009,
                    "the reason. The handler's own last words: from",
                )),
            ),
            (&exited(3), &error, Some((StatusKind::Error, 7, "from the handler"))),
            (
                &exited(3),
                &transitioning,
                Some((StatusKind::Error, 1009, "the reason")),
            ),
            (&exited(3), &missing, Some((StatusKind::Error, 1009, "the reason"))),
            (&exited(3), &refused, Some((StatusKind::Error, 1009, "the reason"))),
            (&exited(3), &nothing, Some((StatusKind::Error, 1009, "the reason"))),
            (&trapped, &success, Some((StatusKind::Error, 1009, "the reason"))),
            (&trapped, &error, Some((StatusKind::Error, 1009, "the reason"))),
            (&timed_out, &success, Some((StatusKind::Error, 1011, "the reason"))),
            (&timed_out, &missing, Some((StatusKind::Error, 1011, "the reason"))),
            (&stopped, &success, Some((StatusKind::Error, 1009, "the reason"))),
        ];
        for (end, read, expected) in cases {
            let failure = (!end.is_success()).then_some("the reason");
            let status = decide(end, failure, read);
            let found = status.as_ref().map(|status| {
                (
                    status.kind,
                    status.code.as_i64().unwrap(),
                    status.message.as_deref().unwrap(),
                )
            });
            match (expected, found) {
                (None, None) => {}
                (Some((kind, code, words)), Some(found)) => {
                    assert_eq!((kind, code), (found.0, found.1), "{end:?} {read:?}");
                    assert!(found.2.contains(words), "{end:?} {read:?}: {}", found.2);
                }
                (expected, found) => panic!("{end:?} {read:?}: {expected:?} {found:?}"),
            }
        }
    }
}
