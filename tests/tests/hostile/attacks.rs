//! Attacks on the host's time, memory and patience.

use serde_json::{Value, json};

use crate::row::Ended::{Exited, Stopped, TimedOut, Trapped};
use crate::row::Row;
use crate::seen::Seen;

/// What is kept of a stream, in bytes.
const KEPT: u64 = 1 << 20;

/// Computing and waiting without end.
pub(crate) fn time() -> Vec<Row> {
    vec![
        Row::new("GST-01", "loop").times_out(),
        Row::new("GST-01", "loop")
            .limit("cmd.cpu=300ms")
            .ends(Stopped("cmd.cpu", "limit.cpu")),
        Row::new("GST-06", "hostcalls").times_out(),
        Row::new("GST-06", "hostcalls")
            .limit("cmd.cpu=300ms")
            .ends(Stopped("cmd.cpu", "limit.cpu")),
        Row::new("GST-06", "hostcalls")
            .with(json!({ "calls": 100_000 }))
            .says("100000 calls made"),
        Row::new("GST-11", "sleep")
            .limit("cmd.deadline=2s")
            .ends(TimedOut)
            .also(uses_no_processor),
        Row::new("GST-21", "sleep-many")
            .limit("cmd.deadline=2s")
            .ends(TimedOut)
            .also(uses_no_processor),
        // A timer is two resources: itself, and what it waits for.
        Row::new("GST-21", "sleep-many")
            .with(json!({ "count": 500 }))
            .ends(Stopped("guest.resources", "limit.resources")),
        Row::new("GST-21", "poll-ready").times_out(),
        Row::new("GST-12", "random-forever").times_out(),
        // What is allowed goes on working: a short sleep, well within the deadline.
        Row::new("GST-11", "sleep-short")
            .limit("cmd.deadline=60s")
            .says("slept"),
        // Time enough to write what it writes first.
        Row::new("GST-22", "success-then-loop")
            .limit("cmd.deadline=5s")
            .ends(TimedOut)
            .also(reason_before_words),
    ]
}

/// Memory and stack.
pub(crate) fn memory() -> Vec<Row> {
    const MEMORY: &str = "guest.memory_total";
    vec![
        Row::new("GST-02", "memory")
            .reaches(MEMORY)
            .also(|seen| memory_within(seen, 256 << 20)),
        Row::new("GST-02", "memory")
            .limit("guest.memory_total=64MiB")
            .reaches(MEMORY)
            .also(|seen| memory_within(seen, 64 << 20)),
        Row::new("GST-02", "memory")
            .with(json!({ "then": "panic" }))
            .limit("guest.memory_total=64MiB")
            .ends(Trapped("trap.unreachable"))
            .reaches(MEMORY),
        Row::new("GST-02", "memory-fill")
            .limit("guest.memory_total=64MiB")
            .reaches(MEMORY)
            .rss(128)
            .also(|seen| memory_within(seen, 64 << 20)),
        // All of the default limit, every page written to: the host stays within that and a fifth.
        Row::new("GST-02", "memory-fill")
            .reaches(MEMORY)
            .rss(307)
            .also(|seen| memory_within(seen, 256 << 20)),
        Row::new("GST-02", "memory-fill")
            .with(json!({ "bytes": 16 << 20 }))
            .says("16777216 bytes filled"),
        Row::new("GST-04", "recursion").ends(Trapped("trap.stack")),
        Row::new("GST-04", "frames").ends(Trapped("trap.bounds")),
    ]
}

/// Too much in one call.
pub(crate) fn calls() -> Vec<Row> {
    let too_much = Stopped("guest.hostcall", "limit.hostcall");
    vec![
        // The guest itself holds the 64 MiB, and wit-bindgen a second copy of a list.
        Row::new("GST-13", "hostcall-path").ends(too_much).rss(160),
        Row::new("GST-13", "hostcall-list").ends(too_much).rss(224),
        Row::new("GST-13", "hostcall-write").ends(too_much).rss(160),
        Row::new("GST-13", "hostcall-path")
            .with(json!({ "bytes": 70_000 }))
            .limit("guest.hostcall=64KiB")
            .ends(too_much),
        Row::new("GST-13", "hostcall-path")
            .with(json!({ "bytes": 5_000 }))
            .says("name-too-long"),
        Row::new("GST-12", "random-large").ends(Stopped("guest.random", "limit.random")),
        Row::new("GST-12", "random-large")
            .with(json!({ "bytes": 65_537 }))
            .ends(Stopped("guest.random", "limit.random")),
        Row::new("GST-12", "random-large")
            .with(json!({ "bytes": 65_536 }))
            .says("65536 random bytes"),
        Row::new("GST-09", "zeroes").ends(Trapped("trap.other")),
        Row::new("GST-09", "zeroes")
            .with(json!({ "bytes": 4_096 }))
            .says("no error"),
    ]
}

