//! The table of probes, promise by promise.

mod bounds;
mod reach;
mod words;

use super::probe::{Probe, Try};
use crate::sandbox::Attempt;

/// Every probe, in the order in which they are carried out and told.
pub fn table() -> Vec<Probe> {
    [
        reach::containment(),
        reach::secrets(),
        bounds::time(),
        bounds::size(),
        words::status(),
        words::packages(),
        words::code(),
        words::refusals(),
        words::output(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Verbs that the table needs and that are not among those that a component `listed`.
pub fn missing_verbs(listed: &[String]) -> Vec<&'static str> {
    let mut missing: Vec<&'static str> = table()
        .iter()
        .filter_map(|probe| match probe.how {
            Try::Verb { verb, .. } => Some(verb),
            Try::Package { .. } | Try::Native(_) | Try::KeptCode => None,
        })
        .filter(|verb| !listed.iter().any(|listed| listed == verb))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Attempts of native code that bear on `promise` by what they take.
fn natives(promise: super::Promise, attempts: &[Attempt]) -> impl Iterator<Item = Probe> {
    attempts.iter().map(move |attempt| Probe::native(promise, *attempt))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Promise;
    use super::*;

    /// Names are told apart by machines, every attempt is made, every promise that can be tried is, and nothing else.
    #[test]
    fn every_promise_and_every_attempt_has_a_probe() {
        let table = table();
        let names: BTreeSet<&str> = table.iter().map(|probe| probe.name).collect();
        assert_eq!(names.len(), table.len());
        for attempt in Attempt::ALL {
            assert!(names.contains(attempt.name()), "{attempt:?}");
        }
        for promise in Promise::ALL {
            let is_tried = table.iter().any(|probe| probe.promise == promise);
            assert_eq!(is_tried, promise.not_tried().is_none(), "{promise:?}");
        }
        for probe in &table {
            assert!(!probe.tries.ends_with('.'), "{}", probe.tries);
            if let Try::Verb { parameters, .. } = probe.how {
                assert!(
                    serde_json::from_str::<serde_json::Map<_, _>>(parameters).is_ok(),
                    "{parameters}"
                );
            }
        }
    }

    #[test]
    fn a_component_without_the_verbs_is_known_by_them() {
        let mut all: Vec<String> = missing_verbs(&[]).into_iter().map(str::to_owned).collect();
        assert!(all.len() > 20 && missing_verbs(&all).is_empty());
        all.retain(|verb| verb != "loop");
        assert_eq!(missing_verbs(&all), ["loop"]);
    }
}
