//! What is reported of an extension after enable: the handler's status file, or why there is none to believe
//! (contract 5, design D10 and 6).

use hostler_contract::status::BAD_STATUS_CODE;
use hostler_contract::{
    Command, ExtensionStatus, Finding, HandlerIdentity, Place, SettingsName, StatusKind, codes, json::Node,
};
use serde::{Deserialize, Serialize};

use super::failure::{Reason, failure, failure_code};
use super::status_file::StatusRead;
use crate::lifecycle::Execution;
use crate::sandbox::End;

/// What is reported of an extension.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtensionVerdict {
    /// Its status; `None` for a document that has nothing to say (contract 5.1).
    pub status: Option<ExtensionStatus>,
    /// Why the host speaks in the handler's place after an enable that ended well.
    pub finding: Option<Finding>,
}

impl ExtensionVerdict {
    /// The handler's own words.
    fn own(status: Option<&ExtensionStatus>) -> Self {
        Self {
            status: status.cloned(),
            finding: None,
        }
    }

    /// The host's error, with code 1012.
    fn bad(status: Option<&ExtensionStatus>, said: String, finding: Finding) -> Self {
        Self {
            status: Some(error(BAD_STATUS_CODE, said, "", status)),
            finding: Some(finding),
        }
    }
}

/// How an enable ended, as far as its extension's status depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnableReport {
    /// The settings that it was for.
    pub settings: SettingsName,
    /// How it ended.
    pub end: End,
    /// Why it counts as failed, when it does.
    pub reason: Option<Reason>,
    /// Whether a service of it runs on, so that a status may still be `transitioning` (design D10).
    #[serde(default)]
    pub serves: bool,
}

impl EnableReport {
    /// What `execution`, an enable for `settings`, came to.
    pub fn of(execution: &Execution, settings: &SettingsName) -> Self {
        Self {
            settings: settings.clone(),
            end: execution.outcome.end.clone(),
            reason: failure(execution),
            serves: false,
        }
    }
}

/// What is reported after `enable` left `read` as the status of its settings.
///
/// An enable that failed is never reported as anything but an error, whatever the handler wrote.
pub fn extension_verdict(enable: &EnableReport, handler: &HandlerIdentity, read: &StatusRead) -> ExtensionVerdict {
    let EnableReport {
        settings: name,
        end,
        reason,
        serves,
    } = enable;
    let own = match read {
        StatusRead::Document(document) => document.status(),
        StatusRead::Missing | StatusRead::Refused(_) => None,
    };
    if let Some(reason) = reason {
        // The handler says itself that it failed, and knows better why (scenario B4).
        if own.is_some_and(|status| status.kind == StatusKind::Error) && matches!(end, End::Exited { .. }) {
            return ExtensionVerdict::own(own);
        }
        let code = failure_code(Command::Enable, end);
        let status = Some(error(code, reason.said.clone(), &reason.output, own));
        return ExtensionVerdict { status, finding: None };
    }
    let file = format!("status/{}", name.status_file());
    let refusal = |code, what: &str| {
        Finding::refusal(
            code,
            &file,
            Place::Whole,
            what,
            "write `success`, `warning` or `error` before the command ends",
        )
    };
    match read {
        StatusRead::Document(_) if !serves && own.is_some_and(|status| status.kind == StatusKind::Transitioning) => {
            let what = "it says `transitioning`, and nothing of the handler runs any more";
            let finding = refusal(codes::STATUS_UNFINISHED, what);
            ExtensionVerdict::bad(own, invalid(handler, &finding), finding)
        }
        StatusRead::Document(_) => ExtensionVerdict::own(own),
        StatusRead::Missing => {
            let said = format!(
                "This status is being reported by the Guest Agent since no status file was reported by extension {}: \
                 [ExtensionStatusError] Status file {file} does not exist, and enable has ended",
                handler.name
            );
            let finding = refusal(codes::STATUS_MISSING, "enable ended and there is no status file");
            ExtensionVerdict::bad(None, said, finding)
        }
        StatusRead::Refused(finding) => {
            let said = if [codes::STATUS_JSON, codes::STATUS_ENCODING].contains(&finding.code()) {
                format!(
                    "The status reported by the extension {handler}(Sequence number {}), was in an incorrect format and \
                     the agent could not parse it correctly. Failed due to {finding}",
                    name.number
                )
            } else {
                invalid(handler, finding)
            };
            ExtensionVerdict::bad(None, said, finding.clone())
        }
    }
}

/// The contract's words for a document that is JSON and no status (contract 5.2).
fn invalid(handler: &HandlerIdentity, finding: &Finding) -> String {
    format!(
        "Could not get a valid status from the extension {handler}. Encountered the following error: \
         [ExtensionStatusError] {finding}"
    )
}

/// The host's error in the place of the handler's own status: the host's reason, the handler's last words, and `output`.
/// What the handler said besides its word, code and message stays.
fn error(code: i32, said: String, output: &str, own: Option<&ExtensionStatus>) -> ExtensionStatus {
    let mut message = said;
    if let Some(words) = own.and_then(|status| status.message.as_deref()) {
        message.push_str("\nThe handler's own last words: ");
        message.push_str(words);
    }
    if !output.is_empty() {
        message.push('\n');
        message.push_str(output);
    }
    match own {
        Some(status) => ExtensionStatus {
            kind: StatusKind::Error,
            code: Node::integer(code.into()),
            message: Some(message),
            ..status.clone()
        },
        None => ExtensionStatus::new(StatusKind::Error, Command::Enable.name(), code, message),
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::{SequenceNumber, StatusDocument};

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
                Some((
                    StatusKind::Error,
                    1012,
                    "Could not get a valid status from the extension A.B-1.0.",
                )),
            ),
            (
                &exited(0),
                &missing,
                Some((
                    StatusKind::Error,
                    1012,
                    "since no status file was reported by extension A.B: [ExtensionStatusError]",
                )),
            ),
            (&exited(0), &refused, Some((StatusKind::Error, 1012, "no JSON"))),
            (&exited(0), &nothing, None),
            (
                &exited(3),
                &success,
                Some((
                    StatusKind::Error,
                    1009,
                    "the reason\nThe handler's own last words: from the handler\n[stdout]",
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
            let reason = Reason {
                said: "the reason".to_owned(),
                output: "[stdout]\n".to_owned(),
            };
            let reason = (!end.is_success()).then_some(&reason);
            let handler = HandlerIdentity::parse("A.B-1.0").unwrap();
            let name = SettingsName::single(SequenceNumber::FIRST);
            let enable = EnableReport {
                settings: name.clone(),
                end: end.clone(),
                reason: reason.cloned(),
                serves: false,
            };
            let ExtensionVerdict { status, finding } = extension_verdict(&enable, &handler, read);
            let host_speaks = status.as_ref().is_some_and(|status| status.code.as_i64() == Some(1012));
            assert_eq!(finding.is_some(), host_speaks, "{end:?} {read:?}");
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
