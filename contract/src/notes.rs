//! What a parser notes down while it goes through a document.

use crate::{Code, Finding, Place, Refused, Severity, Verdict, json::JsonPath};

/// Most findings about one document; a hostile one could be made to have a million.
pub(crate) const MAX_FINDINGS: usize = 200;

/// The findings about one document so far. Parsers go on after a refusal where they can, so that an author learns of
/// everything at once.
pub(crate) struct Notes<'a> {
    file: &'a str,
    findings: Vec<Finding>,
    left_out: usize,
}

impl<'a> Notes<'a> {
    /// Nothing yet but the warnings of reading the JSON.
    pub(crate) fn new(file: &'a str, warnings: Vec<Finding>) -> Self {
        Self {
            file,
            findings: warnings,
            left_out: 0,
        }
    }

    pub(crate) fn warn(&mut self, code: Code, path: &JsonPath, what: impl AsRef<str>, hint: impl AsRef<str>) {
        if self.keeps(Severity::Warning) {
            self.findings
                .push(Finding::warning(code, self.file, path.place(), what, hint));
        } else {
            self.left_out += 1;
        }
    }

    pub(crate) fn refuse(&mut self, code: Code, path: &JsonPath, what: impl AsRef<str>, hint: impl AsRef<str>) {
        if self.keeps(Severity::Refusal) {
            self.findings
                .push(Finding::refusal(code, self.file, path.place(), what, hint));
        } else {
            self.left_out += 1;
        }
    }

    /// Notes what was found elsewhere, under the same bound.
    pub(crate) fn take(&mut self, finding: Finding) {
        if self.keeps(finding.severity()) {
            self.findings.push(finding);
        } else {
            self.left_out += 1;
        }
    }

    /// Whether one more finding is kept. One refusal must be there whatever came before it, since it decides what
    /// becomes of the document.
    fn keeps(&self, severity: Severity) -> bool {
        self.findings.len() < MAX_FINDINGS || (severity == Severity::Refusal && !self.is_refused())
    }

    /// Whether something was refused so far.
    pub(crate) fn is_refused(&self) -> bool {
        Verdict::of(&self.findings) == Verdict::Refuse
    }

    /// The warnings, unless something was refused.
    pub(crate) fn finish(self) -> Result<Vec<Finding>, Refused> {
        Refused::unless_only_warnings(self.into_findings())
    }

    /// Everything, and how much was left out.
    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        if let (Some(last), 1..) = (self.findings.last(), self.left_out) {
            let what = format!("{} more findings are left out", self.left_out);
            let note = Finding::warning(last.code(), self.file, Place::Whole, what, "mend the others first");
            self.findings.push(note);
        }
        self.findings
    }

    /// The refusal of a document of which nothing more can be read.
    pub(crate) fn give_up(
        mut self,
        code: Code,
        path: &JsonPath,
        what: impl AsRef<str>,
        hint: impl AsRef<str>,
    ) -> Refused {
        let last = Finding::refusal(code, self.file, path.place(), what, hint);
        self.findings.push(last.clone());
        match Refused::unless_only_warnings(self.findings) {
            Err(refused) => refused,
            Ok(_) => Refused::new(last),
        }
    }
}
