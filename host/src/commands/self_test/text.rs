//! The account for people: a line for each promise, below it one for each probe.

use std::fmt::Write as _;

use hostler_contract::escape;

use super::SelfTest;
use crate::report::isolation_lines;
use crate::self_test::{Judged, PromiseAccount, Standing};

/// All of it, in lines that end with a line feed. Writing to a `String` cannot fail.
pub(super) fn text(result: &SelfTest) -> String {
    let mut text = isolation_lines(&result.isolation);
    let (file, digest) = (escape(&result.package.file), &result.package.digest);
    let _ = writeln!(text, "attacker  {file}, SHA-256 {digest}");
    for promise in &result.account.promises {
        write_promise(&mut text, promise);
    }
    let count = |standing| result.account.count(standing);
    let probes: usize = result.account.promises.iter().map(|promise| promise.probes.len()).sum();
    let _ = writeln!(
        text,
        "{} promises held, {} broken, {} not applicable; {probes} attacks in {}.{} s.",
        count(Standing::Held),
        count(Standing::Broken),
        count(Standing::NotApplicable),
        result.duration_ms / 1000,
        result.duration_ms % 1000 / 100,
    );
    text
}

fn write_promise(text: &mut String, promise: &PromiseAccount) {
    let (number, name) = (promise.promise.number(), promise.name);
    let _ = writeln!(
        text,
        "{number:<3} {:<14} {name}: {}",
        promise.standing.name(),
        promise.says
    );
    if let Some(why) = promise.why {
        let _ = writeln!(text, "    {why}");
    }
    for probe in &promise.probes {
        let (word, evidence) = match &probe.judged {
            Judged::Held(evidence) => ("held", evidence),
            Judged::Broken(evidence) => ("BROKEN", evidence),
            Judged::NotApplicable(evidence) => ("n/a", evidence),
        };
        let _ = writeln!(text, "    {word:<7}{:<26} {}", probe.name, escape(evidence));
        if word == "BROKEN" {
            let _ = writeln!(text, "           {}", probe.tries);
        }
    }
}
