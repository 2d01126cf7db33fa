//! What handlers tell of themselves is collected every 300 s (contract 9.5).

use std::sync::Arc;
use std::time::Duration;

use super::periodic::Periodic;
use crate::events::collect;
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
}

impl Periodic for EventCollector {
    fn turn(&mut self, now: Duration) {
        if now >= self.next {
            self.next = now.saturating_add(EVERY);
            collect(&self.root);
        }
    }

    fn stop(&mut self) {
        collect(&self.root);
    }
}
