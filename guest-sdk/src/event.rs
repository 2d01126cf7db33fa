//! Events: short notes that the agent collects from a folder and sends on as telemetry (contract 9.5).
//!
//! The agent takes whatever lies in the folder every five minutes and deletes it, so an event is written under a
//! name that it does not take and renamed when it is whole.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{clock, files, log::Level};

/// Longest message in characters; the agent cuts longer ones here (contract 9.5).
const LONGEST_MESSAGE: usize = 3072;

/// Writes the events of one command.
#[derive(Debug)]
pub(crate) struct Events {
    folder: PathBuf,
    version: String,
    operation: String,
    last: u128,
}

/// The keys that the agent requires, all of them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    version: &'a str,
    timestamp: String,
    task_name: &'a str,
    event_level: String,
    message: &'a str,
    event_pid: String,
    event_tid: &'a str,
    operation_id: &'a str,
}

impl Events {
    /// Events into `folder` from a handler of this version; `operation` groups those of one command.
    pub(crate) fn new(folder: &Path, version: &str, operation: String) -> Self {
        Self {
            folder: folder.to_owned(),
            version: version.to_owned(),
            operation,
            last: 0,
        }
    }

    /// Writes one event.
    ///
    /// # Errors
    ///
    /// The message is blank, which the agent would drop, or the file cannot be written.
    pub(crate) fn write(&mut self, level: Level, task: &str, message: &str) -> io::Result<()> {
        let message = message.trim();
        if message.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "an event needs a message"));
        }
        let end = message
            .char_indices()
            .nth(LONGEST_MESSAGE)
            .map_or(message.len(), |(end, _)| end);
        let event = Event {
            version: &self.version,
            timestamp: clock::timestamp(),
            task_name: task,
            event_level: level.to_string(),
            message: message.get(..end).unwrap_or_default(),
            event_pid: process(),
            event_tid: "1",
            operation_id: &self.operation,
        };
        let json = serde_json::to_vec(&event)?;
        // Names are the time in nanoseconds, and never the same twice even if the clock stands still.
        self.last = clock::since_epoch().as_nanos().max(self.last + 1);
        let temporary = self.folder.join(format!("{}.tmp", self.last));
        files::write(&temporary, &json)?;
        files::rename(&temporary, &self.folder.join(format!("{}.json", self.last)))
    }
}

/// The number of this process; a component has none and says 1.
fn process() -> String {
    if cfg!(target_family = "wasm") {
        "1".to_owned()
    } else {
        std::process::id().to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Events;
    use crate::log::Level;

    #[test]
    fn events_have_every_key_and_a_name_of_digits() {
        let folder = tempfile::tempdir().unwrap();
        let mut events = Events::new(folder.path(), "1.2.3", "enable-5".to_owned());
        events.write(Level::Warning, "listen", " late ").unwrap();
        events.write(Level::Warning, "listen", &"ü".repeat(5000)).unwrap();
        let mut files: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert_eq!(files.len(), 2);
        for file in &files {
            let name = file.file_name().unwrap().to_str().unwrap();
            let digits = name.strip_suffix(".json").unwrap();
            assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
        }
        let first: Value = serde_json::from_slice(&std::fs::read(&files[0]).unwrap()).unwrap();
        let keys: Vec<_> = first.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "EventLevel",
                "EventPid",
                "EventTid",
                "Message",
                "OperationId",
                "TaskName",
                "Timestamp",
                "Version"
            ]
        );
        assert_eq!(first["Message"], "late");
        let second: Value = serde_json::from_slice(&std::fs::read(&files[1]).unwrap()).unwrap();
        assert_eq!(second["Message"].as_str().unwrap().chars().count(), 3072);
    }

    #[test]
    fn a_blank_message_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut events = Events::new(folder.path(), "1", String::new());
        assert!(events.write(Level::Error, "t", " \n").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
