//! What a case expects of a command, judged by what was seen of it. Nothing here does anything.

use hostler_contract::heartbeat::HeartbeatState;
use hostler_contract::{StatusDocument, StatusKind};
use serde::Deserialize;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::Seen;
use super::seen::{Ended, FileSeen};

/// Most characters of a status file that an agent does not cut (contract 5.3).
const MAX_STATUS_CHARACTERS: usize = 131_072;

/// How far a time in a status may lie outside of the run: it is told in whole seconds, and rounded.
const TIME_TOLERANCE: Duration = Duration::seconds(2);

/// One thing that has to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// Exit code 0, within the time limit.
    EndsWell,
    /// Any exit code, and no trap, no signal, no limit.
    EndsItself,
    /// Either an exit code other than 0, or a status `error`.
    SaysFailure,
    /// Exit code 0 only with a status that can be read, another one only without a status `success`.
    Honest,
    /// There is a status file of the settings' number.
    StatusThere,
    /// It can be read, and nothing in it is odd.
    StatusSchema,
    /// It is absent, or can be read: never half of one.
    StatusWhole,
    /// It says `success` or `warning`; where a service goes on, `transitioning` too.
    StatusGood,
    /// It is no larger than what an agent takes whole.
    StatusSize,
    /// Its time is in UTC, and lies within the run of the command.
    StatusTime,
    /// There is a heartbeat that can be read, and says `ready` or `notready`.
    Heartbeat,
    /// The file that the kit put into the data folder is there.
    MarkKept,
    /// What was in the data folder before the steps that change the version is still there.
    DataKept,
}

/// What a case remembers between its steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    /// Whether the handler has a service, which goes on after enable.
    pub(super) has_service: bool,
    /// Names of the files in the data folder when the mark was put there.
    pub(super) data: std::collections::BTreeSet<String>,
}

/// The file that the kit puts into the data folder.
pub(super) const MARK: &str = "hostler-test-mark";

impl Expectation {
    /// What was seen instead, in words; nothing where it was as expected.
    pub(super) fn judge(self, seen: &Seen, before: &Before) -> Option<String> {
        match self {
            Self::EndsWell if seen.ended == Ended::Exit(0) => None,
            Self::EndsItself if matches!(seen.ended, Ended::Exit(_)) => None,
            Self::EndsWell | Self::EndsItself => Some(with_stderr(seen)),
            Self::SaysFailure => says_failure(seen),
            Self::Honest => honest(seen),
            Self::StatusThere => match &seen.status {
                FileSeen::Bytes(_) => None,
                _ => seen.status().err(),
            },
            Self::StatusSchema => match seen.status() {
                Ok(StatusDocument::Nothing) => Some("it says nothing".to_owned()),
                Ok(StatusDocument::Status(_)) => None,
                Err(what) => Some(what),
            },
            Self::StatusWhole => match &seen.status {
                FileSeen::Missing | FileSeen::Other(_) => None,
                FileSeen::Bytes(_) => seen.status().err(),
            },
            Self::StatusGood => status_good(seen, before.has_service),
            Self::StatusSize => status_size(seen),
            Self::StatusTime => status_time(seen),
            Self::Heartbeat => match seen.heartbeat() {
                Ok(heartbeat) => match heartbeat.state {
                    HeartbeatState::Unknown(word) => Some(format!("the heartbeat says `{word}`")),
                    HeartbeatState::Ready(_) | HeartbeatState::NotReady(_) => None,
                },
                Err(what) => Some(what),
            },
            Self::MarkKept if seen.data.contains(MARK) => None,
            Self::MarkKept => Some("a file that lay in the data folder is gone".to_owned()),
            Self::DataKept => before
                .data
                .iter()
                .find(|name| !seen.data.contains(*name))
                .map(|gone| format!("{gone} is gone from the data folder")),
        }
    }
}

/// How it ended, with the first line of what it said about it.
fn with_stderr(seen: &Seen) -> String {
    match seen.stderr.as_str() {
        "" => seen.ended.words(),
        line => format!("{}; it said: {line}", seen.ended.words()),
    }
}

fn kind(seen: &Seen) -> Option<StatusKind> {
    Some(seen.status().ok()?.status()?.kind)
}

fn says_failure(seen: &Seen) -> Option<String> {
    match (&seen.ended, kind(seen)) {
        (Ended::Exit(0), Some(StatusKind::Error)) => None,
        (Ended::Exit(code), status) if *code != 0 && status != Some(StatusKind::Success) => None,
        (Ended::Exit(_), Some(status)) => Some(format!("{}, status `{status}`", seen.ended.words())),
        _ => Some(with_stderr(seen)),
    }
}

fn honest(seen: &Seen) -> Option<String> {
    match (&seen.ended, seen.status()) {
        (Ended::Exit(0), Ok(_)) => None,
        (Ended::Exit(0), Err(what)) => Some(format!("exit code 0, and {what}")),
        (Ended::Exit(code), Ok(document)) => {
            let success = document
                .status()
                .is_some_and(|status| status.kind == StatusKind::Success);
            success.then(|| format!("exit code {code}, and a status `success`"))
        }
        (Ended::Exit(_), Err(_)) => None,
        _ => Some(with_stderr(seen)),
    }
}

fn status_good(seen: &Seen, has_service: bool) -> Option<String> {
    let status = match seen.status() {
        Ok(StatusDocument::Status(status)) => status,
        Ok(StatusDocument::Nothing) => return Some("the status says nothing".to_owned()),
        Err(what) => return Some(what),
    };
    match status.kind {
        StatusKind::Success | StatusKind::Warning => None,
        StatusKind::Transitioning if has_service => None,
        kind => Some(match &status.message {
            Some(message) => format!("status `{kind}`: {message}"),
            None => format!("status `{kind}`"),
        }),
    }
}

