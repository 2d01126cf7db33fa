//! What the supervisor holds after a hundred commands in workers, and after many more.

use std::path::Path;

use hostler_measure::{Reading, Series};

use crate::guest::succeeded;
use crate::place::Place;
use crate::process::Memory;
use crate::surroundings::Surroundings;

/// Commands before the first look: what is kept for good is there then.
const SETTLED: usize = 100;

const KEY: &str = "memory.supervisor_growth";

/// Runs `commands` commands.
pub(super) fn measure(around: &Surroundings, commands: usize) -> anyhow::Result<(Vec<Series>, Vec<Reading>)> {
    if commands <= SETTLED {
        let why = format!("--commands is {commands}, and should be more than {SETTLED}");
        return Ok((vec![], vec![Reading::not_run(KEY, why)]));
    }
    let workers = around.workers()?;
    let place = Place::new(&around.folder, &workers, &around.package, r#"{"name": "Ada"}"#)?;
    let code = place.code(&workers)?;
    let run = |count, after| {
        for _ in 0..count {
            let (invocation, folders) = place.invocation(&code)?;
            succeeded(&workers.run(&code, &invocation, folders))?;
        }
        // Waits until the next worker is ready, as it was before.
        workers.wait_for_workers()?;
        held(after)
    };
    let early = run(SETTLED, SETTLED)?;
    let late = run(commands - SETTLED, commands)?;
    let readings = vec![Reading::compared(KEY, late.clone(), early.clone())];
    Ok((vec![early, late], readings))
}

/// What this process holds.
fn held(after: usize) -> anyhow::Result<Series> {
    let resident = Memory::of(std::process::id())?.resident;
    let entries =
        |folder: &str| Ok::<_, std::io::Error>(std::fs::read_dir(Path::new("/proc/self").join(folder))?.count());
    let what = format!(
        "supervisor after {after} commands: {} descriptors, {} threads",
        entries("fd")?,
        entries("task")?
    );
    Ok(Series::single(&what, "kB", resident as f64))
}
