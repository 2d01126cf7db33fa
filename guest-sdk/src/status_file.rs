//! The status file of one command, and the parts reported so far.
//!
//! Kept apart from the context because a panic needs it when there is no context any more: whatever happens to a
//! handler, its last word in the file is a final one.

use std::{
    io,
    path::{Path, PathBuf},
};

use hostler_contract::{ExtensionName, SequenceNumber};

use crate::{
    Failure, Status, StatusKind, Substatus, clock,
    files::{self, write_whole},
    status::{self, Message, Success},
};

/// Room that the parts of a document may take, in bytes of their names and messages.
///
/// The agent cuts a document beyond 131,072 characters (contract 5.3). Staying below, what is missing can be said.
const ROOM: usize = 100_000;

/// Longest message of the whole, in bytes. The rest of a longer one is in the log.
const LONGEST_MESSAGE: usize = 10_240;

/// Writes the status of one command, or of a service.
#[derive(Debug, Clone)]
pub(crate) struct StatusFile {
    path: PathBuf,
    name: String,
    operation: &'static str,
    /// When the settings were carried out, where that was before this success.
    applied: Option<String>,
    substatus: Vec<Substatus>,
}

impl StatusFile {
    /// The file in `folder` for these settings.
    pub(crate) fn new(
        folder: &Path,
        extension: Option<&ExtensionName>,
        number: SequenceNumber,
        operation: &'static str,
    ) -> Self {
        let (file, name) = match extension {
            Some(extension) => (format!("{extension}.{number}.status"), extension.to_string()),
            None => (format!("{number}.status"), operation.to_owned()),
        };
        Self {
            path: folder.join(file),
            name,
            operation,
            applied: None,
            substatus: Vec::new(),
        }
    }

    /// Keeps the time at which the file says that the settings were carried out, or else the present, for every
    /// success from now on: a service goes on with settings that `enable` has carried out.
    pub(crate) fn keep_applied_time(&mut self) {
        let earlier = files::read(&self.path)
            .ok()
            .and_then(|text| status::applied_time(&text));
        self.applied = Some(earlier.unwrap_or_else(clock::timestamp));
    }

    /// Adds a part, or replaces the one with its name.
    pub(crate) fn put(&mut self, part: Substatus) {
        match self.substatus.iter_mut().find(|earlier| earlier.name == part.name) {
            Some(earlier) => *earlier = part,
            None => self.substatus.push(part),
        }
    }

    /// Writes that it went well.
    pub(crate) fn success(&self, success: Success) -> io::Result<()> {
        self.write(StatusKind::Success, 0, &success.into_message())
    }

    /// Writes that it failed.
    pub(crate) fn error(&self, failure: &Failure) -> io::Result<()> {
        self.write(StatusKind::Error, failure.exit_code().into(), failure.message())
    }

    /// Writes how it stands, whole, with the parts so far.
    pub(crate) fn write(&self, kind: StatusKind, code: i32, message: &str) -> io::Result<()> {
        let timestamp = clock::timestamp();
        let applied = self.applied.as_ref().unwrap_or(&timestamp);
        let status = Status {
            name: self.name.clone(),
            operation: self.operation.to_owned(),
            configuration_applied_time: (kind == StatusKind::Success).then(|| applied.clone()),
            kind,
            code,
            message: Message::english(cut(message)),
            substatus: fitting(&self.substatus),
        };
        write_whole(&self.path, &status.to_json(timestamp)?)
    }
}

/// `message` up to its limit.
fn cut(message: &str) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message.to_owned();
    }
    let end = message.floor_char_boundary(LONGEST_MESSAGE);
    format!("{} ...", message.get(..end).unwrap_or_default())
}

