//! One at a time: what is made in a data folder when it is used first.
//!
//! Servers and commands that begin at the same moment would make tables, certificates and keys twice, or see half of them.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The file in the data folder.
const FILE: &str = "starting.lock";
/// How long others are waited for, each of which takes a moment.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often it is tried.
const EVERY: Duration = Duration::from_millis(20);

/// The right to begin, until it is dropped; the system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct Starting {
    _file: File,
}

impl Starting {
    /// Waits until nobody else begins in the folder `data`, which is there.
    ///
    /// # Errors
    /// When the folder cannot be written, and [`io::ErrorKind::TimedOut`] when the others take too long.
    pub async fn alone(data: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(data.join(FILE))?;
        let end = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => sleep(EVERY).await,
                Err(TryLockError::WouldBlock) => {
                    let what = format!("others have been starting for {} s", PATIENCE.as_secs());
                    return Err(io::Error::new(io::ErrorKind::TimedOut, what));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}
