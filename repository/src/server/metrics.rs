//! Figures of a running server, in the text form that Prometheus reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper ends of the classes of durations, in seconds.
const CLASSES: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// Counts of what a server did since it started.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    durations: Mutex<BTreeMap<&'static str, Durations>>,
    operations: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    connections: AtomicU64,
    refused: AtomicU64,
    handshakes_failed: AtomicU64,
    received: AtomicU64,
}

#[derive(Debug, Default, Clone)]
struct Durations {
    classes: [u64; CLASSES.len()],
    count: u64,
    seconds: f64,
}

impl Metrics {
    /// A request of a kind was answered.
    pub(super) fn request(&self, route: &'static str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((route, status)).or_default() += 1;
        drop(requests);
        let mut durations = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        let of_route = durations.entry(route).or_default();
        let seconds = took.as_secs_f64();
        of_route.count += 1;
        of_route.seconds += seconds;
        for (class, end) in of_route.classes.iter_mut().zip(CLASSES) {
            *class += u64::from(seconds <= end);
        }
    }

    /// An operation came to an end.
    pub(crate) fn operation(&self, kind: &'static str, outcome: &'static str) {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        *operations.entry((kind, outcome)).or_default() += 1;
    }

    /// So many connections there are now.
    pub(super) fn connections(&self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.connections.store(count, Ordering::Relaxed);
    }

    /// A connection was one too many.
    pub(super) fn connection_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// A handshake failed.
    pub(super) fn handshake_failed(&self) {
        self.handshakes_failed.fetch_add(1, Ordering::Relaxed);
    }

    /// So many bytes of bodies came.
    pub(super) fn received(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Everything, with what the records count: versions by state, and operations by status.
    pub(super) fn to_text(&self, versions: &[(String, i64)], operations: &[(String, i64)]) -> String {
        let mut out = Text::default();
        out.family("hostler_repository_requests_total", "counter", "Requests answered.");
        for ((route, status), count) in &*self.requests.lock().unwrap_or_else(PoisonError::into_inner) {
            out.line(
                "hostler_repository_requests_total",
                &format!("route=\"{route}\",status=\"{status}\""),
                count,
            );
        }
        let name = "hostler_repository_request_seconds";
        out.family(name, "histogram", "Time from a request's headers to its answer.");
        for (route, durations) in &*self.durations.lock().unwrap_or_else(PoisonError::into_inner) {
            for (class, end) in durations.classes.iter().zip(CLASSES) {
                out.line(
                    &format!("{name}_bucket"),
                    &format!("route=\"{route}\",le=\"{end}\""),
                    class,
                );
            }
            out.line(
                &format!("{name}_bucket"),
                &format!("route=\"{route}\",le=\"+Inf\""),
                durations.count,
            );
            out.line(&format!("{name}_sum"), &format!("route=\"{route}\""), durations.seconds);
            out.line(&format!("{name}_count"), &format!("route=\"{route}\""), durations.count);
        }
        let name = "hostler_repository_operations_ended_total";
        out.family(name, "counter", "Operations that this server brought to their end.");
        for ((kind, outcome), count) in &*self.operations.lock().unwrap_or_else(PoisonError::into_inner) {
            out.line(name, &format!("kind=\"{kind}\",outcome=\"{outcome}\""), count);
        }
        for (name, what, value) in [
            (
                "hostler_repository_connections_refused_total",
                "Connections closed since one address had too many.",
                &self.refused,
            ),
            (
                "hostler_repository_handshakes_failed_total",
                "TLS handshakes that failed.",
                &self.handshakes_failed,
            ),
            (
                "hostler_repository_received_bytes_total",
                "Bytes of bodies that came.",
                &self.received,
            ),
        ] {
            out.family(name, "counter", what);
            out.line(name, "", value.load(Ordering::Relaxed));
        }
        let name = "hostler_repository_connections";
        out.family(name, "gauge", "Connections that are open.");
        out.line(name, "", self.connections.load(Ordering::Relaxed));
        let name = "hostler_repository_versions";
        out.family(name, "gauge", "Versions on record, by state.");
        for (state, count) in versions {
            out.line(name, &format!("state=\"{state}\""), count);
        }
        let name = "hostler_repository_operations";
        out.family(name, "gauge", "Operations on record, by status.");
        for (status, count) in operations {
            out.line(name, &format!("status=\"{status}\""), count);
        }
        out.0
    }
}

/// Lines being written. Writing to a text never fails.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, what: &str) {
        let _ = writeln!(self.0, "# HELP {name} {what}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }
}
