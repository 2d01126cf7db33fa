//! File calls in bulk, in a worker with the limits of a data folder, and as a native program in the same folder.

use std::path::Path;

use anyhow::Context as _;

use crate::enable::succeeded;
use crate::guest::{self, Guest};
use crate::reading::{Reading, Side};
use crate::samples::Samples;
use crate::surroundings::Surroundings;

/// What is done, in this order: what is read was written before.
const WORK: [(&str, &str); 3] = [
    ("write", "files.write_vs_native"),
    ("read", "files.read_vs_native"),
    ("create", "files.create_vs_native"),
];

/// Measures all of it in `rounds`.
pub(crate) fn measure(around: &Surroundings, rounds: usize) -> anyhow::Result<Vec<Reading>> {
    let guest = Guest::new(around)?;
    let folder = tempfile::Builder::new()
        .prefix("hostler-bench-")
        .tempdir_in(&around.folder)
        .with_context(|| around.folder.display().to_string())?;
    let folder = folder.path();
    let mut samples: [[Samples; 2]; WORK.len()] = Default::default();
    // The first round fills caches and is not counted.
    for round in 0..rounds + 1 {
        for ((verb, _), [ours, native]) in WORK.into_iter().zip(&mut samples) {
            prepare(verb, folder)?;
            guest.get_ready()?;
            let outcome = guest.run(Guest::invocation(verb, folder, &[])?);
            succeeded(&outcome).with_context(|| verb.to_owned())?;
            prepare(verb, folder)?;
            let times = [
                guest::told(&outcome.stdout.bytes)?,
                guest::run_native(&around.native_guest, verb, folder)?,
            ];
            if round > 0 {
                ours.push(times[0]);
                native.push(times[1]);
            }
        }
    }
    let mut readings: Vec<Reading> = WORK
        .into_iter()
        .zip(&samples)
        .map(|((verb, key), [ours, native])| Reading::Compared {
            key,
            ours: Side::of(&format!("{verb} in a worker"), ours),
            other: Side::of(&format!("{verb} natively"), native),
        })
        .collect();
    readings.push(Reading::NotRun {
        key: "files.quota_cost",
        why: "hostler has no way to run without the limits of a folder".to_owned(),
    });
    Ok(readings)
}

/// Empties `folder` for whoever writes.
fn prepare(verb: &str, folder: &Path) -> anyhow::Result<()> {
    if verb == "read" {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        std::fs::remove_file(entry?.path())?;
    }
    Ok(())
}
