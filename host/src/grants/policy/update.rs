//! What becomes of an update that fails: as the contract has it, or back to the version before.

use std::time::Duration;

use hostler_contract::codes;
use toml::Spanned;

use super::read::{Reader, Table, Value, in_order};
use crate::limits::{Unit, show_amount};

/// How long a new version that says that it is not well yet may take, where the policy does not say (`update-health-time`).
pub const DEFAULT_HEALTH_TIME: Duration = Duration::from_secs(60);

/// The longest that a policy can say: as long as an update may take (contract 0).
pub const MAX_HEALTH_TIME: Duration = Duration::from_secs(900);

/// What becomes of an update that fails (`on-update-failure`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnUpdateFailure {
    /// What the contract says (7.4): it stays where it stopped.
    #[default]
    Contract,
    /// The old version comes back, with its settings and its data as they were.
    RollBack {
        /// How long the new version may take until it is well (`update-health-time`).
        health_time: Duration,
    },
}

/// The keys of a rule that are about it.
const KEY: &str = "on-update-failure";
const TIME_KEY: &str = "update-health-time";

impl Reader<'_> {
    /// Reads both keys of the rule in `table`.
    pub(super) fn on_update_failure(&mut self, table: &Table<'_>) -> OnUpdateFailure {
        let find = |name: &str| in_order(table).find(|(key, _)| key.get_ref() == name);
        let rolls_back = find(KEY).is_some_and(|(_, value)| self.rolls_back(value));
        let Some((key, value)) = find(TIME_KEY) else {
            return match rolls_back {
                true => OnUpdateFailure::RollBack {
                    health_time: DEFAULT_HEALTH_TIME,
                },
                false => OnUpdateFailure::Contract,
            };
        };
        if !rolls_back {
            let what = format!("`{TIME_KEY}` means nothing where updates are not taken back");
            let hint = format!("leave it out, or write {KEY} = \"roll-back\"");
            self.refuse(codes::POLICY_VALUE, &Spanned::span(key), what, hint);
        }
        let health_time = self.health_time(value).unwrap_or(DEFAULT_HEALTH_TIME);
        OnUpdateFailure::RollBack { health_time }
    }

    fn rolls_back(&mut self, value: &Value<'_>) -> bool {
        match self.string(value) {
            Some("roll-back") => return true,
            Some("contract") | None => {}
            Some(_) => {
                let hint = "write \"contract\" or \"roll-back\"";
                self.refuse(
                    codes::POLICY_VALUE,
                    &value.span(),
                    "it is nothing that can become of an update",
                    hint,
                );
            }
        }
        false
    }

    fn health_time(&mut self, value: &Value<'_>) -> Option<Duration> {
        let time = Duration::from_millis(self.amount(value, Unit::Milliseconds)?);
        if time > MAX_HEALTH_TIME {
            let most = u64::try_from(MAX_HEALTH_TIME.as_millis()).unwrap_or(u64::MAX);
            let hint = format!("write at most {}", show_amount(most, Unit::Milliseconds));
            let what = "that is longer than an update may take";
            self.refuse(codes::POLICY_VALUE, &value.span(), what, hint);
            return None;
        }
        Some(time)
    }
}
