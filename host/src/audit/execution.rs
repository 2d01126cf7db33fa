//! Events of commands, and of findings.

use hostler_contract::{Command, Finding, codes};

use super::event::{AuditEvent, Entry};
use super::field::{Codes, EndKind};
use crate::lifecycle::Execution;
use crate::sandbox::Outcome;

/// The end of a command, and the limits that it reached.
pub fn execution_entries(execution: &Execution) -> Vec<Entry> {
    let command = execution.command;
    let outcome = &execution.outcome;
    let ended = AuditEvent::CommandEnded {
        command,
        end: EndKind::from(&outcome.end),
        exit_code: Some(outcome.end.exit_code()),
        codes: Codes::of(outcome.end.code()),
        duration_ms: u64::try_from(outcome.duration.as_millis()).unwrap_or(u64::MAX),
    };
    let limits = outcome.usage.iter().filter(|one| one.reached);
    let limits = limits.map(|one| AuditEvent::LimitReached {
        command,
        limit: one.name,
        allowed: one.limit.value,
        rule: one.limit.rule,
        used: one.used,
    });
    let refused = outcome.refused.clone();
    let refused = (!refused.is_empty()).then_some(AuditEvent::CallsRefused {
        command,
        calls: refused,
    });
    // What was kept and is not to be believed was not used: it was found before the command began.
    let rejected = execution
        .code
        .replaces_rejected()
        .then_some(AuditEvent::CompiledCodeRejected);
    let digest = execution.code.digest_text();
    rejected
        .into_iter()
        .chain([ended])
        .chain(limits)
        .chain(refused)
        .map(|event| event.of(&execution.identity).digest(&digest))
        .collect()
}

impl AuditEvent {
    /// A command that begun and could not be run.
    pub fn not_run(command: Command, findings: &[Finding]) -> Self {
        Self::CommandEnded {
            command,
            end: EndKind::NotRun,
            exit_code: None,
            codes: Codes::from(findings),
            duration_ms: 0,
        }
    }

    /// A service that ended, `told` to or not.
    pub fn service_ended(outcome: &Outcome, told: bool) -> Self {
        Self::ServiceEnded {
            told,
            end: EndKind::from(&outcome.end),
            exit_code: outcome.end.exit_code(),
            codes: Codes::of(outcome.end.code()),
            duration_ms: u64::try_from(outcome.duration.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// What was found damaged of the host's own state, if that is among `findings`.
    pub fn of_damaged_state(findings: &[Finding]) -> Option<Self> {
        let damaged = findings.iter().filter(|finding| finding.code() == codes::STATE_DAMAGED);
        let found = damaged.count();
        (found > 0).then(|| Self::StateDamaged {
            found,
            codes: Codes::of([codes::STATE_DAMAGED]),
        })
    }
}
