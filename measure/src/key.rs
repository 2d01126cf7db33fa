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
        "enable in hostler's own process, which goes on if a file call never ends / the same source as a native program, \
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
        "enable.inprocess_row_vs_native_row",
        "enable in hostler's own process, 20 right after each other / 20 native programs right after each other",
    ),
    key(
        "enable.inprocess_blocking_row_vs_native_row",
        "the same where file calls may block the thread that called / native programs right after each other",
    ),
    key(
        "enable.inprocess_row_vs_function_row",
        "the same / as many function calls right after each other, by the smallest times",
    ),
    key(
        "enable.inprocess_blocking_vs_wasmtime_alone",
        "enable in the embedder's process, file calls on the calling thread / the same component by wasmtime itself, with what \
         can be kept from run to run: no limit holds, nothing is counted, nobody would stop it",
    ),
    key(
        "enable.inprocess_blocking_row_vs_wasmtime_alone_row",
        "the same, 20 right after each other / 20 by wasmtime itself right after each other",
    ),
    key(
        "enable.wasmtime_alone_row_vs_native_row",
        "by wasmtime itself, 20 right after each other / 20 native programs right after each other: what \
         component and runtime take without a host's own work",
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
        "enable.worker_warm_vs_sh",
        "enable in a worker that was ready / a script of sh that does the same, from its start to its end",
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
        "throughput.blocking_two_cores_vs_one",
        "the same where file calls may block the thread that called",
    ),
    key(
        "throughput.wasmtime_alone_two_cores_vs_one",
        "the same by wasmtime itself, with nothing of hostler's around it",
    ),
    key(
        "throughput.workers_two_cores_vs_one",
        "the same in workers, a new process for each command",
    ),
    key("throughput.native_two_cores_vs_one", "the same by native programs"),
    key(
        "first.cached_vs_compiled",
        "enable by a host that has just begun, with code from the cache / with its component compiled first",
    ),
    key(
        "first.largest_cached_vs_compiled",
        "the code of a component of 5 MB from the cache / compiled by a worker",
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
        "files.stat_vs_native",
        "many small files looked at, in a worker / natively",
    ),
    key(
        "files.unlink_vs_native",
        "many small files removed, in a worker / natively",
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
        "compute.sha256_vs_native",
        "SHA-256, in a worker with SIMD and epochs on / natively, by the instructions that the processor has for it",
    ),
    key(
        "compute.inflate_vs_native",
        "inflate, in a worker with SIMD and epochs on / natively",
    ),
    key(
        "compute.matrix_vs_native",
        "the product of two matrices, in a worker with SIMD and epochs on / natively",
    ),
    key(
        "compute.sha256_epochs_cost",
        "SHA-256 in wasmtime alone, loops looking whether to stop / not looking",
    ),
    key(
        "compute.sha256_bounds_checks_cost",
        "SHA-256 in wasmtime alone, bounds of memory compared in the code / guarded by pages",
    ),
    key(
        "compute.sha256_simd_vs_scalar",
        "SHA-256 in wasmtime alone, built with SIMD / without",
    ),
    key(
        "compute.json_epochs_cost",
        "JSON in wasmtime alone, loops looking whether to stop / not looking",
    ),
    key(
        "compute.json_bounds_checks_cost",
        "JSON in wasmtime alone, bounds of memory compared in the code / guarded by pages",
    ),
    key(
        "compute.json_simd_vs_scalar",
        "JSON in wasmtime alone, built with SIMD / without",
    ),
    key(
        "compute.deflate_epochs_cost",
        "deflate in wasmtime alone, loops looking whether to stop / not looking",
    ),
    key(
        "compute.deflate_bounds_checks_cost",
        "deflate in wasmtime alone, bounds of memory compared in the code / guarded by pages",
    ),
    key(
        "compute.deflate_simd_vs_scalar",
        "deflate in wasmtime alone, built with SIMD / without",
    ),
    key(
        "compute.inflate_epochs_cost",
        "inflate in wasmtime alone, loops looking whether to stop / not looking",
    ),
    key(
        "compute.inflate_bounds_checks_cost",
        "inflate in wasmtime alone, bounds of memory compared in the code / guarded by pages",
    ),
    key(
        "compute.inflate_simd_vs_scalar",
        "inflate in wasmtime alone, built with SIMD / without",
    ),
    key(
        "compute.regex_epochs_cost",
        "regular expressions in wasmtime alone, loops looking whether to stop / not looking",
    ),
    key(
        "compute.regex_bounds_checks_cost",
        "regular expressions in wasmtime alone, bounds of memory compared in the code / guarded by pages",
    ),
    key(
        "compute.regex_simd_vs_scalar",
        "regular expressions in wasmtime alone, built with SIMD / without",
    ),
    key(
        "compute.matrix_epochs_cost",
        "the product of two matrices in wasmtime alone, loops looking whether to stop / not looking",
    ),
    key(
        "compute.matrix_bounds_checks_cost",
        "the product of two matrices in wasmtime alone, bounds of memory compared in the code / guarded by pages",
    ),
    key(
        "compute.matrix_simd_vs_scalar",
        "the product of two matrices in wasmtime alone, built with SIMD / without",
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
        "stop.inprocess_overshoot_ms_p50",
        "the same in hostler's own process: the median, ms",
    ),
    key(
        "stop.asleep_overshoot_ms_p50",
        "one that sleeps, in a worker: the median, ms",
    ),
    key(
        "stop.asleep_inprocess_overshoot_ms_p50",
        "one that sleeps, in hostler's own process: the median, ms",
    ),
    key(
        "stop.pipe_overshoot_ms_p50",
        "one that waits for a pipe to which nobody writes, in a worker, which is ended after two more seconds: the median, ms",
    ),
    key(
        "stop.pipe_inprocess_overshoot_ms_p50",
        "one that waits for such a pipe, in hostler's own process: the median, ms",
    ),
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
        "cost.any_sum_vs_whole",
        "the same in a worker that knew of no command: the terms, added up / the whole",
    ),
    key(
        "cost.cold_sum_vs_whole",
        "the same in a worker that is started for it: the terms, one after the other / the whole, which does some at one time",
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
