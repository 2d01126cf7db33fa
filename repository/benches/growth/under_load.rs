//! A thousand registrations, hosts that poll meanwhile, and a large package.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::databases::Database;
use crate::kept_open::KeptOpen;
use crate::registration::{definition, manifest_name, package};
use crate::server::{Repository, SUBSCRIPTION};
use crate::{memory, shown};

/// Polls a second, by all hosts together.
const RATE: usize = 500;
/// Hosts.
const HOSTS: usize = 10;

pub(crate) fn run() {
    println!("| database | versions registered | a second | polls | failed | median | 99 of 100 | memory |");
    println!("|---|---|---|---|---|---|---|---|");
    for database in [Some(Database::sqlite()), Database::postgres()].into_iter().flatten() {
        registered_while_polled(&database);
    }
    println!();
    large_package();
}

fn registered_while_polled(database: &Database) {
    let repository = database.repository(&["--version-quota", "100000"]);
    repository.register("0.1", &package("first"), "");
    let (stop, failed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut rate = 0.0;
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let hosts: Vec<_> = (0..HOSTS)
            .map(|_| scope.spawn(|| poll(&repository, &stop, &failed)))
            .collect();
        let begun = Instant::now();
        thread::scope(|scope| {
            for worker in 0..4 {
                let repository = &repository;
                scope.spawn(move || {
                    (worker..100)
                        .step_by(4)
                        .for_each(|extension| register_ten(repository, extension))
                });
            }
        });
        rate = 1000.0 / begun.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        hosts.into_iter().flat_map(|host| host.join().unwrap()).collect()
    });
    times.sort();
    println!(
        "| {} | 1000 | {rate:.0} | {} | {} | {} | {} | {} MiB |",
        database.name,
        times.len(),
        failed.load(Ordering::Relaxed),
        shown(times[times.len() / 2]),
        shown(times[times.len() * 99 / 100]),
        memory(&repository)
    );
}

/// Ten versions of one extension, one after the other.
fn register_ten(repository: &Repository, extension: usize) {
    let client = repository.publisher();
    let headers = [("x-ms-version", "2014-06-01")];
    for version in 0..10 {
        let name = format!("{extension}-{version}.zip");
        assert_eq!(repository.upload(&name, &package(&name)).status, 201);
        let body = definition(&format!("1.{version}.0"), &repository.media(&name), "");
        let body = body.replace("<Type>Demo<", &format!("<Type>Demo{extension}<"));
        let (method, query) = if version == 0 {
            ("POST", "")
        } else {
            ("PUT", "?action=update")
        };
        let path = format!("/{SUBSCRIPTION}/services/extensions{query}");
        let answer = client.send(method, &path, &headers, body.as_bytes());
        assert_eq!(answer.status, 202, "{}", answer.text());
        let ended = repository.ended(answer.header("x-ms-request-id").unwrap());
        assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    }
}

/// A host's share of the polls, until it is told to stop: how long each took.
fn poll(repository: &Repository, stop: &AtomicBool, failed: &AtomicUsize) -> Vec<Duration> {
    let mut client = KeptOpen::of(repository.anyone().connect());
    let path = format!("/published/local/{}", manifest_name("local"));
    let every = Duration::from_secs_f64(HOSTS as f64 / RATE as f64);
    let mut next = Instant::now();
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(next.saturating_duration_since(Instant::now()));
        next += every;
        let begun = Instant::now();
        let status = client.status(&path);
        times.push(begun.elapsed());
        if status != 200 {
            failed.fetch_add(1, Ordering::Relaxed);
        }
    }
    times
}

fn large_package() {
    let stores = tempfile::tempdir().unwrap();
    let region = |name: &str| format!("{name}={}", stores.path().join(name.replace(' ', "")).display());
    let repository = Repository::start(&["--region", &region("West US"), "--region", &region("East US")]);
    let idle = memory(&repository);
    // As large as a package may be, and of nothing that could be compressed.
    let mut state = 1u64;
    let noise: String = (0..(63 << 20))
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(b' ' + u8::try_from(state % 64).unwrap_or_default())
        })
        .collect();
    let bytes = package(&noise);
    let begun = Instant::now();
    repository.register("1.0", &bytes, "");
    println!(
        "A package of {} MiB went through upload, check and two regions in {:.1} s; the server had {idle} MiB before and \
         {} MiB at most.",
        bytes.len() >> 20,
        begun.elapsed().as_secs_f64(),
        memory(&repository)
    );
}