fn status_size(seen: &Seen) -> Option<String> {
    let FileSeen::Bytes(bytes) = &seen.status else {
        return seen.status().err();
    };
    let characters = String::from_utf8_lossy(bytes).chars().count();
    (characters > MAX_STATUS_CHARACTERS).then(|| format!("it has {characters} characters"))
}

fn status_time(seen: &Seen) -> Option<String> {
    let FileSeen::Bytes(bytes) = &seen.status else {
        return seen.status().err();
    };
    let document: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let Some(text) = document[0]["timestampUTC"].as_str() else {
        return Some("there is no `timestampUTC`".to_owned());
    };
    let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) else {
        return Some(format!("`timestampUTC` is `{text}`, which is no time"));
    };
    if !time.offset().is_utc() {
        return Some(format!("`timestampUTC` is `{text}`, which is not UTC"));
    }
    let from = seen.started.checked_sub(TIME_TOLERANCE);
    let to = seen.finished.checked_add(TIME_TOLERANCE);
    let within = from.is_none_or(|from| time >= from) && to.is_none_or(|to| time <= to);
    let shown = |time: OffsetDateTime| hostler_contract::status::timestamp(time);
    (!within).then(|| {
        format!(
            "`timestampUTC` is `{text}`, and the command ran from {} to {}",
            shown(seen.started),
            shown(seen.finished)
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn seen(ended: Ended, status: &str) -> Seen {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        Seen {
            ended,
            duration: std::time::Duration::ZERO,
            started: now,
            finished: now + Duration::seconds(3),
            stderr: String::new(),
            status: match status {
                "" => FileSeen::Missing,
                text => FileSeen::Bytes(text.as_bytes().to_vec()),
            },
            heartbeat: FileSeen::Missing,
            data: BTreeSet::new(),
        }
    }

    fn status(word: &str) -> String {
        format!(r#"[{{"timestampUTC": "2027-01-15T08:00:01Z", "status": {{"status": "{word}"}}}}]"#)
    }

    #[test]
    fn how_it_ended_and_what_its_status_says_have_to_agree() {
        let table = [
            // exit code, status, honest, says failure
            (0, status("success"), true, false),
            (0, status("error"), true, true),
            (0, String::new(), false, false),
            (0, "[".to_owned(), false, false),
            (1, status("success"), false, false),
            (1, status("error"), true, true),
            (1, String::new(), true, true),
            (1, status("transitioning"), true, true),
        ];
        for (code, status, honest, failure) in table {
            let seen = seen(Ended::Exit(code), &status);
            let judged = |expectation: Expectation| expectation.judge(&seen, &Before::default()).is_none();
            assert_eq!(judged(Expectation::Honest), honest, "{code} {status}");
            assert_eq!(judged(Expectation::SaysFailure), failure, "{code} {status}");
        }
        for ended in [Ended::Fell("a trap".to_owned()), Ended::AtLimit("too long".to_owned())] {
            let seen = seen(ended, &status("error"));
            for expectation in [Expectation::Honest, Expectation::SaysFailure, Expectation::EndsItself] {
                assert!(expectation.judge(&seen, &Before::default()).is_some());
            }
        }
    }

    #[test]
    fn a_time_is_in_utc_and_within_the_run() {
        for (time, good) in [
            ("2027-01-15T08:00:00Z", true),
            ("2027-01-15T07:59:58Z", true),
            ("2027-01-15T08:00:05Z", true),
            ("2027-01-15T07:59:57Z", false),
            ("2027-01-15T08:00:06Z", false),
            ("2027-01-15T10:00:00+02:00", false),
            ("yesterday", false),
        ] {
            let text = status("success").replace("2027-01-15T08:00:01Z", time);
            let judged = Expectation::StatusTime.judge(&seen(Ended::Exit(0), &text), &Before::default());
            assert_eq!(judged.is_none(), good, "{time}: {judged:?}");
        }
        let without = Expectation::StatusTime.judge(&seen(Ended::Exit(0), "[{}]"), &Before::default());
        assert_eq!(without.as_deref(), Some("there is no `timestampUTC`"));
    }

    #[test]
    fn a_status_is_good_schema_and_size_by_what_it_holds() {
        let large = status("success").replace(
            "\"status\": \"success\"",
            &format!("\"status\": \"success\", \"x\": \"{}\"", "x".repeat(131_072)),
        );
        for (text, whole, schema, good, size) in [
            (status("success"), true, true, true, true),
            (status("warning"), true, true, true, true),
            (status("transitioning"), true, true, false, true),
            (status("error"), true, true, false, true),
            (status("done"), false, false, false, true),
            ("[]".to_owned(), true, false, false, true),
            ("".to_owned(), true, false, false, false),
            ("[{".to_owned(), false, false, false, true),
            (large, false, false, false, false),
        ] {
            let seen = seen(Ended::Exit(0), &text);
            let judged = |expectation: Expectation| expectation.judge(&seen, &Before::default()).is_none();
            let found = [
                Expectation::StatusWhole,
                Expectation::StatusSchema,
                Expectation::StatusGood,
                Expectation::StatusSize,
            ]
            .map(judged);
            let shown: String = text.chars().take(90).collect();
            assert_eq!(found, [whole, schema, good, size], "{shown}");
        }
        let has_service = Before {
            has_service: true,
            ..Before::default()
        };
        let going_on = seen(Ended::Exit(0), &status("transitioning"));
        assert_eq!(Expectation::StatusGood.judge(&going_on, &has_service), None);
    }
}
