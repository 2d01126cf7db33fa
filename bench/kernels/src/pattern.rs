//! Regular expressions over text: users, addresses, and what went wrong in a log.

use regex::bytes::Regex;

use crate::{Kernel, text};

/// Bytes that are searched.
const BYTES: usize = 4 << 20;

/// What is looked for, each over the whole text. Bytes and no characters, as of a log that may hold anything.
const PATTERNS: [&str; 3] = [
    r"(?-u)[a-z]+\.[0-9]+@[a-z]+\.(?:com|net|org)",
    r"(?-u)\b10\.[0-7]\.[0-9]{1,3}\.[0-9]{1,3}\b",
    r"(?-u)ERROR [^\n]* ended with (?:error|timeout) after [0-9]{4}ms",
];

pub(crate) struct Patterns {
    text: String,
    patterns: Vec<Regex>,
    found: Vec<u64>,
}

impl Patterns {
    pub(crate) fn new() -> Self {
        Self {
            text: text::log(BYTES),
            patterns: PATTERNS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect(),
            found: Vec::new(),
        }
    }
}

impl Kernel for Patterns {
    fn work(&mut self) {
        self.found.clear();
        for pattern in &self.patterns {
            let matches = pattern.find_iter(self.text.as_bytes());
            let (count, bytes) = matches.fold((0_u64, 0_u64), |(count, bytes), found| {
                (count + 1, bytes + found.len() as u64)
            });
            self.found.extend([count, bytes]);
        }
    }

    fn checksum(&self) -> u64 {
        let bytes: Vec<u8> = self.found.iter().flat_map(|number| number.to_le_bytes()).collect();
        crate::checksum(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;
    use crate::Kernel as _;

    #[test]
    fn each_line_has_a_user_and_an_address_and_some_went_wrong() {
        let mut patterns = Patterns::new();
        patterns.work();
        let lines = patterns.text.lines().count() as u64;
        let [users, _, addresses, _, wrong, _] = patterns.found[..] else {
            panic!("{:?}", patterns.found)
        };
        assert_eq!([users, addresses], [lines, lines]);
        assert!(wrong > lines / 50 && wrong < lines / 10, "{wrong} of {lines}");
    }
}
