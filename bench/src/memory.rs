//! What the supervisor holds after a hundred commands in workers, and after many more.

use std::path::Path;

use anyhow::Context as _;

use crate::enable::succeeded;
use crate::place::Place;
use crate::reading::{Reading, Side};
use crate::surroundings::Surroundings;

/// Commands before the first look: what is kept for good is there then.
const SETTLED: usize = 100;

/// What a process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    resident_kb: f64,
    descriptors: usize,
    threads: usize,
}

impl Held {
    fn by_this_process() -> anyhow::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
        let resident_kb = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .context("/proc/self/status says no VmRSS")?
            .parse()?;
        let entries = |folder: &Path| Ok::<_, std::io::Error>(std::fs::read_dir(folder)?.count());
        Ok(Self {
            resident_kb,
            descriptors: entries(Path::new("/proc/self/fd"))?,
            threads: entries(Path::new("/proc/self/task"))?,
        })
    }

    fn side(self, after: usize) -> Side {
        let Self {
            descriptors, threads, ..
        } = self;
        let what = format!("after {after} commands: {descriptors} descriptors, {threads} threads");
        Side::single(&what, "kB", self.resident_kb)
    }
}

/// Runs `commands` commands. Comes first of all, so that nothing else of this process hides growth.
pub(crate) fn measure(around: &Surroundings, commands: usize) -> anyhow::Result<Vec<Reading>> {
    const KEY: &str = "memory.supervisor_growth";
    if commands <= SETTLED {
        let why = format!("--commands is {commands}, and should be more than {SETTLED}");
        return Ok(vec![Reading::NotRun { key: KEY, why }]);
    }
    let workers = around.workers()?;
    let place = Place::new(&around.folder, &workers, &around.package, r#"{"name": "Ada"}"#)?;
    let code = place.code(&workers)?;
    let run = |count| -> anyhow::Result<Held> {
        for _ in 0..count {
            let (invocation, folders) = place.invocation(&code)?;
            succeeded(&workers.run(&code, &invocation, folders))?;
        }
        // Waits until the next worker is ready, as it was before.
        workers.isolation()?;
        Held::by_this_process()
    };
    let early = run(SETTLED)?;
    let late = run(commands - SETTLED)?;
    Ok(vec![Reading::Compared {
        key: KEY,
        ours: late.side(commands),
        other: early.side(SETTLED),
    }])
}
