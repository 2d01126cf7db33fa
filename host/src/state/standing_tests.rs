//! A host that is stopped at every moment at which something is remembered: what it does afterwards, and how it ends.

use hostler_contract::Command;

use super::*;
use crate::lifecycle::{After, HandlerState, Side, Step};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn record(versions: &[(&str, HandlerState)]) -> HandlerRecord {
    let mut record = HandlerRecord::default();
    for (text, state) in versions {
        record.version_mut(&version(text)).state = *state;
    }
    record
}

/// What is on the disk, as the next host reads it.
fn written(record: &HandlerRecord) -> HandlerRecord {
    serde_json::from_str(&serde_json::to_string(record).unwrap()).unwrap()
}

/// A course of steps, and what was on the disk when each of them began.
struct Played {
    steps: Vec<String>,
    remembered: Vec<HandlerRecord>,
    end: HandlerRecord,
}

/// Goes from `record` to the end as the driver does, with the steps named in `failing` failing with exit code 9.
fn play(record: HandlerRecord, wanted: Wanted, target: &str, continues: bool, failing: &[&str]) -> Played {
    let mut standing = Standing::take_up(record, wanted, version(target));
    standing.situation.rules.continues_on_failure = continues;
    let mut played = Played {
        steps: vec![],
        remembered: vec![],
        end: HandlerRecord::default(),
    };
    while !standing.stopped
        && let Some(step) = standing.situation.next()
    {
        standing.situation.begin(step);
        // The driver commits before every step but this one, which leaves nothing that the table goes by.
        let before = match step {
            Step::Settings => None,
            _ => Some(written(standing.remember(None))),
        };
        let last = played.remembered.last().cloned().unwrap_or_default();
        played.remembered.push(before.unwrap_or(last));
        let told = match (step, standing.change()) {
            (Step::Run(Command::Update, _), Some(change)) => format!("({:?})", change.disable),
            (Step::Run(Command::Install, _), Some(change)) => format!("({:?})", change.uninstall),
            _ => String::new(),
        };
        let name = match step {
            Step::Run(command, Side::Target) => format!("{command}@N"),
            Step::Run(command, Side::Old) => format!("{command}@O"),
            other => format!("{other:?}"),
        };
        let fails = failing.contains(&name.as_str());
        played.steps.push(format!("{name}{told}"));
        if fails {
            standing.stopped = standing.situation.fail(step, 9) != After::GoOn;
        } else {
            standing.situation.succeed(step);
        }
    }
    played.end = written(standing.remember(None));
    played
}

/// Contract 11, and more: the commands that had ended are not run again, those that follow are told the same exit codes,
/// and it ends in the same state.
#[test]
fn a_change_of_versions_goes_on_where_it_was() {
    use HandlerState::*;
    for (old, target, continues, failing) in [
        ("1.0", "1.1", false, vec![]),
        ("1.1", "1.0", false, vec![]),
        ("1.0", "1.1", true, vec!["disable@O", "uninstall@O"]),
    ] {
        let undisturbed = play(record(&[(old, Enabled)]), Wanted::Enabled, target, continues, &failing);
        assert_eq!(undisturbed.end.state(&version(target)), Enabled);
        for (index, remembered) in undisturbed.remembered.iter().enumerate().skip(1) {
            let resumed = play(remembered.clone(), Wanted::Enabled, target, continues, &failing);
            assert_eq!(resumed.end, undisturbed.end, "stopped in {}", undisturbed.steps[index]);
            let commands =
                |steps: &[String]| -> Vec<String> { steps.iter().filter(|step| step.contains('@')).cloned().collect() };
            let mut left = commands(&undisturbed.steps[index..]);
            if undisturbed.steps[index] == "enable@N" {
                // The version is installed: that it came by an update is over.
                assert_eq!(resumed.steps, ["Settings", "enable@N"]);
                left.clear();
            } else {
                assert_eq!(
                    commands(&resumed.steps),
                    left,
                    "stopped in {}",
                    undisturbed.steps[index]
                );
            }
        }
    }
}

/// Contract 7.4: after a failure, and not a crash, the next goal state begins anew.
#[test]
fn a_change_of_versions_that_failed_begins_anew() {
    use HandlerState::*;
    let failed = play(
        record(&[("1.0", Enabled)]),
        Wanted::Enabled,
        "1.1",
        false,
        &["uninstall@O"],
    );
    assert_eq!(
        (failed.end.state(&version("1.0")), failed.end.update.is_none()),
        (Installed, true)
    );
    let again = play(failed.end, Wanted::Enabled, "1.1", false, &[]);
    assert_eq!(
        again.steps,
        [
            "Place",
            "Settings",
            "CarryOver",
            "update@N(None)",
            "uninstall@O",
            "RemoveOld",
            "install@N(Some(0))",
            "enable@N"
        ]
    );
}