/// As many of the parts as there is room for, and one more that says how many are missing and how the worst of them
/// stands.
fn fitting(parts: &[Substatus]) -> Vec<Substatus> {
    let mut room = ROOM;
    let fitting = parts
        .iter()
        .take_while(|part| {
            // Each part has keys around it, and characters may need escapes.
            let size = 150 + 2 * (part.name.len() + part.message.message.len());
            let fits = room.checked_sub(size);
            room = fits.unwrap_or_default();
            fits.is_some()
        })
        .count();
    let (shown, missing) = parts.split_at(fitting);
    let mut shown = shown.to_vec();
    if !missing.is_empty() {
        let worst = [StatusKind::Error, StatusKind::Warning, StatusKind::Transitioning]
            .into_iter()
            .find(|kind| missing.iter().any(|part| part.kind == *kind))
            .unwrap_or(StatusKind::Success);
        let message = format!("{} more do not fit in a status", missing.len());
        shown.push(Substatus::new("more", worst, message));
    }
    shown
}

#[cfg(test)]
mod tests {
    use hostler_contract::{ExtensionName, SequenceNumber};

    use super::{StatusFile, fitting};
    use crate::{Failure, Status, StatusKind, Substatus};

    fn number(number: u32) -> SequenceNumber {
        SequenceNumber::new(number).unwrap()
    }

    #[test]
    fn a_part_that_is_reported_again_takes_the_earlier_ones_place() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = StatusFile::new(
            folder.path(),
            Some(&ExtensionName::parse("web").unwrap()),
            number(3),
            "enable",
        );
        file.put(Substatus::new("a", StatusKind::Transitioning, "going on"));
        file.put(Substatus::new("b", StatusKind::Success, "done"));
        file.put(Substatus::new("a", StatusKind::Success, "done"));
        file.success("all done".into()).unwrap();
        let status = Status::from_json(&std::fs::read(folder.path().join("web.3.status")).unwrap()).unwrap();
        assert_eq!(status.name, "web");
        assert_eq!(
            status.substatus.iter().map(|part| &*part.name).collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert!(status.substatus.iter().all(|part| part.kind == StatusKind::Success));
        assert!(status.configuration_applied_time.is_some());
    }

    #[test]
    fn a_service_keeps_the_time_at_which_the_settings_were_carried_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("3.status");
        let applied = |file: &StatusFile| {
            file.success("watching".into()).unwrap();
            Status::from_json(&std::fs::read(&path).unwrap())
                .unwrap()
                .configuration_applied_time
        };
        let mut file = StatusFile::new(folder.path(), None, number(3), "service");
        let written = r#"[{"status": {"configurationAppliedTime": "2020-02-29T12:34:56Z"}}]"#;
        std::fs::write(&path, written).unwrap();
        file.keep_applied_time();
        assert_eq!(applied(&file).as_deref(), Some("2020-02-29T12:34:56Z"));
        for damaged in ["", "[]", r#"[{"status": {}}]"#] {
            std::fs::write(&path, damaged).unwrap();
            file.keep_applied_time();
            assert!(applied(&file) > Some("2020-02-29T12:34:56Z".to_owned()), "{damaged}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_counted_and_their_errors_kept() {
        let mut parts: Vec<_> = (0..1000)
            .map(|n| Substatus::new(format!("file {n}"), StatusKind::Success, "as described"))
            .collect();
        parts.push(Substatus::new("last", StatusKind::Error, "disk full"));
        let shown = fitting(&parts);
        let last = shown.last().unwrap();
        assert_eq!((&*last.name, last.kind), ("more", StatusKind::Error));
        assert_eq!(
            last.message.message,
            format!("{} more do not fit in a status", 1001 - (shown.len() - 1))
        );
        assert_eq!(fitting(&parts[..10]), parts[..10]);
    }

    #[test]
    fn the_largest_document_stays_below_what_the_agent_cuts() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = StatusFile::new(folder.path(), None, SequenceNumber::FIRST, "enable");
        for n in 0..2000 {
            file.put(Substatus::new(format!("{n}"), StatusKind::Success, "\"".repeat(40)));
        }
        file.error(&Failure::new("\u{1f600}".repeat(9000))).unwrap();
        let text = std::fs::read_to_string(folder.path().join("0.status")).unwrap();
        assert!(text.chars().count() < 131_072, "{}", text.len());
        assert_eq!(Status::from_json(text.as_bytes()).unwrap().code, 1);
    }
}
