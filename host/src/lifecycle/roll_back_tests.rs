//! A change of versions that can be taken back: every failure of it and of its way back, as one text, and that it ends.

use proptest::prelude::*;

use super::*;
use crate::lifecycle::{Done, UpdateRules};

fn situation(target: HandlerState, old: HandlerState, installs: bool, continues_on_failure: bool) -> Situation {
    Situation {
        wanted: Wanted::Enabled,
        target,
        old: Some(old),
        downgrade: false,
        rules: UpdateRules {
            continues_on_failure,
            installs,
        },
        further_disables: 0,
        done: Done::default(),
        roll_back: Some(RollBack::default()),
    }
}

/// The situation of the way back, as it is taken up from what was remembered of `forward`.
fn turned(forward: &Situation) -> Situation {
    Situation {
        wanted: Wanted::RolledBack,
        target: forward.old.unwrap(),
        old: Some(forward.target),
        done: Done {
            settings: true,
            enabled: false,
            ..forward.done.clone()
        },
        ..forward.clone()
    }
}

/// The name of a step; of the way back, the version that failed is N still.
fn word(step: Step, wanted: Wanted) -> String {
    let back = wanted == Wanted::RolledBack;
    match step {
        Step::Run(command, side) => format!("{command}@{}", if (side == Side::Old) == back { "N" } else { "O" }),
        Step::RemoveOld if back => "remove-new".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// Plays `situation` to its end, forward and back, where `fails` says of each step whether it does.
fn play(mut situation: Situation, mut fails: impl FnMut(&str) -> bool) -> (String, Situation) {
    let mut steps = Vec::new();
    while let Some(step) = situation.next() {
        assert!(steps.len() < 24, "it does not end: {steps:?}");
        let name = word(step, situation.wanted);
        situation.begin(step);
        if !fails(&name) {
            situation.succeed(step);
            steps.push(name);
            continue;
        }
        steps.push(format!("{name}!"));
        if situation.fail(step, 9) == After::GoOn {
            continue;
        }
        if !situation.is_to_go_back() {
            break;
        }
        steps.push("|".to_owned());
        situation = turned(&situation);
    }
    (steps.join(" "), situation)
}

/// Every failure of the way there, and all of those of the way back on top of the last.
#[test]
fn an_update_that_is_taken_back() {
    use HandlerState::*;
    let (course, _) = play(situation(NotInstalled, Enabled, true, false), |_| false);
    let mut table = format!("{course}\n");
    for failing in course.split(' ') {
        let (played, end) = play(situation(NotInstalled, Enabled, true, false), |step| step == failing);
        table += &format!("{} => {}\n", played, end.target.name());
    }
    for (what, start, failing) in [
        (
            "without install",
            situation(NotInstalled, Enabled, false, false),
            &["enable@N"][..],
        ),
        (
            "without install, well",
            situation(NotInstalled, Enabled, false, false),
            &[],
        ),
        (
            "goes on",
            situation(NotInstalled, Enabled, true, true),
            &["disable@O", "uninstall@O", "install@N"],
        ),
        (
            "was not enabled",
            situation(FailedUpgrade, Installed, true, false),
            &["update@N"],
        ),
        (
            "way back",
            situation(NotInstalled, Enabled, true, false),
            &["prove", "disable@N", "install@O"],
        ),
        (
            "does not come up",
            situation(NotInstalled, Enabled, true, false),
            &["enable@N", "enable@O"],
        ),
        (
            "not put back",
            situation(NotInstalled, Enabled, true, false),
            &["enable@N", "putback"],
        ),
    ] {
        let (played, end) = play(start, |step| failing.contains(&step));
        table += &format!("{what}: {} => {}\n", played, end.target.name());
    }
    insta::assert_snapshot!(table, @r#"
    place settings keep disable@O carryover update@N uninstall@O install@N enable@N prove removeold
    place! | remove-new enable@O => Enabled
    place settings! | remove-new enable@O => Enabled
    place settings keep! | remove-new enable@O => Enabled
    place settings keep disable@O! | putback remove-new enable@O => Enabled
    place settings keep disable@O carryover! | putback remove-new enable@O => Enabled
    place settings keep disable@O carryover update@N! | putback remove-new enable@O => Enabled
    place settings keep disable@O carryover update@N uninstall@O! | install@O putback remove-new enable@O => Enabled
    place settings keep disable@O carryover update@N uninstall@O install@N! | install@O putback remove-new enable@O => Enabled
    place settings keep disable@O carryover update@N uninstall@O install@N enable@N! | install@O putback remove-new enable@O => Enabled
    place settings keep disable@O carryover update@N uninstall@O install@N enable@N prove! | disable@N install@O putback remove-new enable@O => Enabled
    place settings keep disable@O carryover update@N uninstall@O install@N enable@N prove removeold! => Enabled
    without install: place settings keep disable@O carryover update@N uninstall@O enable@N! | install@O putback remove-new enable@O => Enabled
    without install, well: place settings keep disable@O carryover update@N uninstall@O enable@N prove removeold => Enabled
    goes on: place settings keep disable@O! carryover update@N uninstall@O! install@N! | install@O putback remove-new enable@O => Enabled
    was not enabled: place settings keep carryover update@N! | putback remove-new enable@O => Enabled
    way back: place settings keep disable@O carryover update@N uninstall@O install@N enable@N prove! | disable@N! install@O! putback remove-new enable@O => Enabled
    does not come up: place settings keep disable@O carryover update@N uninstall@O install@N enable@N! | install@O putback remove-new enable@O! => Installed
    not put back: place settings keep disable@O carryover update@N uninstall@O install@N enable@N! | install@O putback! => Installed
    "#);
}

proptest! {
    /// Whatever fails, and however often, it ends; and on the way back only the enable of the old version or what the host
    /// itself could not do stops it before the new version is gone.
    #[test]
    fn it_always_ends(
        fails in proptest::collection::vec(any::<bool>(), 32),
        installs: bool,
        continues: bool,
        old_enabled: bool,
    ) {
        let old = if old_enabled { HandlerState::Enabled } else { HandlerState::Installed };
        let mut fails = fails.into_iter();
        let (played, end) = play(situation(HandlerState::NotInstalled, old, installs, continues), |_| {
            fails.next().unwrap_or_default()
        });
        let last = played.split(' ').next_back().unwrap_or_default();
        match end.wanted {
            Wanted::RolledBack if end.old.is_some() => prop_assert!(["putback!", "remove-new!"].contains(&last), "{played}"),
            Wanted::RolledBack => prop_assert!(["enable@O", "enable@O!"].contains(&last), "{played}"),
            // Forward it ends well, or it has proved good and its old version could not be taken away.
            _ => prop_assert!(["removeold", "removeold!"].contains(&last), "{played}"),
        }
        // What was kept is put back before the old version runs.
        if let (Some(kept), Some(enabled)) = (played.find("keep "), played.find("enable@O")) {
            let back = played.find("putback ");
            prop_assert!(back.is_some_and(|back| kept < back && back < enabled), "{played}");
        }
    }
}
