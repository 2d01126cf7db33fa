//! `kill -9` of `apply` at each system call by which it changes something, over the whole life of a handler: install, new
//! settings, update, disable, uninstall (P6; HST-01, HST-02, HST-03).
//!
//! A stop is before such a call or right after it. Between the two lies what others do meanwhile: after the call that
//! records that a command begins comes the command. Which calls there are is counted first. `cargo xtask crash --every`
//! tries them all.

use std::path::{Path, PathBuf};
use std::{env, thread};

use hostler_tests::not_run;

use crate::changes::{Change, change};
use crate::invariants::{INVARIANTS, Seen, Stopped};
use crate::life::{LIFE, Life, apply};
use crate::random::Random;
use crate::tracer::{Call, Order, Thread, Watch, can_trace};

/// How many stops are tried; `HOSTLER_STOPS` says another number, or `every`.
const STOPS: usize = 60;

/// Threads make some calls more in one life than in another: where the last ones do not come, one that did is taken instead,
/// so often at most.
const INSTEAD: usize = 8;

/// Lives side by side.
const SIDE_BY_SIDE: usize = 2;

/// On which side of a call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Where one is killed: in which stage, at which call of it, counted from 0, and on which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stop {
    stage: usize,
    call: usize,
    side: Side,
}

/// Counts changes of a folder, and kills at one of them.
struct Stopper {
    folder: PathBuf,
    at: Option<(usize, Side)>,
    seen: usize,
    /// What it was killed at.
    killed: Option<Change>,
    /// The call that it is killed after.
    armed: Option<Call>,
}

impl Stopper {
    fn new(folder: &Path, at: Option<(usize, Side)>) -> Self {
        Self {
            folder: folder.to_owned(),
            at,
            seen: 0,
            killed: None,
            armed: None,
        }
    }
}

impl Watch for Stopper {
    fn before(&mut self, thread: &Thread, call: &Call) -> Order {
        if self.killed.is_some() {
            return Order::GoOn;
        }
        let Some(change) = change(&self.folder, thread, call) else {
            return Order::GoOn;
        };
        let number = self.seen;
        self.seen += 1;
        match self.at {
            Some((at, side)) if at == number => {
                self.killed = Some(change);
                match side {
                    Side::Before => Order::Kill,
                    Side::After => {
                        self.armed = Some(*call);
                        Order::GoOn
                    }
                }
            }
            _ => Order::GoOn,
        }
    }

    fn after(&mut self, _: &Thread, call: &Call, _: i64) -> Order {
        match self.armed.take_if(|armed| armed == call) {
            Some(_) => Order::Kill,
            None => Order::GoOn,
        }
    }
}

#[test]
fn a_life_goes_on_from_every_call_that_it_is_stopped_at() {
    if !can_trace() {
        return not_run("ptrace");
    }
    let (seed, mut random) = Random::seeded();
    let (life, counted) = Life::undisturbed(|root| Stopper::new(root, None));
    let all: Vec<Stop> = counted
        .iter()
        .enumerate()
        .flat_map(|(stage, stopper)| (0..stopper.seen).map(move |call| (stage, call)))
        .flat_map(|(stage, call)| [Side::Before, Side::After].map(|side| Stop { stage, call, side }))
        .collect();
    assert!(all.len() > 200, "only {} stops in a life", all.len());
    let stops = choose(&all, &mut random);
    let each: Vec<Vec<Stop>> = (0..SIDE_BY_SIDE)
        .map(|first| stops.iter().skip(first).step_by(SIDE_BY_SIDE).copied().collect())
        .collect();
    let mut lives = vec![life];
    lives.extend((1..SIDE_BY_SIDE).map(|_| Life::lived()));
    let faults: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = lives
            .iter()
            .zip(&each)
            .map(|(life, stops)| scope.spawn(|| all_faults(life, stops)))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    println!(
        "{} stops of {} at {} calls of a life, {} invariants after each",
        stops.len(),
        all.len(),
        all.len() / 2,
        INVARIANTS.len()
    );
    let stages: Vec<_> = LIFE
        .iter()
        .zip(&counted)
        .map(|(stage, at)| (stage.name, at.seen))
        .collect();
    println!("calls: {stages:?}");
    assert!(faults.is_empty(), "HOSTLER_SEED={seed}:\n{}", faults.join("\n"));
}

/// One of each part of a life, as many as are asked for.
fn choose(all: &[Stop], random: &mut Random) -> Vec<Stop> {
    let asked = env::var("HOSTLER_STOPS").ok();
    let count = match asked.as_deref() {
        Some("every") => return all.to_vec(),
        Some(number) => number.parse().expect("HOSTLER_STOPS is a number or `every`"),
        None => STOPS,
    };
    let begin = |part: usize| part * all.len() / count;
    (0..count)
        .filter(|part| begin(*part) < begin(part + 1))
        .map(|part| all[begin(part) + random.below(begin(part + 1) - begin(part))])
        .collect()
}

/// Tries `stops` one after the other.
fn all_faults(life: &Life, stops: &[Stop]) -> Vec<String> {
    let mut all = Vec::new();
    for (tried, stop) in stops.iter().enumerate() {
        let found = faults(life, *stop);
        if !found.is_empty() || (tried > 0 && tried % 100 == 0) {
            // For whoever waits while all of them are tried.
            eprintln!("{tried} of {}: {}", stops.len(), found.join("\n"));
        }
        all.extend(found);
    }
    all
}

/// Stops a life there, goes on with it, and names what is not as it must be.
fn faults(life: &Life, stop: Stop) -> Vec<String> {
    let machine = &life.machine;
    let stage = &LIFE[stop.stage];
    let mut stop = stop;
    let mut tried = Vec::new();
    let (killed, before) = loop {
        life.put_back(stop.stage);
        let before = machine.ran().len();
        let mut stopper = Stopper::new(&machine.folder().join("root"), Some((stop.call, stop.side)));
        let code = apply(machine, stage, &mut stopper);
        if let Some(killed) = stopper.killed.filter(|_| code.is_none()) {
            break (killed, before);
        }
        tried.push(format!("{} of {}: {code:?}", stop.call, stopper.seen));
        if code != Some(0) || stopper.seen == 0 || tried.len() > INSTEAD {
            return vec![format!("{}: it was not stopped at calls {tried:?}", stage.name)];
        }
        stop.call = stop.call.min(stopper.seen).saturating_sub(1);
    };
    let stopped = Stopped::look(machine, before);
    let seen = Seen::go_on(life, stop.stage, stopped);
    let (call, path) = (killed.call, &killed.path);
    let at = format!("{} {:?} call {}, {call} of {path}", stage.name, stop.side, stop.call);
    let faults = seen.broken(&INVARIANTS).into_iter();
    faults.map(|fault| format!("{at}: {fault}")).collect()
}
