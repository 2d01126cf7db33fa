//! The first time: a package opened, a component compiled, and the same from the cache of compiled code, by size.

use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_contract::{Command, Source};
use hostler_host::handler_dir::HandlerDir;
use hostler_host::root::Root;
use hostler_host::sandbox::{CodeCache, Foreseen, Origin, Sandbox, WorkerOptions};
use hostler_measure::{Contender, Part, Reading, Rounds};

use crate::effort::Effort;
use crate::guest::succeeded;
use crate::place::Place;
use crate::surroundings::Surroundings;
use crate::{generated, packages};

/// Sizes of generated components, in bytes.
const GENERATED: [usize; 4] = [70_000, 500_000, 1_500_000, 5_000_000];

/// The largest that a smoke run compiles: a debug build takes long for it.
const LARGEST_OF_SMOKE: usize = 300_000;

/// A component, and a package with it.
struct Component {
    name: String,
    bytes: Vec<u8>,
    package: Vec<u8>,
}

/// Measures all of it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let folder = around.new_folder()?;
    let cache = folder.path().join("cache");
    let options = WorkerOptions {
        ready: 0,
        ..around.worker_options()
    };
    let workers = around.workers()?;
    let place = Place::new(&around.folder, &workers, &around.package, r#"{"name": "Ada"}"#)?;
    let root = Root::open(&folder.path().join("root"))?;
    // Leaves it in the cache.
    place.code(&workers)?;
    let components = components(around, &place, effort.is_smoke())?;
    let compiled = |component: &Component| code(&options, component, None);
    let kept = |component: &Component| code(&options, component, Some(&CodeCache::open(&cache)?));
    let prepare = |component: &Component| {
        let staging = HandlerDir::staging(&root)?;
        let bytes = component.package.clone();
        let started = Instant::now();
        // What it wrote goes with its value.
        let prepared = workers.prepare(
            "Hostler.Generated-1.0.0.zip",
            bytes,
            staging.as_fd(),
            root.durability(),
            &[Command::Enable],
            &Foreseen::default(),
        )?;
        let took = started.elapsed();
        drop(prepared);
        anyhow::Ok(took)
    };
    let mut contenders = vec![
        Contender::new("hello enabled, compiled for it", || enabled(&options, &place, false)),
        Contender::new("hello enabled, code from the cache", || enabled(&options, &place, true)),
    ];
    for component in &components {
        kept(component)?;
        let name = &component.name;
        let (compiled, kept, prepare) = (&compiled, &kept, &prepare);
        contenders.push(Contender::new(format!("{name}: package opened"), move || {
            prepare(component)
        }));
        contenders.push(Contender::new(format!("{name}: compiled"), move || {
            let (took, origin) = compiled(component)?;
            anyhow::ensure!(matches!(origin, Origin::Compiled(_)), "it was not compiled");
            Ok(took)
        }));
        contenders.push(Contender::new(format!("{name}: from the cache"), move || {
            let (took, origin) = kept(component)?;
            anyhow::ensure!(matches!(origin, Origin::Kept), "it was not in the cache");
            Ok(took)
        }));
    }
    // A round is many seconds of compiling.
    let rounds = if effort.quick {
        effort.rounds.min(3)
    } else {
        effort.share(40)
    };
    let series = Rounds::new(rounds).warm_up(0).run(contenders)?;
    let mut readings = Vec::new();
    if let [anew, cached, ..] = series.as_slice() {
        readings.push(Reading::compared(
            "first.cached_vs_compiled",
            cached.clone(),
            anew.clone(),
        ));
    }
    if let [.., compiled, cached] = series.as_slice() {
        let key = "first.largest_cached_vs_compiled";
        readings.push(Reading::compared(key, cached.clone(), compiled.clone()));
    }
    Ok(Part {
        name: "first",
        title: "The first time, and later ones",
        about: "By a host that has just begun, for components of 70 kB to 5 MB: the package checked and its files written by \
                a worker; the component compiled by a worker, behind its locks; and its compiled code taken from the cache on \
                disk, after the component's digest and the entry's seal were looked at. The generated ones are many different \
                functions with loops, memory and calls; the others are real. Enabling hello is the whole command, with a \
                worker started for it."
            .to_owned(),
        repeat: "cargo xtask bench --part first".to_owned(),
        series,
        readings,
    })
}

/// The real ones and the generated ones, by size.
fn components(around: &Surroundings, place: &Place, is_smoke: bool) -> anyhow::Result<Vec<Component>> {
    let mut found = vec![("hello", place.component.1.clone())];
    let files = [
        Some(("bench-guest", &around.guest)),
        around.kernels.kernels.as_ref().map(|file| ("bench-kernels", file)),
    ];
    for (name, file) in files.into_iter().flatten() {
        found.push((name, std::fs::read(file).with_context(|| file.display().to_string())?));
    }
    found.extend(GENERATED.map(|bytes| ("generated", generated::component(bytes))));
    found.retain(|(_, bytes)| !is_smoke || bytes.len() < LARGEST_OF_SMOKE);
    found.sort_by_key(|(_, bytes)| bytes.len());
    let named = found.into_iter().map(|(name, bytes)| Component {
        name: format!("{name}, {} kB", bytes.len() / 1_000),
        package: packages::package("Hostler.Generated", &bytes),
        bytes,
    });
    Ok(named.collect())
}

/// The code of a component, for a host that has nothing at hand.
fn code(
    options: &WorkerOptions,
    component: &Component,
    cache: Option<&CodeCache>,
) -> anyhow::Result<(Duration, Origin)> {
    let sandbox = Sandbox::with_workers(options)?;
    let started = Instant::now();
    let code = sandbox.code(Source::new(&component.name, &component.bytes), cache)?;
    Ok((started.elapsed(), code.origin()))
}

/// The whole of `enable`, by a host that has just begun.
fn enabled(options: &WorkerOptions, place: &Place, from_cache: bool) -> anyhow::Result<Duration> {
    let (component, bytes) = &place.component;
    place.forget_status()?;
    let started = Instant::now();
    let sandbox = Sandbox::with_workers(options)?;
    let cache = from_cache.then(|| place.open_cache()).transpose()?;
    let code = sandbox.code(Source::new(component, bytes), cache.as_ref())?;
    anyhow::ensure!(
        matches!(code.origin(), Origin::Kept) == from_cache,
        "its code is {:?}",
        code.origin()
    );
    let (invocation, folders) = place.invocation(&code)?;
    let outcome = sandbox.run(&code, &invocation, folders);
    let took = started.elapsed();
    succeeded(&outcome)?;
    place.check_status("hello")?;
    Ok(took)
}
