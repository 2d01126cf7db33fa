//! The order of a goal state's extensions, and which of them a failure keeps from being carried out (contract 8.2, 8.3).

use hostler_contract::vm_settings::{BadEntry, ExtensionGoalState, HandlerGoalState, RequestedState};
use hostler_contract::{SequenceNumber, SettingsName};

/// One thing to do: a handler with one of its extensions, or a handler without settings.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The handler's entry.
    pub handler: &'a HandlerGoalState,
    /// The extension; `None` for a handler without settings.
    pub extension: Option<&'a ExtensionGoalState>,
}

impl Turn<'_> {
    /// The settings that it is about; number 0 where there are none (contract 4.1).
    pub fn settings_name(&self) -> SettingsName {
        match self.extension {
            Some(extension) => SettingsName {
                extension: extension.extension.clone(),
                number: extension.number,
            },
            None => SettingsName::single(SequenceNumber::FIRST),
        }
    }

    /// `Publisher.Type`, or `Publisher.Type.Extension` for one of several (contract 8.4).
    pub fn full_name(&self) -> String {
        match self.extension.and_then(|extension| extension.extension.as_ref()) {
            Some(extension) => format!("{}.{extension}", self.handler.name),
            None => self.handler.name.to_string(),
        }
    }

    fn key(&self) -> i64 {
        let level = self.extension.map_or(0, |extension| extension.dependency_level);
        let stays = |state| state == RequestedState::Enabled;
        if stays(self.handler.state) && self.extension.is_none_or(|extension| stays(extension.state)) {
            level
        } else {
            level.saturating_neg().saturating_sub(1)
        }
    }
}

/// What is done at one time, and its place in the order.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// What is to be done, or why it cannot be.
    pub turn: Result<Turn<'a>, &'a BadEntry>,
    /// Lower ones come first: the dependency level of what is to be enabled, `-level - 1` for what is to go.
    pub key: i64,
}

/// The items in the order in which they are carried out: what goes before what comes, the highest level first there
/// and last here; else as they stand in the goal state. A handler with several extensions has an item for each.
pub fn work_items(entries: &[Result<HandlerGoalState, BadEntry>]) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for entry in entries {
        match entry {
            Err(bad) => items.push(Item { turn: Err(bad), key: 0 }),
            Ok(handler) => {
                let without = handler.settings.is_empty().then_some(None);
                let extensions = handler.settings.iter().map(Some).chain(without);
                items.extend(extensions.map(|extension| {
                    let turn = Turn { handler, extension };
                    Item {
                        key: turn.key(),
                        turn: Ok(turn),
                    }
                }));
            }
        }
    }
    items.sort_by_key(|item| item.key);
    items
}

/// How a turn that was taken went, for those that depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryOutcome {
    /// Well.
    Well,
    /// The handler failed.
    HandlerFailed,
    /// The handler did as it was told, and its extension reports an error.
    ExtensionFailed,
    /// The handler did as it was told, and its extension says nothing.
    SaidNothing,
    /// The handler did as it was told, and its extension says that it is still at work.
    AtWork,
    /// The same, and nothing works at it any more, or the time for it is over.
    NeverSettled,
}

/// Keeps what depends on a failure from being carried out.
#[derive(Debug)]
pub struct Gate {
    highest: i64,
    closed: Option<String>,
}

impl Gate {
    /// A gate for `items`.
    pub fn new(items: &[Item<'_>]) -> Self {
        Self {
            highest: items.iter().map(|item| item.key).max().unwrap_or(0),
            closed: None,
        }
    }

    /// Why nothing more is carried out, in the contract's words.
    pub fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    /// Whether others may depend on what has that `key`, so that it matters how it ends.
    pub fn is_depended_on(&self, key: i64) -> bool {
        (0..self.highest).contains(&key)
    }

    /// Takes note of how the turn of `name`, a handler or one of its extensions, with that `key` went. It closes the gate for all that come after it, of
    /// its own level too, unless that is the highest.
    pub fn note(&mut self, name: &str, key: i64, went: EntryOutcome) {
        if !self.is_depended_on(key) || self.closed.is_some() {
            return;
        }
        self.closed = match went {
            EntryOutcome::Well | EntryOutcome::AtWork => None,
            EntryOutcome::HandlerFailed => Some(format!(
                "Skipping processing of extensions since execution of dependent extension {name} failed"
            )),
            EntryOutcome::ExtensionFailed => {
                Some(format!("Dependent Extension {name} did not succeed. Status was error"))
            }
            EntryOutcome::SaidNothing => Some(format!("Dependent Extension {name} did not succeed. Status was None")),
            EntryOutcome::NeverSettled => Some(format!(
                "Dependent Extension {name} did not reach a terminal state within the allowed timeout. Last status was \
                 transitioning"
            )),
        };
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::{Source, VmSettings};

    use super::*;

    fn goal_state(entries: &[(&str, &str, i64)]) -> VmSettings {
        let entries: Vec<String> = entries
            .iter()
            .map(|(name, state, level)| {
                format!(
                    r#"{{"name": "T.{name}", "version": "1.0", "state": "{state}", "settingsSeqNo": 0,
                        "settings": [{{"publicSettings": "{{}}"}}], "dependsOn": [{{"dependencyLevel": {level}}}]}}"#
                )
            })
            .collect();
        let text = format!(r#"{{"extensionGoalStates": [{}]}}"#, entries.join(","));
        VmSettings::parse(Source::new("goal.json", text.as_bytes()))
            .unwrap()
            .value
    }

    /// Plays a goal state in which `failing` fails; the names in order, what was skipped in brackets.
    fn play(entries: &[(&str, &str, i64)], failing: &str) -> String {
        let settings = goal_state(entries);
        let items = work_items(&settings.handlers);
        let mut gate = Gate::new(&items);
        let mut played = Vec::new();
        for item in &items {
            let name = item.turn.unwrap().handler.name.type_name();
            if gate.closed().is_some() {
                played.push(format!("({name})"));
                continue;
            }
            played.push(name.to_owned());
            let went = if name == failing {
                EntryOutcome::HandlerFailed
            } else {
                EntryOutcome::Well
            };
            gate.note(name, item.key, went);
        }
        played.join(" ")
    }

    /// Scenarios J1 to J4 and J6.
    #[test]
    fn levels_order_and_failures_stop_what_comes_after() {
        let seven = [("A", 3), ("B", 2), ("C", 2), ("D", 1), ("E", 1), ("F", 1), ("G", 1)];
        let enabled = seven.map(|(name, level)| (name, "enabled", level));
        assert_eq!(play(&enabled, ""), "D E F G B C A");
        assert_eq!(play(&enabled, "E"), "D E (F) (G) (B) (C) (A)");
        assert_eq!(play(&enabled, "A"), "D E F G B C A");
        let one_level = [("A", "enabled", 1), ("B", "enabled", 1), ("C", "enabled", 1)];
        assert_eq!(play(&one_level, "A"), "A B C");
        let going = [
            ("A", "uninstall", 1),
            ("B", "uninstall", 2),
            ("C", "enabled", 0),
            ("D", "enabled", 1),
        ];
        assert_eq!(play(&going, ""), "B A C D");
        assert_eq!(play(&going, "B"), "B A C D", "a removal that fails stops nothing");
    }
}
