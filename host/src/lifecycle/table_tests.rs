//! The whole table: every state × what is wanted × what fails, as one text.

use super::*;

const INSTALLS: UpdateRules = UpdateRules {
    continues_on_failure: false,
    installs: true,
};

fn situation(wanted: Wanted, target: HandlerState, old: Option<HandlerState>) -> Situation {
    Situation {
        wanted,
        target,
        old,
        downgrade: false,
        rules: INSTALLS,
        further_disables: 0,
        done: Done::default(),
        roll_back: None,
    }
}

fn word(step: Step) -> String {
    match step {
        Step::Place => "place".to_owned(),
        Step::Settings => "settings".to_owned(),
        Step::CarryOver => "carry".to_owned(),
        Step::Keep => "keep".to_owned(),
        Step::Prove => "prove".to_owned(),
        Step::PutBack => "put-back".to_owned(),
        Step::RemoveOld => "remove-old".to_owned(),
        Step::Remove => "remove".to_owned(),
        Step::Run(command, side) => format!("{command}@{}", if side == Side::Old { "O" } else { "N" }),
    }
}

/// Plays `situation` to its end, with the steps named in `failing` failing; the steps, and what is left.
fn play(mut situation: Situation, failing: &[&str]) -> String {
    let mut steps = Vec::new();
    let mut end = "done".to_owned();
    while let Some(step) = situation.next() {
        assert!(steps.len() < 12, "it does not end: {steps:?}");
        let name = word(step);
        situation.begin(step);
        if failing.contains(&name.as_str()) {
            steps.push(format!("{name}!"));
            let code = match step {
                Step::Run(command, _) => command.error_code().to_string(),
                // What is wrong decides (contract 1.3, 12).
                _ => "of the fault".to_owned(),
            };
            end = match situation.fail(step, 9) {
                After::Stop => format!("code {code}"),
                After::StopUpdate => "code 1008".to_owned(),
                After::GoOn => continue,
            };
            break;
        }
        situation.succeed(step);
        steps.push(name);
    }
    let old = situation
        .old
        .map_or_else(|| "-".to_owned(), |old| old.name().to_owned());
    format!("{} | {end} | O {old}, N {}", steps.join(" "), situation.target.name())
}

