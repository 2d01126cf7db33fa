//! From what was seen of a probe to whether the promise was held.

use serde::Serialize;

use super::checks::acts;
use super::probe::{Probe, Try};
use super::seen::{Seen, What};
use crate::sandbox::{Attempt, Attempted, IsolationReport, LayerState};
use hostler_contract::Finding;

/// Most bytes of a finding as it is shown (P9).
const MAX_FINDING: usize = 4096;

/// Whether a promise was held, with one line of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "evidence", rename_all = "kebab-case")]
pub enum Judged {
    /// It was held: by what that is known.
    Held(String),
    /// It was not, or nothing is proved.
    Broken(String),
    /// It does not apply here: why.
    NotApplicable(String),
}

/// Judges what was `seen` of `probe`, behind the layers of `isolation`.
pub fn judge(probe: &Probe, seen: &Seen, isolation: &IsolationReport) -> Judged {
    if let Some(change) = seen.changed.first() {
        let more = seen.changed.len().saturating_sub(1);
        return Judged::Broken(format!("beside its own folders, {change}{}", and_more(more)));
    }
    if let Some(place) = seen.secrets.first() {
        return Judged::Broken(format!("a secret of another's is {place}"));
    }
    let findings = match &seen.what {
        What::Ran(ran) => &*ran.findings,
        What::Refused(refused) => &*refused.findings,
        What::Native(_) | What::KeptCode { .. } => &[],
    };
    if let Some(unfit) = findings.iter().find_map(unfit) {
        return Judged::Broken(unfit);
    }
    let checked = match (&probe.how, &seen.what) {
        (Try::Verb { check, .. }, What::Ran(ran)) => check(ran),
        (Try::Verb { .. }, What::Refused(refused)) => Err(refused.findings.first().map_or_else(
            || "it did not run".to_owned(),
            |finding| format!("it did not run: {finding}"),
        )),
        (Try::Package { check, .. }, What::Refused(refused)) => check(refused),
        (Try::Package { .. }, What::Ran(_)) => Err("the package was taken and run".to_owned()),
        (Try::Native(attempt), What::Native(attempted)) => return native(*attempt, attempted.as_ref(), isolation),
        (Try::KeptCode, What::KeptCode { before, after }) => kept_code(before, after),
        _ => Err("what was seen is not what was tried".to_owned()),
    };
    match checked {
        Ok(evidence) => Judged::Held(evidence),
        Err(broken) => Judged::Broken(broken),
    }
}

fn and_more(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(", and {count} more"),
    }
}

/// What of a finding is not fit for people.
fn unfit(finding: &Finding) -> Option<String> {
    let text = finding.to_string();
    if text.len() > MAX_FINDING {
        return Some(format!("what is said of {} has {} bytes", finding.code(), text.len()));
    }
    text.chars()
        .any(|c| acts(c) || c == '\n')
        .then(|| format!("what is said of {} is not escaped", finding.code()))
}

fn native(attempt: Attempt, attempted: Option<&Attempted>, isolation: &IsolationReport) -> Judged {
    let Some(attempted) = attempted else {
        return Judged::NotApplicable("components run in hostler's own process: there is no worker".to_owned());
    };
    let layer = isolation.layers.iter().find(|layer| layer.name == attempt.layer());
    let is_on = layer.is_some_and(|layer| layer.state == LayerState::On);
    match (attempt, attempted) {
        // The one that may: without it, the others' failing would prove nothing.
        (Attempt::OwnFolder, Attempted::Allowed(words)) => Judged::Held(format!("allowed, as it must be: {words}")),
        (Attempt::OwnFolder, Attempted::Denied(words) | Attempted::Unclear(words)) => {
            Judged::Broken(format!("a worker cannot use its own folder: {words}"))
        }
        (_, Attempted::Denied(words)) => Judged::Held(format!("denied: {words}")),
        (_, Attempted::Allowed(_) | Attempted::Unclear(_)) if !is_on => {
            let (name, version) = layer.map_or(("a layer", ""), |layer| (layer.name.name(), &*layer.version));
            Judged::NotApplicable(format!("{name} would keep it from that, and is not on here: {version}"))
        }
        (_, Attempted::Allowed(words)) => Judged::Broken(format!("it was let: {words}")),
        (_, Attempted::Unclear(words)) => Judged::Broken(format!("it is not clear what kept it from that: {words}")),
    }
}

fn kept_code(before: &str, after: &str) -> Result<String, String> {
    match (before, after) {
        ("kept", "compiled") => Ok("it was run as long as it was unchanged, then compiled anew".to_owned()),
        ("kept", _) => Err(format!("changed code was used: {after}")),
        _ => Err(format!("code was never kept, so nothing is proved: {before}")),
    }
}

#[cfg(test)]
mod tests;
