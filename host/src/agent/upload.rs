//! The thread that puts reports at a URL: the latest one, whatever became of those before it.

use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use hostler_contract::status::timestamp;
use hostler_fetch::{FetchLimits, Fetcher, Location};
use time::OffsetDateTime;

use super::published::Published;

/// Longest time for one report. The next one waits for it, and nothing else does.
const BUDGET: Duration = Duration::from_secs(30);

type Slot = Arc<Mutex<Option<String>>>;

/// The thread, as the reporter sees it.
#[derive(Debug)]
pub struct Uploader {
    slot: Slot,
    wake: SyncSender<()>,
    ended: Receiver<()>,
}

impl Uploader {
    /// Starts it, for reports to `location`.
    ///
    /// # Errors
    ///
    /// What the system says of the thread.
    pub fn start(location: Location, fetcher: Arc<Fetcher>, published: Published) -> io::Result<Self> {
        let slot = Slot::default();
        let (wake, woken) = mpsc::sync_channel(1);
        let (end, ended) = mpsc::sync_channel(1);
        let documents = Arc::clone(&slot);
        thread::Builder::new().name("upload".into()).spawn(move || {
            let put = || {
                let document = documents.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(document) = document {
                    put(&location, &fetcher, document, &published);
                }
            };
            while woken.recv().is_ok() {
                put();
            }
            put();
            // Nobody waits for it where the agent has left.
            let _ = end.send(());
        })?;
        Ok(Self { slot, wake, ended })
    }

    /// Has `document` put next, in the place of one that still waits.
    pub(super) fn put(&self, document: String) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(document);
        // It is woken already, or will look once more at its end.
        let _ = self.wake.try_send(());
    }

    /// Waits for the last one, which is bounded itself.
    pub(super) fn finish(self) {
        drop(self.wake);
        let _ = self.ended.recv();
    }
}

fn put(location: &Location, fetcher: &Fetcher, document: String, published: &Published) {
    let limits = FetchLimits {
        budget: BUDGET,
        ..FetchLimits::of(0)
    };
    let put = fetcher.put(location, document.into_bytes(), limits);
    let time = timestamp(OffsetDateTime::now_utc());
    published.change(|now| {
        match &put {
            Ok(()) => now.reported.uploads_good += 1,
            Err(_) => now.reported.uploads_bad += 1,
        }
        if let Some(upload) = &mut now.upload {
            let findings = put.err().map(|error| error.finding());
            upload.tried(findings.is_none(), findings.into_iter().collect(), &time);
        }
    });
}
