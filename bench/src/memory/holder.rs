//! Handlers that live in one process, which does nothing else: this program once more, so that nothing that was measured
//! before is in its memory.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_host::sandbox::{CodeCache, RunningService, Sandbox};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::processes::Homes;
use crate::guest::{Guest, job};
use crate::process::Memory;
use crate::surroundings::Surroundings;

/// The first argument of such a process.
const HOLDER: &str = "holder-of-idle-handlers";

/// The process. It ends with its value.
pub(super) struct Holder {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Holder {
    /// Starts it: the code comes from the cache in `folder`, into which it is put at the first time.
    pub(super) fn start(around: &Surroundings, folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(HOLDER)
            .arg(&around.guest)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("this program once more")?;
        Ok(Self {
            asks: child.stdin.take().context("no standard input")?,
            answers: BufReader::new(child.stdout.take().context("no standard output")?),
            child,
        })
    }

    /// Lets more handlers live in it, until there are `count`, and looks at its memory.
    pub(super) fn grow_to(&mut self, count: usize) -> anyhow::Result<Memory> {
        writeln!(self.asks, "{count}").context("the holder takes nothing")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        anyhow::ensure!(
            answer.trim() == count.to_string(),
            "the holder of {count} handlers said {answer:?}"
        );
        Memory::of(self.child.id())
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What such a process does; `None` in any other.
pub(crate) fn holder_main() -> Option<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [first, guest, folder] = arguments.as_slice() else {
        return None;
    };
    if first != HOLDER {
        return None;
    }
    Some(match hold(Path::new(guest), &PathBuf::from(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    })
}

fn hold(guest: &Path, folder: &Path) -> anyhow::Result<()> {
    allow_descriptors()?;
    let cache = CodeCache::open(&folder.join("cache"))?;
    let guest = Guest::new(&Sandbox::in_process()?, guest, Some(&cache))?;
    let homes = Homes::new(folder.to_owned());
    let mut alive = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let count = line.trim().parse().with_context(|| line.clone())?;
        while alive.len() < count {
            alive.push(start(&guest, &homes.make(alive.len())?)?);
        }
        homes.wait(count, || all_alive(&mut alive))?;
        rest(count)?;
        println!("{line}");
    }
    Ok(())
}

/// Waits until the threads have ended that made the file calls of `count` handlers: they stay for seconds, and a handler
/// that has nothing to do has none. What stays is a thread for each, and a watchdog for all. A busy machine is waited for no
/// longer than a while: then the figure holds them too.
fn rest(count: usize) -> anyhow::Result<()> {
    const LONGEST: Duration = Duration::from_secs(60);
    let began = Instant::now();
    while std::fs::read_dir("/proc/self/task")?.count() > count + 2 && began.elapsed() < LONGEST {
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Starts a handler that lives in `home`.
pub(super) fn start(guest: &Guest, home: &Path) -> anyhow::Result<RunningService> {
    let (mut invocation, folders) = job(&["idle"], Some(home), &[])?;
    invocation.is_service = true;
    let started = guest.sandbox().start(guest.code(), invocation, folders);
    started.map_err(|outcome| anyhow::anyhow!("it does not start: {:?}", outcome.end))
}

/// Fails where one has ended.
pub(super) fn all_alive(alive: &mut [RunningService]) -> anyhow::Result<()> {
    for service in alive {
        if let Some(outcome) = service.ended() {
            let said = String::from_utf8_lossy(&outcome.stderr.bytes).into_owned();
            anyhow::bail!("one of them has ended: {:?}: {said}", outcome.end);
        }
    }
    Ok(())
}

/// A thousand folders are open, or channels to workers.
pub(super) fn allow_descriptors() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).context("the number of descriptors cannot be raised")
}
