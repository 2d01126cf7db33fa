//! Fetching from servers that answer by a script, from files, and from what is neither.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has failed")]

mod child;
mod file;
mod http;
mod location;
mod location_properties;
mod polled;
mod proxy;
mod redirect;
mod secrets;
mod server;
mod several;
mod tls;

use std::time::Duration;

use hostler_fetch::{FetchError, FetchLimits, Fetched, Fetcher, Location};

/// Limits that no good answer of these tests reaches, with plenty of time for a busy machine.
const LIMITS: FetchLimits = FetchLimits {
    max_bytes: 1000,
    budget: Duration::from_secs(120),
    idle: Duration::from_secs(60),
};

/// Long enough to notice, short enough to wait for.
const SHORT: Duration = Duration::from_millis(200);

fn location(text: &str) -> Location {
    Location::parse(text, None).unwrap()
}

fn fetch(text: &str, limits: FetchLimits) -> Result<Fetched, FetchError> {
    Fetcher::without_proxy().fetch(&location(text), limits)
}

/// Code and text of an error, with the port of the test server taken out.
fn refusal(error: &FetchError) -> String {
    format!("[{}] {}", error.code(), without_ports(&error.to_string()))
}

/// Replaces each `127.0.0.1:12345` by `SERVER`.
fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += "SERVER";
        out += part.trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    out
}
