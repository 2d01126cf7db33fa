//! The order in which a goal state is carried out.

use hostler_contract::vm_settings::RequestedState;
use hostler_contract::{Source, VmSettings};
use hostler_host::goal_state::{Turn, work_items};

/// A goal state: every extension has exactly one turn; what others depend on comes before them.
pub(crate) fn goal_state_order(bytes: &[u8]) {
    let Ok(read) = VmSettings::parse(Source::new("input", bytes)) else {
        return;
    };
    let items = work_items(&read.value.handlers);
    for entry in &read.value.handlers {
        let turns = items.iter().filter(|item| match (item.turn, entry) {
            (Ok(turn), Ok(entry)) => std::ptr::eq(turn.handler, entry),
            (Err(bad), Err(entry)) => std::ptr::eq(bad, entry),
            _ => false,
        });
        // A bad entry, and a handler without settings, have one turn; others one for each of their settings.
        let turns: Vec<_> = turns.filter_map(|item| item.turn.ok()).collect();
        let settings = entry.as_ref().map_or(&[][..], |entry| &entry.settings);
        for one in settings {
            let its = |turn: &&Turn<'_>| turn.extension.is_some_and(|other| std::ptr::eq(other, one));
            assert_eq!(turns.iter().filter(its).count(), 1);
        }
        assert_eq!(turns.len(), if entry.is_ok() { settings.len().max(1) } else { 0 });
    }
    let levels: Vec<i64> = items
        .iter()
        .filter_map(|item| item.turn.ok())
        .filter(|turn| turn.handler.state == RequestedState::Enabled)
        .filter(|turn| turn.extension.is_none_or(|one| one.state == RequestedState::Enabled))
        .map(|turn| turn.extension.map_or(0, |settings| settings.dependency_level))
        .collect();
    assert!(levels.is_sorted(), "{levels:?}");
}
