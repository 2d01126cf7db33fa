//! The hostile handler and hostile components against the real binary.
//!
//! A row of a table names an attack (a verb of the sample handler `hostile`, or a component written as text), and what
//! must come of it: how the command ends, with which code, at which limit, and how much time and memory the host may
//! spend on it. After every row the same things are looked at (`oracles.rs`): the host did not crash, what it says is
//! well-formed and fit for a terminal, a folder beside the root and another handler in it are as they were and have their
//! secrets for themselves, and that handler works on. Each row is run in every way of isolation there is, and twice at
//! least: the verdict is the same. A verb without a row fails a test.

mod attacks;
mod components;
mod disk;
mod files;
mod granted;
mod on_disk;
mod oracles;
mod packages;
mod pipes;
mod refusals;
mod row;
mod seen;
mod services;
mod statuses;
mod surroundings;
mod terminal;
mod together;
mod victim;
mod wrecked;

use std::collections::BTreeSet;

use row::Row;

/// Tries every row and reports all that went wrong, not only the first.
fn hold(rows: &[Row]) {
    let mut problems = Vec::new();
    for row in rows {
        problems.extend(
            row.attempt()
                .into_iter()
                .map(|problem| format!("{}: {problem}", row.title())),
        );
    }
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn time_is_bounded() {
    hold(&attacks::time());
}

#[test]
fn memory_and_stack_are_bounded() {
    hold(&attacks::memory());
}

#[test]
fn what_is_handed_to_the_host_is_bounded() {
    hold(&attacks::calls());
}

#[test]
fn what_is_held_is_bounded() {
    hold(&attacks::held());
}

#[test]
fn output_is_bounded() {
    hold(&attacks::output());
}

#[test]
fn every_end_is_told_as_it_was() {
    hold(&attacks::endings());
}

#[test]
fn a_handler_sees_its_own_world_only() {
    hold(&files::world());
}

#[test]
fn no_path_leads_out() {
    hold(&files::paths());
}

#[test]
fn what_is_kept_on_disk_is_bounded() {
    hold(&disk::growth());
}

#[test]
fn what_is_given_back_costs_nothing() {
    hold(&disk::given_back());
}

#[test]
fn a_status_is_what_the_handler_said_and_the_host_saw() {
    hold(&statuses::statuses());
}

#[test]
fn a_heartbeat_is_checked() {
    hold(&statuses::heartbeats());
}

/// All rows with a verb.
fn tables() -> Vec<Row> {
    let tables = [
        attacks::time(),
        attacks::memory(),
        attacks::calls(),
        attacks::held(),
        attacks::output(),
        attacks::endings(),
        disk::growth(),
        disk::given_back(),
        files::world(),
        files::paths(),
        statuses::statuses(),
        statuses::heartbeats(),
    ];
    tables.into_iter().flatten().collect()
}

/// Verbs against what only `apply` does; they are tried in `tests/tests/cli/hosts_log.rs`.
const WITH_APPLY: [&str; 1] = ["hosts-log"];

/// Every verb that the handler itself lists is tried by some row, and no row has a verb that does not exist.
#[test]
fn every_verb_has_a_row() {
    let rows = tables();
    let alone = [&pipes::VERBS[..], &wrecked::VERBS, &WITH_APPLY].concat();
    let tried: BTreeSet<&str> = rows.iter().map(|row| row.verb).chain(alone).collect();
    let listed = seen::warm_up().listed_verbs();
    let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(tried, listed);
}

/// Every limit that a report shows is reached by some row.
#[test]
fn every_limit_is_reached_by_a_row() {
    let rows: Vec<Row> = tables()
        .into_iter()
        .chain(components::attacks().into_iter().map(|(row, _)| row))
        .collect();
    let reached: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| row.reached.iter().copied().chain(row.ended.limit()))
        .collect();
    let shown: BTreeSet<&str> = seen::warm_up().limit_names().into_iter().collect();
    assert_eq!(reached, shown);
}
