//! Bad documents, by the numbers of the catalogue of threats: each is met with a stable code and a place.
//!
//! Where a row of the catalogue lost against the contract, the case tests the behaviour that won, under its number.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod heartbeat;
mod manifest;
mod manifest_commands;
mod manifest_values;
mod settings;
mod status;

use hostler_contract::{Checked, Code, Finding, Refused, Verdict};

/// What a case has to come to.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    /// Used, nothing to say.
    Accept,
    /// Used, with this warning at this place.
    Warn(Code, &'static str),
    /// Not used, because of this at this place.
    Refuse(Code, &'static str),
}

/// All findings of a parse.
pub(crate) fn findings<T>(parsed: Result<Checked<T>, Refused>) -> Vec<Finding> {
    match parsed {
        Ok(checked) => checked.warnings,
        Err(refused) => refused.findings().to_vec(),
    }
}

/// Fails unless `findings` are what `outcome` says. A place may be given up to any point, so `file:1:` is any column.
pub(crate) fn assert_outcome(case: &str, findings: &[Finding], outcome: Outcome) {
    let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let has = |code: Code, place: &str| {
        findings
            .iter()
            .any(|f| f.code() == code && f.location().starts_with(place))
    };
    let verdict = Verdict::of(findings);
    let right = match outcome {
        Outcome::Accept => verdict == Verdict::Accept,
        Outcome::Warn(code, place) => verdict == Verdict::AcceptWithWarnings && has(code, place),
        Outcome::Refuse(code, place) => verdict == Verdict::Refuse && has(code, place),
    };
    assert!(right, "{case}: {verdict:?} {shown:#?}");
    for text in shown {
        assert!(
            text.len() <= 4096 && !text.chars().any(char::is_control),
            "{case}: not fit to be shown: {text:?}"
        );
    }
}
