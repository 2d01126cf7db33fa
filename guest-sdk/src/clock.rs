//! The time as the contract's files write it.

#[cfg(not(target_family = "wasm"))]
pub(crate) mod set;

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;

/// The time: that of the machine, or in a test the one that its [harness](crate::harness::Harness::with_time) has.
///
/// A handler that asks here, and not [`SystemTime::now`], can be tested with a clock that stands where the test wants it.
///
/// ```
/// let now = hostler_sdk::utc(hostler_sdk::now());
/// assert!(now.ends_with('Z'));
/// ```
pub fn now() -> SystemTime {
    #[cfg(not(target_family = "wasm"))]
    if let Some(time) = set::time() {
        return time;
    }
    SystemTime::now()
}

/// Time since 1970, zero where the clock stands before it.
pub(crate) fn since_epoch() -> Duration {
    now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// A time as status and log write it: `2026-11-22T01:14:14Z`. One before 1970 is written as 1970.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_210_096);
/// assert_eq!(hostler_sdk::utc(time), "2024-02-29T12:34:56Z");
/// ```
pub fn utc(time: SystemTime) -> String {
    text(
        time.duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs(),
    )
}

/// The present as `2026-11-22T01:14:14Z` (contract 5.4, 9.5).
pub(crate) fn timestamp() -> String {
    text(since_epoch().as_secs())
}

/// Seconds since 1970 as text; a time that no calendar has is written as 1970.
fn text(seconds: u64) -> String {
    // Written by hand: the formatting machinery of `time` is larger than the rest of a small handler.
    let at = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn seconds_become_dates() {
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(1_709_210_096), "2024-02-29T12:34:56Z");
        assert_eq!(text(u64::MAX), "1970-01-01T00:00:00Z");
    }
}
