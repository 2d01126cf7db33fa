//! What bounds a handler's command: one value, one unit and one place of enforcement for each limit.
//!
//! [`Limits`] starts from safe defaults and can only be lowered: by the contract's time limit of the command, by the
//! package, by the operator's policy, by the command line. Each value remembers which of them set it, so that a report can say by which rule a
//! command was stopped. What was used of each is a [`Usage`].

mod amount;
mod name;
mod quota;
mod usage;

pub use amount::{AmountError, parse_amount, show_amount};
pub use name::{LimitName, Unit};
pub use quota::{COMMAND_LOG, COMMAND_LOG_BYTES, GrantedQuota, Quota};
pub use usage::{FolderUse, LimitReached, QuotaUse, Usage, Use};

use std::time::Duration;

use hostler_contract::Command;
use serde::{Deserialize, Serialize};

/// Who set a limit's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// hostler's default.
    Default,
    /// The contract's time limit of the command (contract 0).
    Contract,
    /// The `sandbox` object of the package's manifest.
    Package,
    /// A rule of the operator's policy.
    Policy,
    /// `--limit` on the command line.
    CommandLine,
}

impl Rule {
    /// The rule as reports print it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Default => "the default",
            Self::Contract => "the contract's time limit of the command",
            Self::Package => "the package's manifest",
            Self::Policy => "the policy",
            Self::CommandLine => "--limit",
        }
    }
}

/// A limit's value in its own unit, and the rule that set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The most that is allowed, in the limit's unit.
    pub value: u64,
    /// Who set it.
    pub rule: Rule,
}

/// The limits of one command of one handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits([Limit; LimitName::ALL.len()]);

impl Default for Limits {
    fn default() -> Self {
        Self(LimitName::ALL.map(|name| Limit {
            value: name.default_value(),
            rule: Rule::Default,
        }))
    }
}

impl Limits {
    /// The defaults with the contract's time limit of `command`.
    pub fn of_command(command: Command) -> Self {
        let mut limits = Self::default();
        let wall = u64::try_from(command.time_limit().as_millis()).unwrap_or(u64::MAX);
        limits.0[LimitName::Deadline as usize] = Limit {
            value: wall,
            rule: Rule::Contract,
        };
        limits
    }

    /// The value of `name` and the rule that set it.
    pub fn get(&self, name: LimitName) -> Limit {
        self.0[name as usize]
    }

    /// The value of `name` in its unit.
    pub fn value(&self, name: LimitName) -> u64 {
        self.get(name).value
    }

    /// Every limit.
    pub fn iter(&self) -> impl Iterator<Item = (LimitName, Limit)> {
        LimitName::ALL.into_iter().map(|name| (name, self.get(name)))
    }

    /// The value of a limit in milliseconds as a duration.
    pub(crate) fn duration(&self, name: LimitName) -> Duration {
        Duration::from_millis(self.value(name))
    }

    /// The value as `usize`; a limit beyond the address space is no limit.
    pub(crate) fn size(&self, name: LimitName) -> usize {
        usize::try_from(self.value(name)).unwrap_or(usize::MAX)
    }

    /// Lowers what is higher than one of `lowered`, for the command line; what is lower already stays.
    pub(crate) fn lower_where_higher(&mut self, lowered: &[(LimitName, u64)]) {
        for (name, value) in lowered {
            self.cap(*name, *value, Rule::CommandLine);
        }
    }

    /// Lowers `name` to `value` for `rule`, unless it is as low already.
    pub(crate) fn cap(&mut self, name: LimitName, value: u64, rule: Rule) {
        let limit = &mut self.0[name as usize];
        if value < limit.value {
            *limit = Limit { value, rule };
        }
    }

    /// Lowers `name` to `value` for `rule`.
    ///
    /// The contract's time limits differ from command to command, and a value is often meant for several: one that is
    /// higher than this command's but not higher than every command's changes nothing.
    ///
    /// # Errors
    ///
    /// [`RaiseRefused`] when `value` is higher than what is in force: limits are only ever lowered.
    pub fn lower(&mut self, name: LimitName, value: u64, rule: Rule) -> Result<(), RaiseRefused> {
        let limit = &mut self.0[name as usize];
        if value <= limit.value {
            *limit = Limit { value, rule };
            return Ok(());
        }
        if limit.rule == Rule::Contract && value <= name.default_value() {
            return Ok(());
        }
        Err(RaiseRefused {
            name,
            in_force: *limit,
            asked: value,
        })
    }
}

/// A limit was asked to be higher than what is in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "limit {} is {} ({}) and cannot be raised to {}",
    name.name(),
    show_amount(in_force.value, name.unit()),
    in_force.rule.describe(),
    show_amount(*asked, name.unit())
)]
pub struct RaiseRefused {
    /// Which limit.
    pub name: LimitName,
    /// What is in force.
    pub in_force: Limit,
    /// What was asked for, in the limit's unit.
    pub asked: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_lowered_and_never_raised() {
        let mut limits = Limits::of_command(Command::Enable);
        assert_eq!(
            limits.get(LimitName::Deadline),
            Limit {
                value: 300_000,
                rule: Rule::Contract
            }
        );
        limits.lower(LimitName::Deadline, 600_000, Rule::Package).unwrap();
        assert_eq!(limits.value(LimitName::Deadline), 300_000, "meant for install");
        assert!(limits.lower(LimitName::Deadline, 900_001, Rule::Package).is_err());
        limits.lower(LimitName::Deadline, 500, Rule::CommandLine).unwrap();
        assert_eq!(
            limits.get(LimitName::Deadline),
            Limit {
                value: 500,
                rule: Rule::CommandLine
            }
        );
        let refused = limits.lower(LimitName::Deadline, 501, Rule::Package).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "limit cmd.deadline is 500 ms (--limit) and cannot be raised to 501 ms"
        );
        assert_eq!(limits.value(LimitName::Deadline), 500);
    }
}
