//! P3: what a handler may use.

use super::natives;
use crate::limits::LimitName::{Cpu, DataBytes, DataDepth, DataFiles, Deadline, Memory, Stdout};
use crate::sandbox::Attempt;
use crate::self_test::Promise::Bounds;
use crate::self_test::checks;
use crate::self_test::probe::Probe;

/// Milliseconds: enough to start, and little to wait for.
const SOON: u64 = 300;

pub(super) fn time() -> Vec<Probe> {
    let verb = |name, verb, tries, check| Probe::verb(Bounds, name, verb, tries, check);
    vec![
        verb("loop", "loop", "computes for ever", checks::ends_at_its_deadline).within(&[(Deadline, SOON)]),
        verb(
            "processor",
            "loop",
            "computes for ever, with little processor time",
            checks::stops_at_cpu,
        )
        .within(&[(Cpu, SOON)]),
        verb(
            "calls",
            "hostcalls",
            "calls the host for ever",
            checks::ends_at_its_deadline,
        )
        .within(&[(Deadline, SOON)]),
        verb("sleep", "sleep", "sleeps for 584 years", checks::waits_at_no_cost).within(&[(Deadline, SOON)]),
        verb(
            "poll",
            "poll-ready",
            "waits for ever for what has come already",
            checks::ends_at_its_deadline,
        )
        .within(&[(Deadline, SOON)]),
    ]
}

pub(super) fn size() -> Vec<Probe> {
    let verb = |name, verb, tries, check| Probe::verb(Bounds, name, verb, tries, check);
    let mut probes = vec![
        verb(
            "memory",
            "memory-fill",
            "takes memory and writes to all of it",
            checks::memory_is_held,
        )
        .within(&[(Memory, 32 << 20)]),
        verb("stack", "recursion", "calls itself for ever", checks::stack_ends),
        verb(
            "frames",
            "frames",
            "calls itself for ever with a large frame each time",
            checks::stack_ends,
        ),
        verb(
            "pollables",
            "pollables",
            "holds more and more things to wait for",
            checks::stops_at_resources,
        ),
        verb(
            "open-files",
            "open-files",
            "opens a file 100,000 times",
            checks::stops_at_resources,
        ),
        verb(
            "large-call",
            "hostcall-write",
            "hands the host 64 MiB in one call",
            checks::stops_at_hostcall,
        ),
        verb(
            "random",
            "random-large",
            "asks for 2^63 random bytes in one call",
            checks::stops_at_random,
        ),
        verb(
            "output",
            "stdout",
            "writes 20 MB to standard output",
            checks::output_is_cut,
        )
        .with(r#"{"bytes": 20000000}"#)
        .within(&[(Stdout, 64 << 10)]),
        verb("disk", "fill", "fills its data folder", checks::data_bytes_are_held)
            .with(r#"{"bytes": 262144}"#)
            .within(&[(DataBytes, 1 << 20)]),
        verb("files", "fill", "makes files without end", checks::data_files_are_held)
            .with(r#"{"bytes": 1}"#)
            .within(&[(DataFiles, 50)]),
        verb(
            "depth",
            "fill-deep",
            "makes folders in one another without end",
            checks::depth_is_held,
        )
        .within(&[(DataDepth, 4)]),
        verb(
            "sparse",
            "fill-sparse",
            "makes files far larger than the disk, of nothing",
            checks::file_size_is_held,
        ),
    ];
    probes.extend(natives(
        Bounds,
        &[
            Attempt::RaiseLimits,
            Attempt::TakeMemory,
            Attempt::GrowFile,
            Attempt::OpenMany,
        ],
    ));
    probes
}
