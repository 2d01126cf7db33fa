//! The first time: what it takes until a component can be run, compiled anew and from the cache, and how large it is.

use std::time::{Duration, Instant};

use hostler_contract::Source;
use hostler_measure::{Contender, Part, Reading, Rounds, Series};

use super::field::Field;
use crate::bench::PlaceError;
use crate::sandbox::Sandbox;

/// Most rounds: compiling takes its time.
pub(super) const ROUNDS: u32 = 10;

/// Measures it in `rounds`.
pub(super) fn measure(field: &Field, rounds: u32) -> anyhow::Result<Part> {
    let place = &field.place;
    let (name, _) = place.package().target(field.command)?;
    let bytes = place.folders().component(place.package(), name)?;
    let source = Source::new(name, &bytes);
    let compiled = || -> anyhow::Result<Duration> {
        field.workers.wait_for_workers()?;
        let started = Instant::now();
        field.workers.code(source, None)?;
        Ok(started.elapsed())
    };
    let kept = || -> anyhow::Result<Duration> {
        // Another sandbox, which has nothing at hand yet.
        let sandbox = Sandbox::with_workers(&field.cold)?;
        sandbox.wait_for_workers()?;
        let started = Instant::now();
        let cache = place.open_cache()?;
        sandbox.code(source, Some(&cache))?;
        Ok(started.elapsed())
    };
    let contenders = vec![
        Contender::new("compiled, in a worker", compiled),
        Contender::new("read from the cache", kept),
    ];
    let mut series = Rounds::new(usize::try_from(rounds)?).warm_up(1).run(contenders)?;
    let readings = match &series[..] {
        [compiled, kept] => vec![Reading::compared(
            "own.cached_vs_compiled",
            kept.clone(),
            compiled.clone(),
        )],
        _ => vec![],
    };
    let code = cached_bytes(field)?;
    let kilobytes = |what: &str, bytes: u64| Series::single(what, "kB", bytes as f64 / 1e3);
    series.push(kilobytes("the component", bytes.len() as u64));
    series.push(kilobytes("its compiled code, as the cache keeps it", code));
    Ok(Part {
        name: "first",
        title: "The first time, and each other first time",
        about: "Until the component's code is at hand. A host compiles a component once, and from then on reads it from its \
                cache after each start; while it runs on, code stays at hand and takes no time."
            .to_owned(),
        repeat: field.repeat.clone(),
        series,
        readings,
    })
}

/// The size of all that the cache has: of a worker's code and of that of this process each once.
fn cached_bytes(field: &Field) -> Result<u64, PlaceError> {
    let path = field.place.cache().path();
    let sizes = || -> std::io::Result<u64> {
        let mut largest = 0;
        for entry in std::fs::read_dir(path)? {
            let found = entry?.metadata()?;
            if found.is_file() {
                largest = largest.max(found.len());
            }
        }
        Ok(largest)
    };
    sizes().map_err(|source| PlaceError::Io {
        path: path.to_owned(),
        source,
    })
}
