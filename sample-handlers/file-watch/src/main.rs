//! Watches files for as long as it is enabled: which changed, how, when and how often.
//!
//! Enable says what it finds. The service looks again every few seconds and rewrites the status, with a part for each
//! file; it says by the heartbeat that it is alive. What it has seen is kept, so that a change is noticed that happened
//! while it did not run. It only reads.
//!
//! The package asks for the folder `/srv/watched`. A file elsewhere is missing for the component; the native program
//! sees what its user sees.

mod history;
mod look;
mod settings;

use std::{
    io,
    path::Path,
    time::{Duration, SystemTime},
};

use hostler_sdk::{
    Context, Failure, Handler, Heartbeat, Level, Service, StatusKind, Substatus, Success, Wait, export, utc,
};

use crate::{
    history::Histories,
    look::{Seen, look},
    settings::Settings,
};

/// Where the service keeps what it has seen.
const STATE: &str = "watched.json";

/// Longest time between two heartbeats; the agent takes one that is older than 600 s for none (contract 6).
const HEARTBEAT_EVERY: Duration = Duration::from_secs(300);

/// Watches.
#[derive(Default)]
struct FileWatch;

impl Handler for FileWatch {
    type Settings = Settings;

    fn enable(&self, context: &mut Context, settings: Settings) -> Result<Success, Failure> {
        let mut readable = 0;
        for path in &settings.files {
            let found = look(Path::new(path));
            readable += usize::from(matches!(found, Ok(Seen::Whole { .. } | Seen::Large { .. })));
            context.substatus(part(path, &found, ""));
        }
        let files = settings.files.len();
        Ok(Success::new(format!("files to watch: {files}, readable: {readable}")))
    }

    fn service(&self, service: &mut Service<'_>, settings: Settings) -> Result<(), Failure> {
        let mut histories = Histories::read(service)?;
        histories.keep_only(&settings.files);
        while let Some(message) = turn(service, &settings, &mut histories)? {
            if rest(service, settings.every, &message)? == Wait::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// One look at every file, told in the status; what the heartbeat says of it. `None` if the service is to stop.
fn turn(service: &mut Service<'_>, settings: &Settings, histories: &mut Histories) -> Result<Option<String>, Failure> {
    let mut changed = Vec::new();
    let mut readable = 0;
    for path in &settings.files {
        // Digests of large files take their time, and the word to stop leaves only seconds.
        if service.is_stopping() {
            return Ok(None);
        }
        let found = look(Path::new(path));
        let history = histories.of(path);
        if let Ok(seen) = &found {
            readable += usize::from(*seen != Seen::Missing);
            if let Some(what) = history.add(seen, utc(SystemTime::now())) {
                service.info(&format!("{path}: {what}"));
                changed.push(path.as_str());
            }
        }
        service.substatus(part(path, &found, &history.to_string()));
    }
    if histories.are_new() {
        histories.keep(service)?;
    }
    let (files, changes) = (settings.files.len(), histories.changes());
    let message = format!("files watched: {files}, readable: {readable}, changes seen: {changes}");
    service.status(StatusKind::Success, &message)?;
    if !changed.is_empty() {
        let event = format!("changed: {}", changed.join(", "));
        // Where nobody collects events there is no more room for them at some point; the watch goes on.
        if let Err(failure) = service.event(Level::Informational, "watch", &event) {
            service.warning(failure.message());
        }
    }
    Ok(Some(message))
}

/// Waits for the next look, with a heartbeat now and as often as it takes.
fn rest(service: &mut Service<'_>, time: Duration, message: &str) -> Result<Wait, Failure> {
    let mut left = time;
    loop {
        service.heartbeat(Heartbeat::Ready, message)?;
        let piece = left.min(HEARTBEAT_EVERY);
        left -= piece;
        if service.wait(piece) == Wait::Stop {
            return Ok(Wait::Stop);
        }
        if left.is_zero() {
            return Ok(Wait::Elapsed);
        }
    }
}

/// What the status says of one file. That it is not there, or cannot be read, is worth a warning and no failure: to say
/// so is what the handler is for.
fn part(path: &str, found: &io::Result<Seen>, history: &str) -> Substatus {
    let (kind, what) = match found {
        Ok(Seen::Missing) => (StatusKind::Warning, Seen::Missing.to_string()),
        Ok(seen) => (StatusKind::Success, seen.to_string()),
        Err(error) => (StatusKind::Warning, format!("cannot be read: {error}")),
    };
    Substatus::new(path, kind, format!("{what}{history}"))
}

export!(FileWatch);

#[cfg(test)]
mod tests;
