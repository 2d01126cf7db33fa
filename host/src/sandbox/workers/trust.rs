//! How far a worker is believed: a component that broke out of the sandbox speaks with its worker's voice.
//!
//! What a worker says is shown to people and decides about the handler it worked for, and nothing else. So it must be of
//! the size and form that an honest worker's has; who it is for, what its limits are and how long it took is known here
//! already.

use hostler_contract::{Finding, escape};

use crate::limits::{LimitName, Usage};
use crate::sandbox::prescan::EntryPoints;
use crate::sandbox::refused_calls::MAX_KINDS;
use crate::sandbox::{End, Invocation, Outcome};

/// Longest text that a worker hands on, in bytes: findings are at most 4 KiB (SECURITY 3.1, O6).
const MAX_TEXT: usize = 4 << 10;

/// Most findings about one package or component.
const MAX_FINDINGS: usize = 256;

/// Most imports of a component: each is one that is known by name, so an honest worker has far fewer.
const MAX_IMPORTS: usize = 256;

/// Whether `text` can be shown as it is: what hostler says itself is escaped and in one line.
fn is_showable(text: &str) -> bool {
    text.len() <= MAX_TEXT && escape(text) == text
}

/// Whether findings are such as hostler makes.
pub(super) fn are_findings(findings: &[Finding]) -> bool {
    let is_of_packages = |finding: &Finding| {
        let code = finding.code().name();
        ["pkg.", "manifest.", "wasm.", "compile."]
            .iter()
            .any(|kind| code.starts_with(kind))
    };
    findings.len() <= MAX_FINDINGS
        && findings
            .iter()
            .all(|finding| is_of_packages(finding) && is_showable(&finding.to_string()))
}

/// Whether that is how a component can be entered.
pub(super) fn are_entry_points(points: &EntryPoints) -> bool {
    points.imports.len() <= MAX_IMPORTS
        && points
            .run
            .iter()
            .chain(&points.lifecycle)
            .chain(&points.service)
            .chain(&points.imports)
            .all(|name| is_showable(name))
}

/// Whether `outcome` can be that of `invocation`.
pub(super) fn is_outcome(outcome: &Outcome, invocation: &Invocation) -> bool {
    let end = match &outcome.end {
        End::Exited { message, .. } => message.as_deref().is_none_or(is_showable),
        End::Trapped { message, .. } | End::HostFault { message } => is_showable(message),
        // That is for the supervisor to say.
        End::WorkerDied { .. } => false,
        End::TimedOut(reached) | End::Stopped(reached) => reached.limit == invocation.limits.get(reached.name),
    };
    end && is_usage(&outcome.usage, invocation) && outcome.refused.len() <= MAX_KINDS
}

fn is_usage(usage: &Usage, invocation: &Invocation) -> bool {
    let granted = |name: &str| {
        invocation
            .preopens
            .iter()
            .any(|preopen| preopen.granted && preopen.name == name)
    };
    let folders = usage.folders();
    folders.len() <= invocation.preopens.len()
        && folders.iter().all(|folder| granted(&folder.folder))
        && usage
            .iter()
            .map(|used| (used.name, used.limit))
            .eq(LimitName::ALL.map(|name| (name, invocation.limits.get(name))))
}

/// Whether a stream is no longer than was allowed.
pub(super) fn is_stream(bytes: &[u8], limit: LimitName, invocation: &Invocation) -> bool {
    bytes.len() <= invocation.limits.size(limit)
}
