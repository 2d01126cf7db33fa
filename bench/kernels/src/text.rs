//! The text that kernels work on: lines as a log has them, made by a small generator so that they are always the same.

use std::fmt::Write as _;

/// Numbers that look random (xorshift64*), the same in every run.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// One of `count` numbers from 0.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        // The upper bits are the better ones.
        (self.next() >> 33) % count
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(words.len() as u64)).unwrap_or(0);
        words.get(index).copied().unwrap_or_default()
    }
}

/// One line of a log.
pub(crate) struct Line {
    pub(crate) second: u64,
    pub(crate) level: &'static str,
    pub(crate) handler: &'static str,
    pub(crate) user: String,
    pub(crate) address: String,
    pub(crate) outcome: &'static str,
    pub(crate) milliseconds: u64,
}

impl Line {
    pub(crate) fn new(numbers: &mut Numbers) -> Self {
        let user = format!(
            "{}.{}",
            numbers.of(&["ada", "grace", "edsger", "barbara", "niklaus", "radia"]),
            numbers.below(1_000)
        );
        Self {
            second: numbers.below(86_400),
            level: numbers.of(&["INFO", "INFO", "INFO", "INFO", "WARNING", "ERROR"]),
            handler: numbers.of(&[
                "Contoso.Monitor",
                "Fabrikam.Backup",
                "Contoso.Config",
                "Northwind.Scanner",
            ]),
            user,
            address: format!("10.{}.{}.{}", numbers.below(8), numbers.below(256), numbers.below(256)),
            outcome: numbers.of(&["success", "success", "success", "transitioning", "error", "timeout"]),
            milliseconds: numbers.below(5_000),
        }
    }
}

/// At least `bytes` of a log.
pub(crate) fn log(bytes: usize) -> String {
    let mut numbers = Numbers::new();
    let mut text = String::with_capacity(bytes + 256);
    while text.len() < bytes {
        let line = Line::new(&mut numbers);
        let (hour, minute, second) = (line.second / 3_600, line.second / 60 % 60, line.second % 60);
        // A text takes what is written to it.
        let _ = writeln!(
            text,
            "2026-03-01T{hour:02}:{minute:02}:{second:02}Z {} [{}] user={}@example.org from {} ended with {} after {}ms",
            line.level, line.handler, line.user, line.address, line.outcome, line.milliseconds
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::log;

    #[test]
    fn logs_are_long_enough_and_always_the_same() {
        let text = log(10_000);
        assert!((10_000..10_200).contains(&text.len()));
        assert_eq!(text, log(10_000));
        assert!(text.lines().all(|line| line.contains("@example.org from 10.")));
    }
}