/// Contract 7.3 and 7.4: fresh, again, and every failure in them.
#[test]
fn to_enabled() {
    use HandlerState::*;
    let mut table = String::new();
    for (target, old) in [
        (NotInstalled, None),
        (Installed, None),
        (Enabled, None),
        (FailedUpgrade, None),
        (NotInstalled, Some(Enabled)),
        (NotInstalled, Some(Installed)),
        (FailedUpgrade, Some(Installed)),
    ] {
        let start = situation(Wanted::Enabled, target, old);
        let mut failing: Vec<String> = vec![String::new()];
        let mut walk = start.clone();
        while let Some(step) = walk.next() {
            failing.push(word(step));
            walk.begin(step);
            walk.succeed(step);
        }
        for fails in &failing {
            let old = old.map_or("-", HandlerState::name);
            let played = play(start.clone(), &[fails]);
            table += &format!("O {old}, N {}: {played}\n", target.name());
        }
    }
    insta::assert_snapshot!(table, @r#"
    O -, N NotInstalled: place settings install@N enable@N | done | O -, N Enabled
    O -, N NotInstalled: place! | code of the fault | O -, N NotInstalled
    O -, N NotInstalled: place settings! | code of the fault | O -, N NotInstalled
    O -, N NotInstalled: place settings install@N! | code 1007 | O -, N NotInstalled
    O -, N NotInstalled: place settings install@N enable@N! | code 1009 | O -, N Installed
    O -, N Installed: settings enable@N | done | O -, N Enabled
    O -, N Installed: settings! | code of the fault | O -, N Installed
    O -, N Installed: settings enable@N! | code 1009 | O -, N Installed
    O -, N Enabled: settings enable@N | done | O -, N Enabled
    O -, N Enabled: settings! | code of the fault | O -, N Enabled
    O -, N Enabled: settings enable@N! | code 1009 | O -, N Enabled
    O -, N FailedUpgrade: place settings install@N enable@N | done | O -, N Enabled
    O -, N FailedUpgrade: place! | code of the fault | O -, N NotInstalled
    O -, N FailedUpgrade: place settings! | code of the fault | O -, N NotInstalled
    O -, N FailedUpgrade: place settings install@N! | code 1007 | O -, N NotInstalled
    O -, N FailedUpgrade: place settings install@N enable@N! | code 1009 | O -, N Installed
    O Enabled, N NotInstalled: place settings disable@O carry update@N uninstall@O remove-old install@N enable@N | done | O -, N Enabled
    O Enabled, N NotInstalled: place! | code of the fault | O Enabled, N NotInstalled
    O Enabled, N NotInstalled: place settings! | code of the fault | O Enabled, N NotInstalled
    O Enabled, N NotInstalled: place settings disable@O! | code 1008 | O Enabled, N NotInstalled
    O Enabled, N NotInstalled: place settings disable@O carry! | code of the fault | O Installed, N NotInstalled
    O Enabled, N NotInstalled: place settings disable@O carry update@N! | code 1008 | O Installed, N FailedUpgrade
    O Enabled, N NotInstalled: place settings disable@O carry update@N uninstall@O! | code 1008 | O Installed, N NotInstalled
    O Enabled, N NotInstalled: place settings disable@O carry update@N uninstall@O remove-old! | code of the fault | O Installed, N NotInstalled
    O Enabled, N NotInstalled: place settings disable@O carry update@N uninstall@O remove-old install@N! | code 1007 | O -, N NotInstalled
    O Enabled, N NotInstalled: place settings disable@O carry update@N uninstall@O remove-old install@N enable@N! | code 1009 | O -, N Installed
    O Installed, N NotInstalled: place settings carry update@N uninstall@O remove-old install@N enable@N | done | O -, N Enabled
    O Installed, N NotInstalled: place! | code of the fault | O Installed, N NotInstalled
    O Installed, N NotInstalled: place settings! | code of the fault | O Installed, N NotInstalled
    O Installed, N NotInstalled: place settings carry! | code of the fault | O Installed, N NotInstalled
    O Installed, N NotInstalled: place settings carry update@N! | code 1008 | O Installed, N FailedUpgrade
    O Installed, N NotInstalled: place settings carry update@N uninstall@O! | code 1008 | O Installed, N NotInstalled
    O Installed, N NotInstalled: place settings carry update@N uninstall@O remove-old! | code of the fault | O Installed, N NotInstalled
    O Installed, N NotInstalled: place settings carry update@N uninstall@O remove-old install@N! | code 1007 | O -, N NotInstalled
    O Installed, N NotInstalled: place settings carry update@N uninstall@O remove-old install@N enable@N! | code 1009 | O -, N Installed
    O Installed, N FailedUpgrade: place settings carry update@N uninstall@O remove-old install@N enable@N | done | O -, N Enabled
    O Installed, N FailedUpgrade: place! | code of the fault | O Installed, N NotInstalled
    O Installed, N FailedUpgrade: place settings! | code of the fault | O Installed, N NotInstalled
    O Installed, N FailedUpgrade: place settings carry! | code of the fault | O Installed, N NotInstalled
    O Installed, N FailedUpgrade: place settings carry update@N! | code 1008 | O Installed, N FailedUpgrade
    O Installed, N FailedUpgrade: place settings carry update@N uninstall@O! | code 1008 | O Installed, N NotInstalled
    O Installed, N FailedUpgrade: place settings carry update@N uninstall@O remove-old! | code of the fault | O Installed, N NotInstalled
    O Installed, N FailedUpgrade: place settings carry update@N uninstall@O remove-old install@N! | code 1007 | O -, N NotInstalled
    O Installed, N FailedUpgrade: place settings carry update@N uninstall@O remove-old install@N enable@N! | code 1009 | O -, N Installed
    "#);
}

/// Contract 7.4: what the new version's manifest changes, and which version's update runs on the way down.
#[test]
fn rules_of_a_change() {
    use HandlerState::*;
    let start = situation(Wanted::Enabled, NotInstalled, Some(Enabled));
    let continues = Situation {
        rules: UpdateRules {
            continues_on_failure: true,
            ..INSTALLS
        },
        ..start.clone()
    };
    let without_install = Situation {
        rules: UpdateRules {
            installs: false,
            ..INSTALLS
        },
        ..start.clone()
    };
    let down = Situation {
        downgrade: true,
        ..start
    };
    let table = [
        ("continues", play(continues.clone(), &["disable@O"])),
        ("continues", play(continues.clone(), &["uninstall@O"])),
        (
            "continues",
            play(continues.clone(), &["disable@O", "uninstall@O", "install@N"]),
        ),
        ("continues", play(continues, &["update@N"])),
        ("without install", play(without_install.clone(), &[])),
        ("without install", play(without_install, &["enable@N"])),
        ("down", play(down.clone(), &[])),
        ("down", play(down, &["update@O"])),
    ]
    .map(|(rules, played)| format!("{rules}: {played}\n"))
    .concat();
    insta::assert_snapshot!(table, @r#"
    continues: place settings disable@O! carry update@N uninstall@O remove-old install@N enable@N | done | O -, N Enabled
    continues: place settings disable@O carry update@N uninstall@O! remove-old install@N enable@N | done | O -, N Enabled
    continues: place settings disable@O! carry update@N uninstall@O! remove-old install@N! | code 1007 | O -, N NotInstalled
    continues: place settings disable@O carry update@N! | code 1008 | O Installed, N FailedUpgrade
    without install: place settings disable@O carry update@N uninstall@O remove-old enable@N | done | O -, N Enabled
    without install: place settings disable@O carry update@N uninstall@O remove-old enable@N! | code 1009 | O -, N Installed
    down: place settings disable@O carry update@O uninstall@O remove-old install@N enable@N | done | O -, N Enabled
    down: place settings disable@O carry update@O! | code 1008 | O Installed, N FailedUpgrade
    "#);
}

/// Contract 7.5.
#[test]
fn to_disabled_and_away() {
    use HandlerState::*;
    let mut table = String::new();
    for wanted in [Wanted::Disabled, Wanted::Uninstall, Wanted::Vanished] {
        for target in [NotInstalled, Installed, Enabled, FailedUpgrade] {
            for failing in ["", "disable@N", "uninstall@N"] {
                let played = play(situation(wanted, target, None), &[failing]);
                if failing.is_empty() || played.contains('!') {
                    table += &format!("{wanted:?} {}: {played}\n", target.name());
                }
            }
        }
    }
    insta::assert_snapshot!(table, @r#"
    Disabled NotInstalled:  | done | O -, N NotInstalled
    Disabled Installed:  | done | O -, N Installed
    Disabled Enabled: disable@N | done | O -, N Installed
    Disabled Enabled: disable@N! | code 1010 | O -, N Enabled
    Disabled FailedUpgrade:  | done | O -, N FailedUpgrade
    Uninstall NotInstalled: remove | done | O -, N NotInstalled
    Uninstall Installed: uninstall@N remove | done | O -, N NotInstalled
    Uninstall Installed: uninstall@N! remove | done | O -, N NotInstalled
    Uninstall Enabled: disable@N uninstall@N remove | done | O -, N NotInstalled
    Uninstall Enabled: disable@N! | code 1010 | O -, N Enabled
    Uninstall Enabled: disable@N uninstall@N! remove | done | O -, N NotInstalled
    Uninstall FailedUpgrade: uninstall@N remove | done | O -, N NotInstalled
    Uninstall FailedUpgrade: uninstall@N! remove | done | O -, N NotInstalled
    Vanished NotInstalled: remove | done | O -, N NotInstalled
    Vanished Installed: remove | done | O -, N NotInstalled
    Vanished Enabled: remove | done | O -, N NotInstalled
    Vanished FailedUpgrade: remove | done | O -, N NotInstalled
    "#);
}

/// Contract 11: stopped anywhere, and gone on with what was remembered, it ends where an undisturbed one ends.
#[test]
fn an_interruption_changes_nothing_about_the_end() {
    use HandlerState::*;
    for (wanted, target, old) in [
        (Wanted::Enabled, NotInstalled, None),
        (Wanted::Enabled, NotInstalled, Some(Enabled)),
        (Wanted::Enabled, FailedUpgrade, Some(Installed)),
        (Wanted::Uninstall, Enabled, None),
        (Wanted::Disabled, Enabled, None),
    ] {
        let start = situation(wanted, target, old);
        let end = |mut situation: Situation| {
            while let Some(step) = situation.next() {
                situation.begin(step);
                situation.succeed(step);
            }
            (situation.target, situation.old)
        };
        let mut walk = start.clone();
        while let Some(step) = walk.next() {
            walk.begin(step);
            // Stopped while the step is taken: what was done before it is known, the step is taken again.
            let mut resumed = walk.clone();
            if resumed.old.is_none() {
                // Only a change of versions is remembered in its parts.
                resumed.done = Done::default();
            }
            assert_eq!(end(resumed), end(start.clone()), "stopped at {}", word(step));
            walk.succeed(step);
        }
    }
}

/// Contract 7.4, 7.5 and 8.4: one of several extensions is disabled, and each is before the handler changes or goes.
#[test]
fn several_extensions() {
    use HandlerState::*;
    let with = |further_disables, start: Situation| Situation {
        further_disables,
        ..start
    };
    let continues = |start: Situation| Situation {
        rules: UpdateRules {
            continues_on_failure: true,
            ..INSTALLS
        },
        ..start
    };
    let one = situation(Wanted::ExtensionDisabled, Enabled, None);
    let fresh = situation(Wanted::ExtensionDisabled, NotInstalled, None);
    let update = with(2, situation(Wanted::Enabled, NotInstalled, Some(Enabled)));
    let table = [
        play(one.clone(), &[]),
        play(one.clone(), &["disable@N"]),
        play(fresh, &[]),
        play(with(1, situation(Wanted::Uninstall, Enabled, None)), &[]),
        play(with(1, situation(Wanted::Uninstall, Enabled, None)), &["disable@N"]),
        play(with(1, situation(Wanted::Disabled, Enabled, None)), &[]),
        play(update.clone(), &[]),
        play(update.clone(), &["disable@O"]),
        play(continues(update), &["disable@O"]),
    ];
    insta::assert_snapshot!(table.join("\n"), @"
    settings disable@N | done | O -, N Enabled
    settings disable@N! | done | O -, N Enabled
    place settings install@N disable@N | done | O -, N Installed
    disable@N disable@N uninstall@N remove | done | O -, N NotInstalled
    disable@N! | code 1010 | O -, N Enabled
    disable@N disable@N | done | O -, N Installed
    place settings disable@O disable@O disable@O carry update@N uninstall@O remove-old install@N enable@N | done | O -, N Enabled
    place settings disable@O! | code 1008 | O Enabled, N NotInstalled
    place settings disable@O! disable@O! disable@O! carry update@N uninstall@O remove-old install@N enable@N | done | O -, N Enabled
    ");
}
