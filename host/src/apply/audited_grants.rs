//! What is recorded of grants: what was decided, what was refused or waits for approval, and each granted folder that a
//! command gets to write in.

use std::path::Path;

use hostler_contract::Command;
use hostler_contract::codes;
use hostler_contract::manifest::DirectoryAccess;
use hostler_package::PackageDigest;

use super::ApplyError;
use super::fault::Fault;
use super::transition::Transition;
use crate::audit::{AuditEvent, Codes, DirectoryText, GrantSummary, RuleName, VariableName};
use crate::grants::{Claimant, Decided, DecidedBy, Effective};
use crate::lifecycle::Side;
use crate::signatures::Signed;

impl Transition<'_, '_> {
    /// What was decided about the target.
    pub(super) fn audit_decided(&mut self, decided: &Decided, package: &str) -> Result<(), Fault> {
        let rule = match &decided.by {
            DecidedBy::NoPolicy | DecidedBy::NoRule => None,
            DecidedBy::Rule(name) => Some(RuleName::new(name)),
        };
        let effective = summary(decided.grants.effective());
        let entry = AuditEvent::GrantsDecided { rule, effective }
            .of(&self.target)
            .digest(package);
        Ok(self.host.audit.record(self.host.store, entry)?)
    }

    /// What is in force from now on, where that is not what was: a package that was put in place had its decision recorded
    /// then; a policy that changed has none of its own.
    pub(super) fn audit_in_force(&mut self) -> Result<(), ApplyError> {
        let now = self.standing.record.grants.clone();
        let Some(grants) = now.filter(|now| self.before.grants.as_ref().is_some_and(|before| before != now)) else {
            return Ok(());
        };
        let rule = self
            .host
            .policy
            .rule_for(Claimant::of(&self.target, self.signed()))
            .map(|rule| RuleName::new(&rule.name));
        let effective = summary(&grants);
        self.host
            .record(AuditEvent::GrantsDecided { rule, effective }.of(&self.target))
    }

    /// What `fault` says about the target's grants, if it is about them.
    pub(super) fn audit_refused_grants(&mut self, fault: &Fault) -> Result<(), ApplyError> {
        let of_grants =
            |code: hostler_contract::Code| code == codes::MANIFEST_CAPABILITY || code.name().starts_with("grant.");
        let about: Vec<_> = fault
            .findings()
            .iter()
            .map(|finding| finding.code())
            .filter(|code| of_grants(*code))
            .collect();
        let event = match (about.first(), &self.standing.record.awaiting) {
            (None, _) => return Ok(()),
            (Some(code), Some(awaiting)) if *code == codes::GRANT_APPROVAL => {
                let Ok(grants) = awaiting.digest.parse::<PackageDigest>() else {
                    return Ok(());
                };
                AuditEvent::ApprovalAsked {
                    grants,
                    wider: awaiting.wider.len(),
                }
            }
            _ => AuditEvent::GrantsRefused {
                rule: self
                    .host
                    .policy
                    .rule_for(Claimant::of(&self.target, &fault.signed))
                    .map(|rule| RuleName::new(&rule.name)),
                codes: Codes::of(about),
            },
        };
        self.host.record(event.of(&self.target))
    }

    /// What was verified of the target's signature when it was put in place.
    fn signed(&self) -> &Signed {
        self.package(Side::Target)
            .map_or(&Signed::Unsigned, |package| &package.signature)
    }

    /// On the disk before `command` gets them: the folders of the machine that it may write in.
    pub(super) fn audit_opened(&mut self, command: Command, side: Side) -> Result<(), Fault> {
        let granted = self.in_place(side)?.grants.effective().of(command);
        let identity = self.identity(side).clone();
        for directory in granted.directories {
            if directory.access == DirectoryAccess::ReadWrite {
                let event = AuditEvent::DirectoryOpened {
                    command,
                    directory: DirectoryText::from(Path::new(directory.path.as_str())),
                };
                self.host.audit.record_durably(self.host.store, event.of(&identity))?;
            }
        }
        Ok(())
    }
}

/// What any of the commands gets.
fn summary(effective: &Effective) -> GrantSummary {
    let all = effective.directories();
    let read = all
        .iter()
        .filter(|(_, access)| *access != DirectoryAccess::ReadWrite)
        .count();
    let writes: Vec<_> = all
        .iter()
        .filter(|(_, access)| *access == DirectoryAccess::ReadWrite)
        .map(|(path, _)| DirectoryText::from(Path::new(path.as_str())))
        .collect();
    let mut names: Vec<&String> = effective.0.values().flat_map(|grants| &grants.environment).collect();
    names.sort_unstable();
    names.dedup();
    let variables: Vec<_> = names.into_iter().filter_map(|name| VariableName::new(name)).collect();
    GrantSummary::new(read, &writes, &variables).with_service(effective.of(Command::Enable).service)
}
