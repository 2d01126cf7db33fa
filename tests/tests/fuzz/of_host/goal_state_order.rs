//! The order in which a goal state is carried out.

use hostler_contract::vm_settings::RequestedState;
use hostler_contract::{Source, VmSettings};
use hostler_host::goal_state::work_items;

/// A goal state: every entry has exactly one turn, the bad ones among them; what others depend on comes before them.
pub(crate) fn goal_state_order(bytes: &[u8]) {
    let Ok(read) = VmSettings::parse(Source::new("input", bytes)) else {
        return;
    };
    let items = work_items(&read.value.handlers);
    assert_eq!(items.len(), read.value.handlers.len());
    for entry in &read.value.handlers {
        let turns = items.iter().filter(|item| match (item.entry, entry) {
            (Ok(item), Ok(entry)) => std::ptr::eq(item, entry),
            (Err(item), Err(entry)) => std::ptr::eq(item, entry),
            _ => false,
        });
        assert_eq!(turns.count(), 1);
    }
    let levels: Vec<i64> = items
        .iter()
        .filter_map(|item| item.entry.ok())
        .filter(|entry| entry.state == RequestedState::Enabled)
        .map(|entry| entry.settings.first().map_or(0, |settings| settings.dependency_level))
        .collect();
    assert!(levels.is_sorted(), "{levels:?}");
}
