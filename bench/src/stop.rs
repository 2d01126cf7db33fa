//! How late a component that computes for ever is stopped in its worker, as its supervisor sees it.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_host::limits::LimitName;
use hostler_host::sandbox::End;

use crate::guest::Guest;
use crate::reading::{Reading, Side};
use crate::samples::Samples;
use crate::surroundings::Surroundings;

/// The deadline.
const DEADLINE: Duration = Duration::from_millis(50);

/// Measures it in `rounds`.
pub(crate) fn measure(around: &Surroundings, rounds: usize) -> anyhow::Result<Vec<Reading>> {
    let guest = Guest::new(around)?;
    let folder = tempfile::tempdir_in(&around.folder).with_context(|| around.folder.display().to_string())?;
    let deadline = u64::try_from(DEADLINE.as_millis())?;
    let mut samples = Samples::default();
    for _ in 0..rounds {
        guest.get_ready()?;
        let job = Guest::invocation("loop", folder.path(), &[(LimitName::Deadline, deadline)])?;
        let started = Instant::now();
        let outcome = guest.run(job);
        let took = started.elapsed();
        anyhow::ensure!(matches!(outcome.end, End::TimedOut(_)), "{:?}", outcome.end);
        samples.push(took.saturating_sub(DEADLINE));
    }
    let side = Side::of("after the deadline of 50 ms", &samples);
    let figure = |key, value| Reading::Figure {
        key,
        ours: side.clone(),
        value,
    };
    Ok(vec![
        figure("stop.overshoot_ms_p99", samples.p99() / 1e3),
        figure("stop.overshoot_ms_p50", samples.median() / 1e3),
    ])
}
