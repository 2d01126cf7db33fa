//! The thread that reports: from the store, which it reads beside whoever writes it, and from what handlers write. So a
//! report is as late as a command takes only where it is that command which is reported.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::published::{Published, Reported};
use super::upload::Uploader;
use crate::report::{Observed, RootReport};
use crate::root::Root;
use crate::services::Services;
use crate::state::{StateError, Store};

/// Writes a report where it belongs; gives it as text, or says why it was not written everywhere.
pub type WriteReport = Box<dyn FnMut(&RootReport) -> (String, Result<(), String>) + Send>;

/// The thread, as others see it.
#[derive(Debug)]
pub struct Reporter {
    turns: SyncSender<()>,
    ended: Receiver<()>,
}

impl Reporter {
    /// Starts it: a report of `root` at each turn, and a last one at the end.
    ///
    /// # Errors
    ///
    /// What the system says of the thread.
    pub fn start(
        root: Arc<Root>,
        services: Services,
        published: Published,
        mut write: WriteReport,
        uploader: Option<Uploader>,
    ) -> io::Result<Self> {
        // One turn that waits is enough: the report is made when it comes.
        let (turns, waiting) = mpsc::sync_channel(1);
        let (end, ended) = mpsc::sync_channel(1);
        thread::Builder::new().name("report".into()).spawn(move || {
            let mut was_good = true;
            let (began, mut observed) = (Instant::now(), Observed::default());
            // How services and heartbeats are, which the store does not know.
            let mut add = |report: &mut RootReport| {
                observed.add(&mut report.entries, &services.report(), began.elapsed());
            };
            let mut report = || match turn(&root, &published, &mut add, &mut write, uploader.as_ref()) {
                Ok(()) => was_good = true,
                Err(error) => {
                    published.change(|now| now.reported.bad += 1);
                    // Once, not every period.
                    if std::mem::take(&mut was_good) {
                        tracing::warn!(error, "no report was written; it is tried again every period");
                    }
                }
            };
            while waiting.recv().is_ok() {
                report();
            }
            report();
            if let Some(uploader) = uploader {
                uploader.finish();
            }
            // Nobody waits for it where the agent has left.
            let _ = end.send(());
        })?;
        Ok(Self { turns, ended })
    }

    pub(super) fn turn(&self) {
        // One is waiting already.
        let _ = self.turns.try_send(());
    }

    /// The last report, for which `time` is waited at most.
    pub(super) fn finish(self, time: Duration) {
        drop(self.turns);
        if self.ended.recv_timeout(time).is_err() {
            tracing::warn!("the last report was not written, or not put where it goes, in time");
        }
    }
}

fn turn(
    root: &Root,
    published: &Published,
    add: &mut dyn FnMut(&mut RootReport),
    write: &mut WriteReport,
    uploader: Option<&Uploader>,
) -> Result<(), String> {
    let read = || -> Result<RootReport, StateError> {
        let mut store = Store::look(root)?;
        RootReport::read(root, store.as_mut())
    };
    let mut report = read().map_err(|error| format!("{:#}", anyhow::Error::new(error)))?;
    add(&mut report);
    report.agent = Some(published.agent());
    let (document, written) = write(&report);
    if let Some(uploader) = uploader {
        uploader.put(document);
    }
    written?;
    published.change(|now| note(&mut now.reported, &report));
    Ok(())
}

fn note(reported: &mut Reported, report: &RootReport) {
    reported.good += 1;
    reported.last = OffsetDateTime::now_utc().unix_timestamp();
    reported.handlers.clear();
    for entry in &report.entries {
        let status = &entry.verdict.status;
        let word = match status {
            ready if ready.eq_ignore_ascii_case("ready") => "ready",
            not if not.eq_ignore_ascii_case("notready") => "not-ready",
            _ => "other",
        };
        *reported.handlers.entry(word).or_default() += 1;
    }
    let not_well = report.entries.iter().filter(|entry| entry.failed().is_some());
    reported.not_well = not_well.count() as u64;
}