/// What was wanted when the host was stopped is not what is wanted now.
#[test]
fn another_goal_state_after_a_crash() {
    use HandlerState::*;
    let undisturbed = play(record(&[("1.0", Enabled)]), Wanted::Enabled, "1.1", false, &[]);
    for (index, remembered) in undisturbed.remembered.iter().enumerate() {
        let stopped_in = &undisturbed.steps[index];
        let back = play(remembered.clone(), Wanted::Enabled, "1.0", false, &[]);
        assert_eq!(
            back.end.state(&version("1.0")),
            Enabled,
            "back, stopped in {stopped_in}"
        );
        assert!(back.end.update.is_none());
        let on = play(remembered.clone(), Wanted::Enabled, "2.0", false, &[]);
        assert_eq!(on.end.state(&version("2.0")), Enabled, "on, stopped in {stopped_in}");
        assert_eq!(
            on.end.installed().unwrap().version,
            version("2.0"),
            "stopped in {stopped_in}"
        );
        let installed = remembered.installed().map(|installed| installed.version.to_string());
        if let Some(installed) = installed {
            let away = play(remembered.clone(), Wanted::Uninstall, &installed, false, &[]);
            assert_eq!(
                away.steps.last().map(String::as_str),
                Some("Remove"),
                "away, stopped in {stopped_in}"
            );
        }
    }
}

/// Goes on from `record` as [`play`] does, where a change can be taken back, and back where it fails.
fn play_back(record: HandlerRecord, failing: &[&str]) -> Played {
    let mut played = Played {
        steps: vec![],
        remembered: vec![],
        end: record,
    };
    let is_back = |record: &HandlerRecord| {
        let roll_back = record.update.as_ref().and_then(|update| update.roll_back.as_ref());
        roll_back.is_some_and(|roll_back| roll_back.back)
    };
    let mut wanted = if is_back(&played.end) {
        Wanted::RolledBack
    } else {
        Wanted::Enabled
    };
    loop {
        let target = if wanted == Wanted::RolledBack { "1.0" } else { "1.1" };
        let mut standing = Standing::take_up(played.end.clone(), wanted, version(target));
        if wanted == Wanted::Enabled {
            standing.begin(true);
        }
        while !standing.stopped
            && let Some(step) = standing.situation.next()
        {
            standing.situation.begin(step);
            played.remembered.push(written(standing.remember(None)));
            let back = wanted == Wanted::RolledBack;
            let name = match step {
                Step::Run(command, side) => {
                    format!("{command}@{}", if (side == Side::Old) == back { "N" } else { "O" })
                }
                other => format!("{other:?}"),
            };
            let fails = failing.contains(&&*name);
            played.steps.push(name);
            match fails {
                true => standing.stopped = standing.situation.fail(step, 9) != After::GoOn,
                false => standing.situation.succeed(step),
            }
        }
        played.end = written(standing.remember(None));
        if !standing.situation.is_to_go_back() {
            return played;
        }
        wanted = Wanted::RolledBack;
    }
}

/// Stopped anywhere, on the way there and on the way back, an update that can be taken back ends where an undisturbed one
/// ends, and no command that had ended runs again but for the new version's enable, whose service ended with the host.
#[test]
fn an_update_that_can_be_taken_back_goes_on_where_it_was() {
    use HandlerState::*;
    for failing in [
        &[][..],
        &["update@N"],
        &["uninstall@O"],
        &["install@N"],
        &["enable@N"],
        &["Prove"],
        &["Prove", "disable@N", "install@O"],
        &["enable@N", "enable@O"],
    ] {
        let start = record(&[("1.0", Enabled)]);
        let undisturbed = play_back(start, failing);
        let (stays, goes) = if failing.is_empty() {
            ("1.1", "1.0")
        } else {
            ("1.0", "1.1")
        };
        assert_eq!(undisturbed.end.update, None, "{failing:?}");
        assert!(undisturbed.end.state(&version(stays)).is_installed(), "{failing:?}");
        assert_eq!(undisturbed.end.version(&version(goes)), None, "{failing:?}");
        for (index, remembered) in undisturbed.remembered.iter().enumerate() {
            let stopped_in = &undisturbed.steps[index];
            // Once the version that failed is gone, that it failed is all that is left to know.
            if remembered.update.is_none() && remembered.state(&version("1.1")) == NotInstalled && index > 3 {
                continue;
            }
            let resumed = play_back(remembered.clone(), failing);
            assert_eq!(resumed.end, undisturbed.end, "{failing:?}, stopped in {stopped_in}");
            let commands = |steps: &[String]| -> Vec<String> {
                let commands = steps.iter().filter(|step| step.contains('@') && *step != "enable@N");
                commands.cloned().collect()
            };
            assert_eq!(
                commands(&resumed.steps),
                commands(&undisturbed.steps[index..]),
                "{failing:?}, stopped in {stopped_in}"
            );
        }
    }
}
