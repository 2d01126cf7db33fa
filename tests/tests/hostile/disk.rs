//! Attacks on the disk.

use serde_json::json;

use crate::row::Ended::Exited;
use crate::row::Row;
use crate::seen::Seen;

/// What is made to grow.
pub(crate) fn growth() -> Vec<Row> {
    let fill =
        |case, folder: &str, bytes: u64| Row::new(case, "fill").with(json!({ "folder": folder, "bytes": bytes }));
    let deep = |folder: &str| Row::new("FSX-15", "fill-deep").with(json!({ "folder": folder }));
    let full = "then: no storage space";
    vec![
        // The standard library's WASI 0.2 tells every failure of a stream as one of input and output.
        fill("FSX-12", "data", 8 << 20)
            .says("67108864 bytes in 9 files")
            .reaches("dir.data.bytes")
            .also(|seen| holds(seen, "data", 64 << 20, 9)),
        fill("FSX-12", "data", u64::MAX)
            .says("16777216 bytes in 1 files")
            .reaches("file.max")
            .also(|seen| holds(seen, "data", 16 << 20, 1)),
        fill("FSX-12", "log", 4 << 20)
            .reaches("dir.log.bytes")
            .also(|seen| holds(seen, "log", 16 << 20, 5)),
        fill("FSX-12", "events", 1 << 20).reaches("dir.events.bytes"),
        fill("FSX-12", "heartbeat", 100_000).reaches("dir.heartbeat.bytes"),
        fill("FSX-12", "data", 1_000)
            .limit("dir.data.bytes=10000")
            .says("10000 bytes in 11 files")
            .reaches("dir.data.bytes"),
        fill("FSX-14", "data", 1)
            .says("1024 bytes in 1024 files")
            .says(full)
            .reaches("dir.data.files")
            .also(|seen| holds(seen, "data", 1_024, 1_024)),
        fill("FSX-14", "log", 1).says(full).reaches("dir.log.files"),
        fill("FSX-14", "events", 0).says(full).reaches("dir.events.files"),
        fill("FSX-14", "heartbeat", 1)
            .says("64 bytes in 64 files")
            .reaches("dir.heartbeat.files"),
        // Its own status folder is its own to fill: then it has no status, and the host says so.
        fill("FSX-14", "status", 1)
            .ends(Exited(1))
            .reaches("dir.status.files")
            .says("No space left"),
        Row::new("FSX-12", "fill-status")
            .says("4194304 bytes in 5 files")
            .says("the first status was refused")
            .reaches("dir.status.bytes"),
        deep("data")
            .says("8 deep, then: quota exceeded")
            .reaches("dir.data.depth"),
        deep("log").says("8 deep").reaches("dir.log.depth"),
        deep("events").says("1 deep").reaches("dir.events.depth"),
        deep("heartbeat").says("1 deep").reaches("dir.heartbeat.depth"),
        deep("status").says("1 deep").reaches("dir.status.depth"),
        Row::new("FSX-13", "fill-sparse")
            .says("12 of 12 refused as too large")
            .reaches("file.max"),
        Row::new("FSX-09", "fill-rename")
            .says("16 moved")
            .says(full)
            .reaches("dir.log.bytes")
            .also(|seen| holds(seen, "log", 16 << 20, 16)),
        Row::new("FSX-09", "fill-link")
            .says("1023 links")
            .says("to another folder: cross-device")
            .reaches("dir.data.files")
            .also(|seen| holds(seen, "data", 1 << 20, 1_024)),
        Row::new("FSX-12", "fill-unlinked")
            .says("67108864 bytes held, then 1048576 again")
            .reaches("dir.data.bytes")
            .reaches("file.max")
            .also(|seen| holds(seen, "data", 1 << 20, 1)),
        Row::new("FSX-12", "fill-streams")
            .takes_longer()
            .reaches("file.max")
            .also(|seen| holds(seen, "data", 48 << 20, 3)),
        Row::new("FSX-12", "fill-streams")
            .limit("dir.data.bytes=20MiB")
            .reaches("dir.data.bytes")
            .reaches("file.max")
            .takes_longer(),
    ]
}

/// What is written in place, or goes again.
pub(crate) fn given_back() -> Vec<Row> {
    vec![
        Row::new("FSX-12", "heartbeat-rewrite")
            .with(json!({ "count": 2_000 }))
            .limit("dir.heartbeat.bytes=200")
            .limit("dir.heartbeat.files=1")
            .says("2000 times written")
            .takes_longer(),
        Row::new("FSX-14", "churn")
            .limit("dir.data.files=1")
            .says("5000 files made and removed")
            .takes_longer()
            .also(|seen| holds(seen, "data", 0, 0)),
        Row::new("FSX-12", "rewind")
            .limit("dir.data.bytes=1MiB")
            .says("20000 pieces written")
            .takes_longer()
            .also(|seen| holds(seen, "data", 1 << 20, 1)),
        // What file calls cost is the handler's processor time too, though other threads make them.
        Row::new("GST-06", "churn")
            .with(json!({ "count": 10_000_000 }))
            .limit("cmd.cpu=200ms")
            .ends(crate::row::Ended::Stopped("cmd.cpu", "limit.cpu")),
    ]
}

/// What really lies in `folder`.
fn holds(seen: &Seen, folder: &str, bytes: u64, files: u64) -> Result<(), String> {
    let found = seen.on_disk.iter().find(|found| found.name == folder);
    match found {
        Some(found) if (found.bytes, found.files) == (bytes, files) => Ok(()),
        other => Err(format!("there are {other:?}, not {bytes} bytes in {files} files")),
    }
}