/// Too many things at once.
pub(crate) fn held() -> Vec<Row> {
    vec![
        Row::new("GST-07", "pollables").ends(Stopped("guest.resources", "limit.resources")),
        Row::new("GST-07", "pollables")
            .limit("guest.handles=100")
            .ends(Stopped("guest.handles", "limit.handles")),
        Row::new("GST-08", "open-files").ends(Stopped("guest.resources", "limit.resources")),
        Row::new("GST-08", "open-files")
            .with(json!({ "count": 100 }))
            .says("100 files open"),
        Row::new("GST-08", "listings")
            .with(json!({ "files": 1_000, "listings": 200 }))
            .says("200 listings open, 1000 of 1000 files seen"),
    ]
}

/// Too much output.
pub(crate) fn output() -> Vec<Row> {
    vec![
        Row::new("GST-09", "stdout")
            .with(json!({ "bytes": 3_000_000 }))
            .reaches("guest.stdout")
            .also(|seen| kept_and_dropped(seen, "stdout", 3_000_000)),
        Row::new("GST-09", "stderr")
            .with(json!({ "bytes": 3_000_000 }))
            .reaches("guest.stderr")
            .also(|seen| kept_and_dropped(seen, "stderr", 3_000_000)),
        Row::new("GST-09", "stdout")
            .limit("cmd.deadline=4s")
            .ends(TimedOut)
            .reaches("guest.stdout"),
        Row::new("GST-09", "stderr")
            .limit("cmd.deadline=4s")
            .ends(TimedOut)
            .reaches("guest.stderr"),
        Row::new("GST-09", "stdout")
            .with(json!({ "bytes": 5_000 }))
            .limit("guest.stdout=1000")
            .reaches("guest.stdout")
            .also(|seen| dropped(seen, "stdout", 1_000, 4_000)),
        Row::new("GST-10", "forge-log").also(|seen| match seen.enable()["stdout"]["text"].as_str() {
            Some(text) if text.contains("\\xff\\xfe\\xc0\\xaf not text") && text.ends_with("hostler-end-of-output") => {
                Ok(())
            }
            other => Err(format!("the output is not there as it was written: {other:?}")),
        }),
    ]
}

/// Every way to end.
pub(crate) fn endings() -> Vec<Row> {
    let exit = |code: u8| Row::new("GST-14", "exit").with(json!({ "code": code }));
    vec![
        exit(0).bad_status("status.missing"),
        exit(1).ends(Exited(1)),
        exit(51).ends(Exited(51)),
        exit(255).ends(Exited(255)),
        Row::new("GST-14", "return-error").ends(Exited(1)),
        Row::new("GST-05", "unreachable").ends(Trapped("trap.unreachable")),
        Row::new("GST-05", "divide").ends(Trapped("trap.arithmetic")),
        Row::new("GST-05", "bounds").ends(Trapped("trap.bounds")),
        Row::new("GST-05", "panic").ends(Trapped("trap.unreachable")),
        Row::new("GST-05", "abort").ends(Trapped("trap.unreachable")),
    ]
}

/// The host's own reason stands first, the handler's words after it.
fn reason_before_words(seen: &Seen) -> Result<(), String> {
    let message = seen.status_message();
    match (message.find("Timeout("), message.find("all is well")) {
        (Some(reason), Some(words)) if reason < words => Ok(()),
        _ => Err(format!("the message does not give the host's reason first: {message}")),
    }
}

fn uses_no_processor(seen: &Seen) -> Result<(), String> {
    match seen.limit("cmd.cpu")["used"].as_u64() {
        Some(used) if used < 1000 => Ok(()),
        other => Err(format!("waiting for 2 s used {other:?} ms of the processor")),
    }
}

fn memory_within(seen: &Seen, limit: u64) -> Result<(), String> {
    let report = seen.limit("guest.memory_total");
    match (report["limit"].as_u64(), report["used"].as_u64()) {
        (Some(allowed), Some(used)) if allowed == limit && used <= limit && used > limit / 2 => Ok(()),
        _ => Err(format!(
            "the report on memory is {report}, for a guest that took all it could of {limit}"
        )),
    }
}

/// What was kept and dropped of `written` bytes and a few lines, at the default limit.
fn kept_and_dropped(seen: &Seen, stream: &str, written: u64) -> Result<(), String> {
    dropped(seen, stream, KEPT, written - KEPT)
}

fn dropped(seen: &Seen, stream: &str, kept: u64, dropped: u64) -> Result<(), String> {
    let report = &seen.enable()[stream];
    if report["bytes"] == kept && report["dropped"] == dropped {
        return Ok(());
    }
    let (bytes, left): (&Value, &Value) = (&report["bytes"], &report["dropped"]);
    Err(format!(
        "of {stream}, {bytes} bytes were kept and {left} dropped, not {kept} and {dropped}"
    ))
}
