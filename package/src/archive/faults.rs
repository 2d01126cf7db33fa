//! What is wrong with an archive, gathered so that one look at a package names more than its first fault.

use hostler_contract::{Code, Finding, Place, Refused};

/// Most findings about one archive; more would only bury the first ones.
const MAX_FINDINGS: usize = 32;

/// The findings about one archive.
pub(super) struct Faults<'a> {
    file: &'a str,
    findings: Vec<Finding>,
}

impl<'a> Faults<'a> {
    /// No findings yet, about the archive called `file`.
    pub(super) fn new(file: &'a str) -> Self {
        Self {
            file,
            findings: Vec::new(),
        }
    }

    /// Adds a fault of the entry called `entry`.
    pub(super) fn entry(&mut self, code: Code, entry: &str, what: impl AsRef<str>, hint: impl AsRef<str>) {
        if self.findings.len() < MAX_FINDINGS {
            let place = Place::Entry(entry.to_owned());
            self.findings.push(Finding::refusal(code, self.file, place, what, hint));
        }
    }

    /// A refusal of the archive as a whole, with what was found before.
    pub(super) fn whole(mut self, code: Code, what: impl AsRef<str>, hint: impl AsRef<str>) -> Refused {
        let last = Finding::refusal(code, self.file, Place::Whole, what, hint);
        self.findings.push(last.clone());
        Refused::unless_only_warnings(self.findings)
            .err()
            .unwrap_or_else(|| Refused::new(last))
    }

    /// Refuses the archive if anything was found.
    pub(super) fn settle(&mut self) -> Result<(), Refused> {
        Refused::unless_only_warnings(std::mem::take(&mut self.findings)).map(|_| ())
    }
}
