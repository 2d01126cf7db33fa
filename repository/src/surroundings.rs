//! The clock, where numbers come from, and how long is waited: handed in, so that tests can put their own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

/// What a server takes from outside of itself and a test wants to decide.
#[derive(Clone)]
pub struct Surroundings {
    /// What time it is.
    pub clock: Arc<dyn Fn() -> OffsetDateTime + Send + Sync>,
    /// Sixteen bytes that never came before: the number of a request or of a server.
    pub ids: Arc<dyn Fn() -> [u8; 16] + Send + Sync>,
    /// How long an operation belongs to the server that took it. It is taken over when that time is over and was not
    /// renewed.
    pub lease: Duration,
    /// The pauses between attempts to copy a package to a region; the last one is repeated.
    pub replication_pauses: Vec<Duration>,
}

impl Default for Surroundings {
    /// The system's clock and random numbers; leases of 30 s; pauses from 1 s growing to 5 minutes.
    fn default() -> Self {
        Self {
            clock: Arc::new(OffsetDateTime::now_utc),
            ids: Arc::new(|| {
                let mut id = [0; 16];
                // Without random numbers nothing here is safe: the system says so at once, if ever.
                if let Err(error) = getrandom::fill(&mut id) {
                    tracing::error!(%error, "the system gives no random numbers");
                }
                id
            }),
            lease: Duration::from_secs(30),
            replication_pauses: [1, 2, 5, 10, 30, 60, 120, 300].map(Duration::from_secs).to_vec(),
        }
    }
}

impl Surroundings {
    /// Now, in milliseconds since 1970 (UTC): how the database keeps times.
    pub fn now_ms(&self) -> i64 {
        let nanos = (self.clock)().unix_timestamp_nanos();
        i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX)
    }

    /// A number for a request or a server: 32 lower-case hexadecimal digits.
    pub fn id(&self) -> String {
        hex::encode((self.ids)())
    }

    /// How long to wait after `attempts` failed ones.
    pub fn replication_pause(&self, attempts: u32) -> Duration {
        let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let last = self.replication_pauses.last();
        let pause = self.replication_pauses.get(index).or(last);
        pause.copied().unwrap_or(Duration::from_secs(60))
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings")
            .field("lease", &self.lease)
            .field("replication_pauses", &self.replication_pauses)
            .finish_non_exhaustive()
    }
}
