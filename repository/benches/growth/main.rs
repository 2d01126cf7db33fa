//! How a repository grows: lists and resolution with more and more versions, over each database; polls by hosts while
//! versions are registered; memory. `cargo bench -p hostler-repository --bench growth [-- MOST]` prints tables for
//! docs/repository-benchmarks.md; MOST is the greatest number of versions, 10,000 unless told otherwise.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

#[path = "../../tests/service/beside.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod beside;
#[path = "../../tests/hosts/client.rs"]
mod client;
#[path = "../../tests/service/databases.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod databases;
#[path = "../../tests/service/filled.rs"]
mod filled;
mod kept_open;
#[path = "../../tests/service/postgres.rs"]
mod postgres;
#[path = "../../tests/hosts/registration.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod registration;
#[path = "../../tests/hosts/server.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod server;
mod under_load;

use std::fs;
use std::time::{Duration, Instant};

use crate::databases::Database;
use crate::kept_open::KeptOpen;
use crate::server::{Repository, SUBSCRIPTION};

/// How often each call is made.
const TIMES: usize = 31;

fn main() {
    let most = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(10_000);
    println!("| database | versions | publisher's list | first after a change | one extension | resolve | memory |");
    println!("|---|---|---|---|---|---|---|");
    for count in [100, 1_000, 10_000, 100_000] {
        for database in [Some(Database::sqlite()), Database::postgres()].into_iter().flatten() {
            if count <= most {
                growth(&database, count);
            }
        }
    }
    println!();
    under_load::run();
}

fn growth(database: &Database, count: usize) {
    let repository = filled::repository(database, count, "<IsInternalExtension>false</IsInternalExtension>");
    let mut client = KeptOpen::new(&repository);
    let path = |rest: &str| format!("/{SUBSCRIPTION}/services/{rest}");
    let begun = Instant::now();
    client.get(&path("publisherextensions"));
    let first = begun.elapsed();
    let list = median(|| client.get(&path("publisherextensions")));
    // The middle one.
    let name = format!("Contoso.Linux/Demo{}", count / 20);
    let one = median(|| client.get(&path(&format!("resourceextensions/{name}"))));
    let resolve = median(|| client.get(&path(&format!("resolve/{name}?requested=1.0&autoUpgrade=true"))));
    println!(
        "| {} | {count} | {} | {} | {} | {} | {} MiB |",
        database.name,
        shown(list),
        shown(first),
        shown(one),
        shown(resolve),
        memory(&repository)
    );
}

fn median(mut call: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            call();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[TIMES / 2]
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// The most memory that the server had at one time, in MiB.
fn memory(repository: &Repository) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", repository.process())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}
