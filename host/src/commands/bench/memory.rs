//! What a worker has of the machine's memory that is ready for the command.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Context as _;
use hostler_measure::{Part, Series};

use super::contenders::well;
use super::field::Field;
use crate::limits::LimitName;
use crate::sandbox::Sandbox;

/// Looks at a worker of its own.
pub(super) fn measure(field: &Field) -> anyhow::Result<Part> {
    // Until those are there that are kept ready.
    field.workers.wait_for_workers()?;
    let sandbox = Sandbox::with_workers(&field.cold)?;
    let before = children()?;
    let turn = field.place.turn()?;
    let handler = field.place.handler(&sandbox, field.place.cache(), &turn);
    let ready = handler.get_ready(field.command, |_| {})?;
    let mut series = Vec::new();
    // Nobody else starts workers meanwhile; one that the ready ones are filled up with is like it.
    if let Some(worker) = children()?.difference(&before).next() {
        let status = fs::read_to_string(format!("/proc/{worker}/status")).context("the worker's status")?;
        let mut add = |what: &str, key: &str| {
            if let Some(kilobytes) = kilobytes(&status, key) {
                series.push(Series::single(what, "kB", kilobytes));
            }
        };
        add("a worker that is ready for the command, all of it (RSS)", "VmRSS:");
        add("of that what is its own (anonymous)", "RssAnon:");
    }
    let execution = ready.run();
    well(&execution.outcome)?;
    if let Some(used) = execution.outcome.usage.get(LimitName::Memory).used {
        series.push(Series::single(
            "the component's own memory, at most",
            "kB",
            used as f64 / 1e3,
        ));
    }
    Ok(Part {
        name: "memory",
        title: "Memory",
        about:
            "Of one worker. What is not its own it shares with the other workers: the program, and the compiled code."
                .to_owned(),
        repeat: field.repeat.clone(),
        series,
        readings: vec![],
    })
}

/// The processes that this one has started.
fn children() -> anyhow::Result<BTreeSet<u32>> {
    let own = std::process::id();
    let mut found = BTreeSet::new();
    for entry in fs::read_dir("/proc").context("/proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // One that has ended meanwhile is nobody's.
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        if parent(&stat) == Some(own) {
            found.insert(process);
        }
    }
    Ok(found)
}

/// The parent in a process's `stat`: the second word after its name, which may have any character in it.
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// The figure of `key` in a process's `status`, kB of 1,024 bytes as kB of 1,000.
fn kilobytes(status: &str, key: &str) -> Option<f64> {
    let value = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: f64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1.024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_of_a_process_is_read() {
        assert_eq!(parent("12 (a name) with) S 7 12 12"), Some(7));
        assert_eq!(parent("nothing"), None);
        let status = "Name:\tx\nVmRSS:\t    1000 kB\nRssAnon:\t 250 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(1024.0));
        assert_eq!(kilobytes(status, "RssAnon:"), Some(256.0));
        assert_eq!(kilobytes(status, "VmSwap:"), None);
    }
}
