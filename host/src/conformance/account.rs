//! What the kit found: a ruling for every rule.

use std::time::Duration;

use serde::Serialize;

use super::Case;

/// Whether a rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does, with what was seen last.
    Held(String),
    /// It does not, with what was seen.
    Broken(String),
    /// It could not be tried: what it begins with is broken already. With what was seen of that.
    NotTried(String),
    /// It is not for this handler, with why.
    NotApplicable(String),
}

impl Verdict {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Held(_) => "held",
            Self::Broken(_) => "broken",
            Self::NotTried(_) => "not-tried",
            Self::NotApplicable(_) => "not-applicable",
        }
    }

    /// What was seen, or why it was not tried.
    pub fn seen(&self) -> &str {
        match self {
            Self::Held(seen) | Self::Broken(seen) | Self::NotTried(seen) | Self::NotApplicable(seen) => seen,
        }
    }

    /// Whether nothing is to be said against the handler for it.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Held(_) | Self::NotApplicable(_))
    }
}

/// What was found of one rule.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ruling {
    /// The rule's name.
    pub rule: String,
    /// Its section of the contract.
    pub contract: String,
    /// What it says.
    pub says: String,
    /// What would be right.
    pub right: String,
    /// `held`, `broken`, `not-tried` or `not-applicable`.
    pub verdict: &'static str,
    /// What was seen, or why it was not tried.
    pub seen: String,
    /// How long trying it took, in milliseconds.
    pub duration_ms: u64,
    #[serde(skip)]
    good: bool,
}

/// What was found of all rules.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// One for each rule, in the order in which they were tried.
    pub rules: Vec<Ruling>,
}

impl Account {
    /// Adds what came of `case`.
    pub fn add(&mut self, case: &Case, verdict: &Verdict, took: Duration) {
        self.rules.push(Ruling {
            rule: case.rule.clone(),
            contract: case.contract.clone(),
            says: case.says.clone(),
            right: case.right.clone(),
            verdict: verdict.name(),
            seen: verdict.seen().to_owned(),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            good: verdict.is_good(),
        });
    }

    /// The first rule that `case` needs and that does not hold.
    pub fn lacks<'c>(&self, case: &'c Case) -> Option<&'c str> {
        let holds = |need: &String| self.rules.iter().any(|ruling| ruling.rule == *need && ruling.good);
        case.needs.iter().find(|need| !holds(need)).map(String::as_str)
    }

    /// Whether every rule holds that is for this handler.
    pub fn holds(&self) -> bool {
        self.rules.iter().all(|ruling| ruling.good)
    }

    /// How many rules have that verdict.
    pub fn count(&self, verdict: &str) -> usize {
        self.rules.iter().filter(|ruling| ruling.verdict == verdict).count()
    }
}
