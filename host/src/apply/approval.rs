//! A handler that would get more than it has waits until somebody approves of it (design D5).

use hostler_contract::status::timestamp;
use hostler_contract::{Finding, Place, codes};
use time::OffsetDateTime;

use super::fault::Fault;
use super::transition::Transition;
use crate::grants::{Effective, summary};
use crate::state::Awaiting;

impl Transition<'_, '_> {
    /// Makes sure that `grants`, those of the target in the package with the SHA-256 `package`, give nothing on top of what
    /// is in force, or that it was approved. A handler that is not there yet has nothing that could be widened: there the
    /// policy is the approval.
    pub(super) fn check_approval(&mut self, grants: &Effective, package: &str) -> Result<(), Fault> {
        let record = &mut self.standing.record;
        // Where nothing was remembered of it, it had what the contract gives.
        let in_force = record
            .grants
            .clone()
            .or_else(|| record.installed().map(|_| Effective::default()));
        let wider = in_force
            .map(|in_force| grants.wider_than(&in_force))
            .unwrap_or_default();
        if wider.is_empty() {
            record.awaiting = None;
            return Ok(());
        }
        let digest = grants.digest(&self.target.name, package);
        if record
            .approved
            .as_ref()
            .is_some_and(|approved| approved.digest == digest)
        {
            record.awaiting = None;
            return Ok(());
        }
        let wider = summary(&wider);
        let since = record
            .awaiting
            .take()
            .filter(|awaiting| awaiting.digest == digest)
            .map(|awaiting| awaiting.since);
        record.awaiting = Some(Awaiting {
            version: self.target.version.clone(),
            digest: digest.clone(),
            wider: wider.clone(),
            since: since.unwrap_or_else(|| timestamp(OffsetDateTime::now_utc())),
        });
        let what = format!(
            "{} awaits approval, since it would get more: {}",
            self.target,
            listed(&wider)
        );
        let root = shell_word(&self.host.root.path().display().to_string());
        let hint = format!(
            "to allow it: hostler approve {} {digest} --root {root}",
            self.target.name
        );
        let identity = self.target.to_string();
        let finding = Finding::refusal(codes::GRANT_APPROVAL, &identity, Place::Whole, what, hint);
        Err(Fault::approval(finding))
    }

    /// Remembers what is in force, once the target counts as installed.
    pub(super) fn note_in_force(&mut self) {
        let situation = &self.standing.situation;
        let is_in_force =
            self.desired.wanted.keeps() && situation.target.is_installed() && situation.roll_back().is_none();
        let Some(in_place) = self.target_in_place.as_ref().filter(|_| is_in_force) else {
            return;
        };
        let grants = in_place.grants.effective();
        let digest = grants.digest(&self.target.name, &in_place.package.record().digest);
        let record = &mut self.standing.record;
        record.grants = Some(grants.clone());
        // What was approved of another version or package is still to come.
        record.approved = record.approved.take().filter(|approved| approved.digest != digest);
    }
}

/// The first of `wider`, and how many more there are: a finding is bounded.
fn listed(wider: &[String]) -> String {
    const SHOWN: usize = 6;
    let more = wider.len().saturating_sub(SHOWN);
    let shown = wider.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        format!("{shown}, and {more} more")
    } else {
        shown
    }
}

/// `text` as a shell takes it for one word.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
