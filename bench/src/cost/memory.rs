//! What a worker's own memory is made of: what it has before it knows of a command, and the component's memory.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_host::limits::LimitName;
use hostler_host::sandbox::{RunningService, Sandbox, WorkerOptions};
use hostler_measure::{Reading, Series};

use crate::guest::{Guest, job};
use crate::process::kilobytes;
use crate::surroundings::Surroundings;

/// How long something may take to be there.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often is looked.
const LOOK: Duration = Duration::from_millis(2);

const KEY: &str = "cost.memory_sum_vs_whole";

/// Measures both terms and the whole, for a handler that waits.
pub(super) fn measure(around: &Surroundings) -> anyhow::Result<(Vec<Series>, Reading)> {
    let guest = Guest::new(&around.workers()?, &around.guest, None)?;
    let before = children()?;
    let sandbox = Sandbox::with_workers(&WorkerOptions {
        ready: 1,
        ..around.worker_options()
    })?;
    sandbox.wait_for_workers()?;
    let Some(bare) = children()?.difference(&before).next().copied() else {
        return Ok((
            vec![],
            Reading::not_run(KEY, "the worker that was started cannot be seen"),
        ));
    };
    let bare = own_memory(bare)?;
    drop(sandbox);

    let home = around.new_folder()?;
    fs::write(home.path().join("settings"), r#"{"name": "Ada"}"#)?;
    let (mut invocation, folders) = job(&["idle"], Some(home.path()), &[])?;
    invocation.is_service = true;
    let started = guest.sandbox().start(guest.code(), invocation, folders);
    let mut service = started.map_err(|outcome| anyhow::anyhow!("it does not start: {:?}", outcome.end))?;
    let status = home.path().join("status");
    until("it writes no status", || Ok(status.exists().then_some(())))?;
    let process = service.process().context("a service in a worker has a process")?;
    let whole = own_memory(process)?;
    let component = stop(&mut service)?;

    let single = |what: &str, kilobytes: f64| Series::single(what, "kB", kilobytes);
    let bare = single("a worker without a command, its own memory", bare);
    let sum = bare.samples.median() + component;
    let series = vec![
        bare,
        single("the component's memory, at most", component),
        single("a worker with a handler that waits, its own memory", whole),
    ];
    let reading = Reading::compared(
        KEY,
        single("worker and component", sum),
        single("worker with a handler that waits", whole),
    );
    Ok((series, reading))
}

/// Lets the service end, and gives the most memory that its component had, in kB.
fn stop(service: &mut RunningService) -> anyhow::Result<f64> {
    service.tell_to_stop();
    let outcome = until("it does not stop", || Ok(service.ended()))?;
    let used = outcome.usage.get(LimitName::Memory).used;
    Ok(used.context("nobody counted the component's memory")? as f64 / 1024.0)
}

/// What a process has that no file stands behind and nobody shares, in kB.
fn own_memory(process: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).with_context(|| path.clone())?;
    Ok(kilobytes(&status, "RssAnon").with_context(|| format!("{path} says no RssAnon"))? as f64)
}

/// The processes that this one has started.
fn children() -> anyhow::Result<BTreeSet<u32>> {
    let own = std::process::id();
    let processes = fs::read_dir("/proc").context("/proc")?.flatten();
    let processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |process: &u32| {
        // One that has ended meanwhile is nobody's.
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1));
        parent == Some(own.to_string().as_str())
    };
    Ok(processes.filter(is_child).collect())
}

fn until<T>(failed: &str, mut look: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        anyhow::ensure!(began.elapsed() < PATIENCE, "{failed}");
        std::thread::sleep(LOOK);
    }
}
