//! The names of all figures, in the order of the tables, and what each compares.

/// A figure of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The stable name. What stands before the dot is a part of the benchmark.
    pub name: &'static str,
    /// What is compared, hostler's side first; or what the figure is, and its unit.
    pub compares: &'static str,
}

impl Key {
    /// The key called `name`.
    pub fn find(name: &str) -> Option<Self> {
        KEYS.iter().find(|key| key.name == name).copied()
    }

    /// Where `name` comes in the tables; after all others where it is none of them.
    pub fn place(name: &str) -> usize {
        KEYS.iter().position(|key| key.name == name).unwrap_or(KEYS.len())
    }
}

const fn key(name: &'static str, compares: &'static str) -> Key {
    Key { name, compares }
}

/// Every key. Those with a target are in `targets.json`.
pub const KEYS: &[Key] = &[
    key(
        "enable.inprocess_vs_native_spawn",
        "enable in hostler's own process, file calls on threads of their own / the same source as a native program, \
         dynamically linked, from its start to its end",
    ),
    key(
        "enable.inprocess_blocking_vs_native_spawn",
        "enable in the process of an embedder who lets file calls block the calling thread / the native program",
    ),
    key(
        "enable.inprocess_vs_function",
        "enable in the embedder's process, file calls on the calling thread / the same code as a function call, by the \
         smallest times",
    ),
    key(
        "enable.worker_warm_vs_native_spawn",
        "enable in a worker that was ready for this command (behind all locks, with folders and code), from the word to begin \
         to the outcome / the native program",
    ),
    key(
        "enable.worker_any_vs_native_spawn",
        "enable in a worker that was ready and knew of no command, so that getting ready for it counts too / the native program",
    ),
    key(
        "enable.worker_cold_vs_native_spawn",
        "enable by a host that has just begun: a worker is started while code is read from the cache / the native program",
    ),
    key(
        "enable.execute_vs_native_spawn",
        "enable in a ready worker with all that hostler does around it for a goal state / the native program",
    ),
    key(
        "enable.worker_warm_vs_python",
        "enable in a worker that was ready / a Python script that does the same, from its start to its end",
    ),
    key(
        "enable.cli_vs_python",
        "a whole `hostler run` process that checks, unpacks, installs and enables, with its cache / the Python script",
    ),
    key(
        "enable.cli_vs_wasmtime_cli",
        "a whole `hostler run` process with its cache / `wasmtime run` of the component with its own",
    ),
    key(
        "enable.p99_vs_p50",
        "enable in hostler's own process: what one time in a hundred is above / the median",
    ),
    key(
        "throughput.two_cores_vs_one",
        "commands a second by two threads / by one, each thread with folders of its own",
    ),
    key(
        "files.write_vs_native",
        "a large file written in pieces of 64 KiB, in a worker with the limits on / by a native program",
    ),
    key("files.read_vs_native", "the same file read, in a worker / natively"),
    key(
        "files.create_vs_native",
        "many small files created and written, in a worker with the limits on / natively",
    ),
    key(
        "files.quota_cost",
        "work on small files with the limits of a folder / without them",
    ),
    key(
        "compute.json_vs_native",
        "JSON read and written, in a worker with SIMD and epochs on / natively",
    ),
    key(
        "compute.deflate_vs_native",
        "deflate, in a worker with SIMD and epochs on / natively",
    ),
    key(
        "compute.regex_vs_native",
        "regular expressions over text, in a worker with SIMD and epochs on / natively",
    ),
    key(
        "memory.idle_inprocess_vs_python",
        "resident memory of each of 1,000 handlers that live in one process / of a Python process that waits",
    ),
    key(
        "memory.supervisor_growth",
        "resident memory of the process that starts the workers, after many commands / after 100",
    ),
    key(
        "stop.overshoot_ms_p99",
        "how long after its deadline a component that computes for ever is stopped, as the caller sees it: what one time in \
         a hundred is above, ms",
    ),
    key("stop.overshoot_ms_p50", "the same: the median, ms"),
    key(
        "scale.apply_1000_vs_10",
        "time for each handler of converging on a goal state of 1,000 handlers / of 10",
    ),
    key(
        "scale.report_1000_vs_10",
        "time for each handler of one more report on 1,000 handlers / on 10",
    ),
    key(
        "honesty.same_twice",
        "the native program / the same native program: no difference should be told",
    ),
    key(
        "honesty.slowed",
        "the native program slowed on purpose / the same as it is: a difference should be told",
    ),
    key(
        "cost.sum_vs_whole",
        "the terms of a command's time in the cost model, added up / the same command as a whole",
    ),
    key(
        "cost.memory_sum_vs_whole",
        "the terms of a worker's memory in the cost model, added up / the same worker as a whole",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::target::{Target, targets};

    #[test]
    fn every_target_has_a_key_that_says_what_is_compared() {
        let read: serde_json::Result<std::collections::BTreeMap<String, Target>> =
            serde_json::from_str(include_str!("../targets.json"));
        assert_eq!(&read.unwrap(), targets());
        assert!(!targets().is_empty());
        for name in targets().keys() {
            assert!(Key::find(name).is_some(), "{name} has no text");
        }
    }

    #[test]
    fn keys_are_named_once_and_found_in_their_order() {
        let names: BTreeSet<_> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), KEYS.len());
        for (place, key) in KEYS.iter().enumerate() {
            assert_eq!(Key::place(key.name), place);
            assert!(key.compares.len() > 10 && !key.compares.contains("  "), "{}", key.name);
        }
        assert_eq!(Key::place("no.such"), KEYS.len());
    }
}
