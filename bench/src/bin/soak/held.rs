//! What the agent holds: memory, descriptors, threads, processes, disk.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use anyhow::Context as _;

use crate::fleet::Fleet;

/// At one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    memory_kb: u64,
    descriptors: usize,
    threads: usize,
    workers: usize,
    /// Of the host's own: state, audit log, report, cache, staging.
    own_bytes: u64,
    /// Of the handlers.
    handlers_bytes: u64,
}

impl Held {
    pub(crate) fn by(process: u32, fleet: &Fleet) -> anyhow::Result<Self> {
        let entries = |folder: &str| Ok::<_, anyhow::Error>(fs::read_dir(format!("/proc/{process}/{folder}"))?.count());
        let bytes = |folders: &[&str]| folders.iter().map(|folder| fleet.bytes(folder)).sum();
        Ok(Self {
            memory_kb: private_kb(process)?,
            descriptors: entries("fd")?,
            threads: entries("task")?,
            workers: workers(process)?.len(),
            own_bytes: bytes(&["state", "audit", "report", "cache", "staging"]),
            handlers_bytes: bytes(&["handlers", "data", "logs"]),
        })
    }
}

/// Memory that a process has for itself, in kB.
pub(crate) fn private_kb(process: u32) -> anyhow::Result<u64> {
    let path = format!("/proc/{process}/smaps_rollup");
    let text = fs::read_to_string(&path).context(path)?;
    let of = |name: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
            .unwrap_or(0)
    };
    Ok(of("Private_Clean:") + of("Private_Dirty:"))
}

/// The processes that `process` has started.
pub(crate) fn workers(process: u32) -> anyhow::Result<Vec<u32>> {
    let mut found = Vec::new();
    for task in fs::read_dir(format!("/proc/{process}/task"))?.flatten() {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(text.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    Ok(found)
}

/// The most of each in every sixth of the time.
pub(crate) fn table(held: &[(Duration, Held)]) -> String {
    const PARTS: usize = 6;
    let mut text =
        "until, s | memory, kB | descriptors | threads | workers | host's disk, KiB | handlers' disk, KiB\n".to_owned();
    for part in held.chunks(held.len().div_ceil(PARTS).max(1)) {
        let until = part.last().map_or(0, |(time, _)| time.as_secs());
        let most = |of: fn(&Held) -> u64| part.iter().map(|(_, held)| of(held)).max().unwrap_or(0);
        let cells = [
            until,
            most(|held| held.memory_kb),
            most(|held| held.descriptors as u64),
            most(|held| held.threads as u64),
            most(|held| held.workers as u64),
            most(|held| held.own_bytes / 1024),
            most(|held| held.handlers_bytes / 1024),
        ];
        let cells: Vec<String> = cells.iter().map(u64::to_string).collect();
        // A text takes what is written to it.
        let _ = writeln!(text, "{}", cells.join(" | "));
    }
    text
}
