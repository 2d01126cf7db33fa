//! All that was tried, promise by promise.

use serde::Serialize;

use super::{Judged, Probe, Promise};

/// Whether a promise holds here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Every probe of it that applies was held.
    Held,
    /// One was not.
    Broken,
    /// There is none that applies.
    NotApplicable,
}

impl Standing {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// What was tried of everything that is promised.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// Promise by promise, in their order.
    pub promises: Vec<PromiseAccount>,
}

/// What was tried of one promise.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PromiseAccount {
    /// Which.
    pub promise: Promise,
    /// Its name.
    pub name: &'static str,
    /// What is promised.
    pub says: &'static str,
    /// Whether it holds.
    pub standing: Standing,
    /// Why nothing was tried, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// What was tried.
    pub probes: Vec<ProbeAccount>,
}

/// What came of one probe.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeAccount {
    /// Its name.
    pub name: &'static str,
    /// What was tried.
    pub tries: &'static str,
    /// Whether the promise was held, with one line of evidence.
    #[serde(flatten)]
    pub judged: Judged,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Account {
    /// The account of `probes`, each with how it was judged and how many milliseconds it took.
    pub fn of(probes: &[(Probe, Judged, u64)]) -> Self {
        let promises = Promise::ALL.map(|promise| {
            let of_it = probes.iter().filter(|(probe, ..)| probe.promise == promise);
            let probes: Vec<ProbeAccount> = of_it
                .map(|(probe, judged, took)| ProbeAccount {
                    name: probe.name,
                    tries: probe.tries,
                    judged: judged.clone(),
                    duration_ms: *took,
                })
                .collect();
            PromiseAccount {
                promise,
                name: promise.name(),
                says: promise.says(),
                standing: standing(&probes),
                why: promise.not_tried(),
                probes,
            }
        });
        Self {
            promises: promises.into(),
        }
    }

    /// Whether nothing is broken, and something was held.
    pub fn holds(&self) -> bool {
        self.count(Standing::Broken) == 0 && self.count(Standing::Held) > 0
    }

    /// How many promises stand so.
    pub fn count(&self, standing: Standing) -> usize {
        self.promises
            .iter()
            .filter(|promise| promise.standing == standing)
            .count()
    }
}

fn standing(probes: &[ProbeAccount]) -> Standing {
    let is = |kind: fn(&Judged) -> bool| probes.iter().any(|probe| kind(&probe.judged));
    if is(|judged| matches!(judged, Judged::Broken(_))) {
        Standing::Broken
    } else if is(|judged| matches!(judged, Judged::Held(_))) {
        Standing::Held
    } else {
        Standing::NotApplicable
    }
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    /// One probe that is not held breaks its promise and the whole; what does not apply breaks nothing and proves nothing.
    #[test]
    fn one_broken_probe_is_enough() {
        let all = |judged: Judged| -> Vec<_> { table().into_iter().map(|probe| (probe, judged.clone(), 1)).collect() };
        let mut probes = all(Judged::Held("seen".to_owned()));
        assert!(Account::of(&probes).holds());
        assert_eq!(Account::of(&probes).count(Standing::NotApplicable), 3, "P6, P8 and P11");
        for broken in 0..probes.len() {
            let before = std::mem::replace(&mut probes[broken].1, Judged::Broken("not so".to_owned()));
            let account = Account::of(&probes);
            assert!(!account.holds(), "{}", probes[broken].0.name);
            assert_eq!(account.count(Standing::Broken), 1);
            probes[broken].1 = before;
        }
        let none = Account::of(&all(Judged::NotApplicable("not here".to_owned())));
        assert!(!none.holds(), "where nothing was tried nothing is held");
    }
}
