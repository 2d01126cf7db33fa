//! What handlers tell of themselves is collected every 300 s (contract 9.5).

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::periodic::Periodic;
use crate::events::collect_events;
use crate::root::Root;

/// Time between two collections.
const EVERY: Duration = Duration::from_secs(300);

/// Collects the events of a root.
#[derive(Debug)]
pub struct EventCollector {
    root: Arc<Root>,
    next: Duration,
}

impl EventCollector {
    /// Of `root`, which is locked; the first time at the first turn.
    pub fn new(root: Arc<Root>) -> Self {
        Self {
            root,
            next: Duration::ZERO,
        }
    }

    fn collect(&self) {
        match collect_events(&self.root, OffsetDateTime::now_utc()) {
            Ok(collected) => {
                for (handler, error) in &collected.failed {
                    tracing::warn!(%handler, %error, "its events cannot be collected");
                }
                tracing::debug!(events = collected.events, dropped = ?collected.dropped, "events collected");
            }
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "events cannot be collected"),
        }
    }
}

impl Periodic for EventCollector {
    fn turn(&mut self, now: Duration) {
        if now >= self.next {
            self.next = now.saturating_add(EVERY);
            self.collect();
        }
    }

    fn stop(&mut self) {
        self.collect();
    }
}
