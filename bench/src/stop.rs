//! How late a component is stopped that does not end: one that computes, one that sleeps, one that waits for a pipe that
//! somebody planted.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_host::limits::LimitName;
use hostler_host::sandbox::{End, Sandbox};
use hostler_measure::{Contender, Part, Reading, Rounds, Series, Statistic};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};

use crate::effort::Effort;
use crate::guest::{self, Guest};
use crate::surroundings::Surroundings;

/// The deadline.
const DEADLINE: Duration = Duration::from_millis(50);

/// How long a worker gets until it waits for the word.
const SETTLE: Duration = Duration::from_millis(4);

/// Measures it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let workers = Guest::new(&around.workers()?, &around.guest, None)?;
    let here = Guest::new(&Sandbox::in_process()?, &around.guest, None)?;
    let folder = around.new_folder()?;
    let folder = folder.path();
    let pipe = folder.join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).context("a pipe cannot be made")?;
    let late = |guest: &Guest, verb: &str| stopped(guest, verb, folder, &pipe);
    let quick = Rounds::new(effort.rounds).warm_up(1).run(vec![
        Contender::new("computes, in a worker", || late(&workers, "loop")),
        Contender::new("computes, in process", || late(&here, "loop")),
        Contender::new("sleeps, in a worker", || late(&workers, "sleep")),
        Contender::new("sleeps, in process", || late(&here, "sleep")),
    ])?;
    // Each takes two seconds more where only its process can be ended.
    let slow = Rounds::new(effort.share(20).min(10)).warm_up(0).run(vec![
        Contender::new("waits for a pipe, in a worker", || late(&workers, "open")),
        Contender::new("waits for a pipe, in process", || late(&here, "open")),
    ])?;
    let mut readings = Vec::new();
    let mut figure = |key: &'static str, series: &Series, statistic| {
        readings.push(Reading::statistic(key, series.clone(), statistic, 1e-3));
    };
    if let [computes, computes_here, sleeps, sleeps_here] = quick.as_slice() {
        figure("stop.overshoot_ms_p99", computes, Statistic::P99);
        figure("stop.overshoot_ms_p50", computes, Statistic::Median);
        figure("stop.inprocess_overshoot_ms_p50", computes_here, Statistic::Median);
        figure("stop.asleep_overshoot_ms_p50", sleeps, Statistic::Median);
        figure("stop.asleep_inprocess_overshoot_ms_p50", sleeps_here, Statistic::Median);
    }
    if let [pipe, pipe_here] = slow.as_slice() {
        figure("stop.pipe_overshoot_ms_p50", pipe, Statistic::Median);
        figure("stop.pipe_inprocess_overshoot_ms_p50", pipe_here, Statistic::Median);
    }
    Ok(Part {
        name: "stop",
        title: "Stopping what does not end",
        about: "A command with a deadline of 50 ms that computes for ever, sleeps, or opens a pipe to which nobody writes: how \
                long after its deadline whoever called it has the outcome. A worker that hangs in the kernel is ended after \
                two more seconds (cmd.grace); in process the file call is left behind on its thread."
            .to_owned(),
        repeat: "cargo xtask bench --part stop".to_owned(),
        series: quick.into_iter().chain(slow).collect(),
        readings,
    })
}

/// How long after its deadline it is stopped.
fn stopped(guest: &Guest, verb: &str, folder: &Path, pipe: &Path) -> anyhow::Result<Duration> {
    guest.get_ready()?;
    let deadline = u64::try_from(DEADLINE.as_millis())?;
    let job = guest::job(&[verb], Some(folder), &[(LimitName::Deadline, deadline)])?;
    let ready = guest.ready(job);
    // Until it waits for the word: the deadline counts from there.
    std::thread::sleep(SETTLE);
    let started = Instant::now();
    let outcome = ready.run();
    let took = started.elapsed();
    // Lets go of a call that was left behind; nobody reads any more where there is none.
    let write = OpenOptions::new()
        .write(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(pipe);
    drop(write);
    anyhow::ensure!(matches!(outcome.end, End::TimedOut(_)), "{:?}", outcome.end);
    anyhow::ensure!(took >= DEADLINE, "it was stopped after {took:?}");
    Ok(took - DEADLINE)
}
