//! What is tried again, and how long is waited before it.

use std::time::Duration;

/// Pauses between attempts at a request, in seconds. After the last one it is given up.
pub const RETRY_PAUSES: [u64; 5] = [1, 2, 4, 8, 15];
/// Pauses between looks at an operation, in seconds; the last one is repeated (REGISTRATION 14).
pub const POLL_PAUSES: [u64; 7] = [2, 3, 5, 8, 13, 20, 30];

/// What is said in a conflict that passes, by this repository and by the service that came before: an operation is under way.
const UNDER_WAY: [&str; 3] = ["is running", "in progress", "currently performing an operation"];

/// Whether a request with this answer is worth another attempt: another operation runs, or the server is not well. Other
/// conflicts, as with what is there already, do not pass.
pub fn is_tried_again(status: u16, message: &str) -> bool {
    let message = message.to_lowercase();
    match status {
        409 => UNDER_WAY.iter().any(|words| message.contains(words)),
        500 | 503 => true,
        _ => false,
    }
}

/// How long to wait, one pause after the other.
#[derive(Debug, Clone)]
pub struct Pauses {
    seconds: &'static [u64],
    taken: usize,
    /// Whether the last one comes again and again.
    for_ever: bool,
    /// What a second lasts: 1000 ms but in tests.
    second: Duration,
}

impl Pauses {
    /// The pauses between attempts.
    pub fn between_attempts(second: Duration) -> Self {
        Self {
            seconds: &RETRY_PAUSES,
            taken: 0,
            for_ever: false,
            second,
        }
    }

    /// The pauses between looks.
    pub fn between_looks(second: Duration) -> Self {
        Self {
            seconds: &POLL_PAUSES,
            taken: 0,
            for_ever: true,
            second,
        }
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let last = self.seconds.last().filter(|_| self.for_ever);
        let seconds = self.seconds.get(self.taken).or(last)?;
        self.taken += 1;
        self.second.checked_mul(u32::try_from(*seconds).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pauses, is_tried_again};

    #[test]
    fn only_a_conflict_that_passes_is_tried_again() {
        for (status, message, again) in [
            (
                409,
                "an operation on Contoso.Demo is running; try again when it has ended",
                true,
            ),
            (
                409,
                "Windows Azure is currently performing an operation with x-ms-requestid 1 on this service",
                true,
            ),
            (409, "Another operation is In Progress.", true),
            (409, "the extension Contoso.Demo is registered already", false),
            (409, "", false),
            (500, "", true),
            (503, "", true),
            (400, "an operation is running", false),
        ] {
            assert_eq!(is_tried_again(status, message), again, "{status} {message}");
        }
    }

    #[test]
    fn attempts_end_and_looks_do_not() {
        let seconds =
            |pauses: Pauses, count: usize| -> Vec<u64> { pauses.take(count).map(|pause| pause.as_secs()).collect() };
        let second = Duration::from_secs(1);
        assert_eq!(seconds(Pauses::between_attempts(second), 20), [1, 2, 4, 8, 15]);
        assert_eq!(
            seconds(Pauses::between_looks(second), 9),
            [2, 3, 5, 8, 13, 20, 30, 30, 30]
        );
    }
}
