//! What is told of the work while it goes on: log, status, events and heartbeat, for commands and for a service.

use std::{io, path::PathBuf};

use hostler_contract::{ExtensionName, SequenceNumber};

use crate::{
    Failure, Folders, Heartbeat, Level,
    event::Events,
    exit_code, heartbeat,
    log::Log,
    status_file::StatusFile,
    variables::{Variables, name},
};

/// The four places in which a handler tells of its work.
#[derive(Debug)]
pub(crate) struct Reporting {
    pub(crate) status: StatusFile,
    log: Log,
    events: Option<Events>,
    heartbeat_file: Option<PathBuf>,
}

impl Reporting {
    /// Of what is called `operation`: the word of a command, or that of a service.
    pub(crate) fn new(
        operation: &'static str,
        number: SequenceNumber,
        extension: Option<&ExtensionName>,
        folders: &Folders,
        variables: &Variables,
    ) -> Self {
        let version = variables.get(name::EXTENSION_VERSION).unwrap_or("0.0.0.0");
        let events = folders
            .events()
            .map(|folder| Events::new(folder, version, format!("{operation}-{number}")));
        Self {
            status: StatusFile::new(folders.status(), extension, number, operation),
            log: Log::new(folders.log(), extension, operation, number),
            events,
            heartbeat_file: folders.heartbeat_file().map(PathBuf::from),
        }
    }

    pub(crate) fn log(&mut self, level: Level, message: &str) {
        self.log.line(level, message);
    }

    pub(crate) fn event(&mut self, level: Level, task: &str, message: &str) -> Result<(), Failure> {
        match &mut self.events {
            Some(events) => events
                .write(level, task, message)
                .map_err(|error| unwritable("an event", error)),
            None => {
                self.log.line(level, &format!("{task}: {message}"));
                Ok(())
            }
        }
    }

    pub(crate) fn heartbeat(&self, status: Heartbeat, message: &str) -> Result<(), Failure> {
        let file = self.heartbeat_file.as_deref().ok_or_else(|| {
            Failure::new("HandlerEnvironment.json names no heartbeat file").with_exit_code(exit_code::UNWRITABLE)
        })?;
        heartbeat::write(file, status, message).map_err(|error| unwritable("the heartbeat", error))
    }

    /// Tells a failure to the log and the status.
    pub(crate) fn failed(&mut self, failure: Failure) -> Failure {
        self.log(Level::Error, failure.message());
        match self.status.error(&failure) {
            Ok(()) => failure,
            // The host reports an error of its own where there is no status; this is the reason that it can show.
            Err(error) => failure.while_doing(format_args!("the status could not be written ({error}) to say this")),
        }
    }
}

pub(crate) fn unwritable(what: &str, error: io::Error) -> Failure {
    Failure::new(format!("{what} could not be written: {error}")).with_exit_code(exit_code::UNWRITABLE)
}
