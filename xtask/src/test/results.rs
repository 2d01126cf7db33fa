//! Reading what the test harness prints, and adding it up.

use std::fmt;

/// What the lines of `cargo test` said so far.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// Harnesses that began.
    begun: usize,
    /// Harnesses that ended with a result.
    ended: usize,
    passed: usize,
    failed: usize,
    ignored: usize,
    cargo_failed: bool,
}

impl Results {
    /// Takes one line of standard output.
    pub(crate) fn read_line(&mut self, line: &str) {
        let line = line.trim_end();
        if line.starts_with("running ") && (line.ends_with(" tests") || line.ends_with(" test")) {
            self.begun += 1;
        }
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        self.ended += 1;
        self.passed += count(result, "passed");
        self.failed += count(result, "failed");
        self.ignored += count(result, "ignored");
    }

    /// Takes how cargo itself ended.
    pub(crate) fn ended(&mut self, good: bool) {
        self.cargo_failed = !good;
    }

    /// The sum, `not_run` of the passed tests having only said that they could not be run.
    pub(crate) fn sum(&self, not_run: usize) -> Sum {
        let mut problems = Vec::new();
        // A harness that was killed prints no result, so its failure is found in no sum.
        let silent = self.begun.saturating_sub(self.ended);
        if silent > 0 {
            problems.push(format!(
                "{silent} test programs ended without a result; each is counted as one failed test"
            ));
        }
        let mut failed = self.failed + silent;
        if self.cargo_failed && failed == 0 {
            problems.push("cargo test failed outside of any test (see above); counted as one failed test".to_owned());
            failed = 1;
        }
        if self.ended == 0 && failed == 0 {
            problems.push("no test was run at all; counted as one failed test".to_owned());
            failed = 1;
        }
        Sum {
            passed: self.passed.saturating_sub(not_run),
            failed,
            skipped: self.ignored + not_run,
            problems,
        }
    }
}

/// The number before `word` in `ok. 12 passed; 0 failed; 1 ignored; 0 measured`.
fn count(result: &str, word: &str) -> usize {
    let words: Vec<&str> = result.split([' ', ';']).filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .find_map(|pair| match pair {
            [number, name] if *name == word => number.parse().ok(),
            _ => None,
        })
        .unwrap_or_default()
}

/// What all tests came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// What is wrong besides failed tests, a line each.
    pub(crate) problems: Vec<String>,
}

impl Sum {
    /// Whether nothing failed.
    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// A test that said that it could not be run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotRun {
    /// The test, as the harness names it.
    pub(crate) test: String,
    /// What is missing.
    pub(crate) missing: String,
}

impl NotRun {
    /// Reads lines of the form `TEST: MISSING`. Each is a test of its own: two programs may have tests of one name.
    pub(crate) fn parse(text: &str) -> Vec<Self> {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| {
                let (test, missing) = line.split_once(": ").unwrap_or((line, "it did not say what"));
                Self {
                    test: test.to_owned(),
                    missing: missing.to_owned(),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{NotRun, Results};

    fn after(lines: &[&str], cargo_good: bool) -> Results {
        let mut results = Results::default();
        for line in lines {
            results.read_line(line);
        }
        results.ended(cargo_good);
        results
    }

    const GOOD: &str =
        "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s\n";
    const BAD: &str =
        "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s\n";

    #[test]
    fn results_are_added_up() {
        let results = after(
            &["running 13 tests\n", GOOD, "running 1 test\n", BAD, "test a ... ok\n"],
            false,
        );
        let sum = results.sum(0);
        assert_eq!(sum.to_string(), "14 passed, 3 failed, 1 skipped");
        assert!(!sum.is_good());
        assert!(sum.problems.is_empty());
    }

    #[test]
    fn a_test_that_could_not_be_run_has_not_passed() {
        let not_run = NotRun::parse("clang::builds: clang-14\n\nother::tests::one: python3: not there\n");
        assert_eq!(not_run.len(), 2);
        assert_eq!(
            (&*not_run[1].test, &*not_run[1].missing),
            ("other::tests::one", "python3: not there")
        );
        let sum = after(&["running 13 tests\n", GOOD], true).sum(not_run.len());
        assert_eq!(sum.to_string(), "10 passed, 0 failed, 3 skipped");
        assert!(sum.is_good());
    }

    #[test]
    fn nothing_skipped_is_not_mentioned() {
        let result = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(
            after(&["running 1 test\n", result], true).sum(0).to_string(),
            "1 passed, 0 failed"
        );
    }

    #[test]
    fn a_test_program_that_was_killed_is_a_failure() {
        let sum = after(&["running 13 tests\n", GOOD, "running 2 tests\n"], false).sum(0);
        assert_eq!(sum.to_string(), "12 passed, 1 failed, 1 skipped");
        assert_eq!(sum.problems.len(), 1);
    }

    #[test]
    fn a_build_that_fails_is_a_failure() {
        let sum = after(&[], false).sum(0);
        assert_eq!(sum.to_string(), "0 passed, 1 failed");
        assert!(!sum.is_good());
        assert!(!after(&[], true).sum(0).is_good());
    }
}
