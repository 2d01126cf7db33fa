//! Hours of an agent in no time: a world whose clock goes on when there is nothing to do.

use std::collections::VecDeque;
use std::time::Duration;

use hostler_contract::{Finding, Place, Refused, Source as Text, codes};
use hostler_fetch::Location;
use time::OffsetDateTime;

use super::source::{Document, Look};
use super::{Act, Course, Ending, Happened, Notice, Schedule, World, run};
use crate::audit::AuditEvent;
use crate::grants::Policy;
use crate::report::{AgentReport, AgentState, Following};

const PERIOD: Duration = Duration::from_secs(6);

/// The goal state with that number.
fn goal_state(number: u64) -> Look {
    document(&format!(r#"{{"inSvdSeqNo": {number}, "extensionGoalStates": []}}"#))
}

fn document(text: &str) -> Look {
    let source = Location::parse("file:///goal.json", None).unwrap();
    Look {
        document: Some(Document::new(source, text.into())),
        findings: vec![],
    }
}

fn away() -> Look {
    Look {
        document: None,
        findings: vec![Finding::refusal(
            codes::DOWNLOAD_TIMEOUT,
            "there",
            Place::Whole,
            "nothing",
            "wait",
        )],
    }
}

/// A world that is played: `looks` says what the source gives at the nth look, and when each other thing happens.
struct Played<L> {
    now: Duration,
    /// How far the wall clock is off.
    jump: time::Duration,
    looks: L,
    looked: u64,
    soon: VecDeque<Happened>,
    later: VecDeque<(Duration, Happened)>,
    /// How long a goal state takes; `None` for one that never ends.
    takes: Option<Duration>,
    policies: VecDeque<Result<Policy, Refused>>,
    turns: u64,
    acts: Vec<String>,
    since: Vec<(bool, String)>,
}

impl<L: FnMut(u64) -> Look> World for Played<L> {
    fn now(&self) -> Duration {
        self.now
    }

    fn time(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + self.now + self.jump
    }

    fn wait(&mut self, until: Duration) -> Option<Happened> {
        if let Some(happened) = self.soon.pop_front() {
            return Some(happened);
        }
        match self.later.front() {
            Some((at, _)) if *at <= until => {
                let (at, happened) = self.later.pop_front()?;
                self.now = self.now.max(at);
                Some(happened)
            }
            _ => {
                self.now = self.now.max(until);
                None
            }
        }
    }

    fn act(&mut self, act: Act) {
        let at = self.now.as_secs();
        match act {
            Act::Look => {
                self.soon.push_back(Happened::Looked((self.looks)(self.looked)));
                self.looked += 1;
            }
            Act::Turn => self.turns += 1,
            Act::Report | Act::Tell(Notice::Alive) => {}
            Act::CarryOut(goal_state) => {
                let number = goal_state.settings.in_svd_seq_no.clone().unwrap_or_default();
                self.acts.push(format!("{at} carry out {number}"));
                if let Some(takes) = self.takes {
                    let ends = self.now + takes;
                    let place = self.later.partition_point(|(at, _)| *at <= ends);
                    self.later.insert(place, (ends, Happened::CarriedOut));
                }
            }
            Act::ReadPolicy => {
                let read = self.policies.pop_front().unwrap();
                self.soon.push_back(Happened::PolicyRead(read));
            }
            Act::UsePolicy(policy) => self.acts.push(format!("{at} use {} rules", policy.rules().len())),
            Act::Record(event) => {
                let event = serde_json::to_value::<AuditEvent>(event).unwrap();
                self.acts
                    .push(format!("{at} record {}", event["event"].as_str().unwrap()));
            }
            Act::Tell(notice) => self.acts.push(format!("{at} tell {notice:?}")),
            Act::WindUp => {
                self.acts.push(format!("{at} wind up"));
                self.soon.push_back(Happened::PeriodicGone);
                // Of what runs, the rest of its time is left.
                let ends = self
                    .later
                    .iter()
                    .find(|(_, happened)| matches!(happened, Happened::CarriedOut));
                let running = ends.map(|(at, _)| *at);
                match (running, self.takes) {
                    (Some(at), _) => {
                        let place = self.later.partition_point(|(other, _)| *other <= at);
                        self.later.insert(place, (at, Happened::ExecutorGone));
                    }
                    (None, Some(_)) => self.soon.push_back(Happened::ExecutorGone),
                    (None, None) => {}
                }
            }
            Act::Leave(_) => unreachable!("the loop leaves"),
        }
    }

    fn publish(&mut self, course: &Course) {
        let source = &course.report().source;
        let stands = (source.good, source.since.clone());
        if !source.since.is_empty() && self.since.last() != Some(&stands) {
            self.since.push(stands);
        }
    }
}

/// Plays an agent until `later` has it stop.
fn play<L: FnMut(u64) -> Look>(
    looks: L,
    takes: Option<u64>,
    later: impl IntoIterator<Item = (u64, Happened)>,
) -> (Ending, Played<L>) {
    play_in(looks, takes, later, vec![], 0)
}

fn play_in<L: FnMut(u64) -> Look>(
    looks: L,
    takes: Option<u64>,
    later: impl IntoIterator<Item = (u64, Happened)>,
    policies: Vec<Result<Policy, Refused>>,
    jump: i64,
) -> (Ending, Played<L>) {
    let later = later
        .into_iter()
        .map(|(at, happened)| (Duration::from_secs(at), happened));
    let mut world = Played {
        now: Duration::ZERO,
        jump: time::Duration::days(jump),
        looks,
        looked: 0,
        soon: VecDeque::new(),
        later: later.collect(),
        takes: takes.map(Duration::from_secs),
        policies: policies.into(),
        turns: 0,
        acts: vec![],
        since: vec![],
    };
    let mut course = course();
    let mut schedule = Schedule::new(PERIOD, Some(Duration::from_secs(30)), Duration::ZERO);
    let ending = run(&mut course, &mut schedule, Duration::from_secs(20), &mut world);
    (ending, world)
}

fn course() -> Course {
    let report = AgentReport {
        state: AgentState::Running,
        since: String::new(),
        process: 1,
        period_ms: 6000,
        source: Following::untried("there".to_owned()),
        in_force: None,
        policy: Some(Following::untried("policy".to_owned())),
        upload: None,
    };
    let source = Location::parse("file:///goal.json", None).unwrap();
    Course::new(source, None, report)
}

fn policy(text: &str) -> Result<Policy, Refused> {
    Policy::parse(Text::new("policy.toml", text.as_bytes()))
}

/// Contract 7.1: a goal state is carried out once, and an unchanged one runs nothing, for an hour.
#[test]
fn an_hour_of_the_same() {
    let (ending, world) = play(|_| goal_state(1), Some(5), [(3600, Happened::Stop)]);
    assert!(matches!(ending, Ending::InOrder), "{ending:?}");
    assert_eq!(world.looked, 600);
    insta::assert_snapshot!(world.acts.join("\n"), @"
    0 record agent-started
    0 tell Ready
    0 carry out 1
    3600 tell Stopping
    3600 record agent-stopped
    3600 wind up
    ");
}

/// A source that is gone for an hour: the last good goal state stays in force, is not carried out again when the source is
/// back, and the report says since when, to the second of the first failure.
#[test]
fn a_source_gone_for_an_hour() {
    let looks = |look| match look {
        100..700 => away(),
        _ => goal_state(1),
    };
    let (_, world) = play(looks, Some(5), [(5000, Happened::Stop)]);
    insta::assert_snapshot!(world.acts.join("\n"), @"
    0 record agent-started
    0 tell Ready
    0 carry out 1
    612 record source-lost
    4200 record source-back
    5000 tell Stopping
    5000 record agent-stopped
    5000 wind up
    ");
    let since: Vec<(bool, &str)> = world
        .since
        .iter()
        .map(|(good, since)| (*good, since.as_str()))
        .collect();
    assert_eq!(
        since,
        [
            (true, "1970-01-01T00:00:00Z"),
            (false, "1970-01-01T00:10:00Z"),
            (true, "1970-01-01T01:10:00Z")
        ]
    );
    // Reports go on all the time.
    assert_eq!(world.turns, 5000 / 6 + 1);
}

/// Broken, flipping between good and broken, and between two that are good: each goal state is carried out once.
#[test]
fn a_source_that_is_broken_or_flips() {
    let broken = r#"{"extensionGoalStates": 7}"#;
    let (_, world) = play(
        |look| match look {
            0..10 => document(broken),
            10..20 => goal_state(1),
            20..40 if look % 2 == 0 => document(broken),
            20..40 => goal_state(1),
            _ if look % 2 == 0 => goal_state(2),
            _ => goal_state(1),
        },
        Some(5),
        [(3600, Happened::Stop)],
    );
    insta::assert_snapshot!(world.acts.join("\n"), @"
    0 record agent-started
    0 tell Ready
    12 record source-lost
    60 record source-back
    60 carry out 1
    240 carry out 2
    3600 tell Stopping
    3600 record agent-stopped
    3600 wind up
    ");
}

/// What is new while a goal state is carried out comes after it, and only the newest of it.
#[test]
fn new_ones_while_one_is_carried_out() {
    let (_, world) = play(|look| goal_state(look.min(4)), Some(100), [(400, Happened::Stop)]);
    let carried_out: Vec<&String> = world.acts.iter().filter(|act| act.contains("carry")).collect();
    assert_eq!(carried_out, ["0 carry out 0", "100 carry out 4"]);
}

/// HST-15: told to stop, a command has its time, and no more than that; asked twice it has none.
#[test]
fn hst_15_stopping_takes_as_long_as_it_may() {
    let stop = |at| (at, Happened::Stop);
    let cases: [(Option<u64>, &[u64], u64, bool); 5] = [
        (Some(5), &[100], 100, true),
        (Some(110), &[100], 110, true),
        (Some(130), &[100], 120, false),
        (None, &[100], 120, false),
        (None, &[100, 103], 103, false),
    ];
    for (takes, stops, end, in_order) in cases {
        let (ending, world) = play(|_| goal_state(1), takes, stops.iter().map(|at| stop(*at)));
        assert_eq!(world.now.as_secs(), end, "{takes:?} {stops:?}");
        assert_eq!(
            matches!(ending, Ending::InOrder),
            in_order,
            "{takes:?} {stops:?}: {ending:?}"
        );
    }
}

/// HST-08: the wall clock jumps by ten years either way, and nothing is sooner or later for it.
#[test]
fn hst_08_jumps_of_the_wall_clock() {
    let plain = play(|_| goal_state(1), Some(5), [(3600, Happened::Stop)]).1;
    for jump in [-3652, 3652] {
        let jumped = play_in(|_| goal_state(1), Some(5), [(3600, Happened::Stop)], vec![], jump).1;
        assert_eq!((jumped.acts, jumped.turns), (plain.acts.clone(), plain.turns));
    }
}

/// A policy that cannot be used leaves the one before it in force; one that differs is in force at once, one that is the
/// same changes nothing.
#[test]
fn policies_are_read_again() {
    let rule = "[[rule]]\nname = \"all\"\n";
    let policies = vec![policy(rule), policy("rule = "), policy(rule)];
    assert!(policies[0].is_ok() && policies[1].is_err(), "{policies:?}");
    let later = [
        (10, Happened::Reload),
        (20, Happened::Reload),
        (30, Happened::Reload),
        (40, Happened::Stop),
    ];
    let (_, world) = play_in(|_| goal_state(1), Some(1), later, policies, 0);
    insta::assert_snapshot!(world.acts.join("\n"), @"
    0 record agent-started
    0 tell Ready
    0 carry out 1
    10 tell Reloading
    10 use 1 rules
    10 carry out 1
    10 tell Ready
    20 tell Reloading
    20 record policy-kept
    20 tell Ready
    30 tell Reloading
    30 tell Ready
    40 tell Stopping
    40 record agent-stopped
    40 wind up
    ");
}

/// What is periodic has as much time to stop as a command.
#[test]
fn what_is_periodic_is_waited_for() {
    let mut course = course();
    let mut on = |happened| format!("{:?}", course.on(happened, OffsetDateTime::UNIX_EPOCH));
    assert!(on(Happened::Stop).contains("WindUp"));
    assert_eq!(on(Happened::ExecutorGone), "[]");
    assert_eq!(on(Happened::PeriodicGone), "[Leave(InOrder)]");
}

/// Without what carries goal states out there is no agent.
#[test]
fn a_broken_program_ends() {
    for broken in [Happened::ExecutorGone, Happened::Broke] {
        let (ending, _) = play(|_| goal_state(1), Some(1), [(10, broken)]);
        assert!(matches!(ending, Ending::Broken), "{ending:?}");
    }
}
