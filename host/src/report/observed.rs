//! What only somebody who stays can add to a report: how old heartbeats are, and how services are.
//!
//! A heartbeat is as old as the time since the host saw its file change, by the host's own monotonic clock (design 6): a
//! time that the handler gave its file counts for nothing, and neither does a jump of the wall clock.

use std::collections::BTreeMap;
use std::time::Duration;

use hostler_contract::agent_code::UNKNOWN;
use hostler_contract::{Finding, HandlerName, Place, codes};

use super::document::HandlerEntry;
use super::handler::HandlerVerdict;
use super::service::{ServiceReport, ServiceState};
use crate::services::ServiceName;

/// How old a heartbeat may be (contract 6).
pub const HEARTBEAT_FRESH: Duration = Duration::from_secs(600);

/// A heartbeat file as it was seen: any difference is a beat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeartbeatSeen {
    /// SHA-256 of what is in it.
    pub(super) content: [u8; 32],
    /// When it was changed, in seconds and nanoseconds, as the handler may have set it.
    pub(super) changed: (i64, u64),
}

/// What was seen before.
#[derive(Debug, Default)]
pub struct Observed {
    heartbeats: BTreeMap<(HandlerName, String), (HeartbeatSeen, Duration)>,
}

impl Observed {
    /// Adds to `entries`, which were read just now, at `now` of a monotonic clock: the ages of heartbeats, and `services`.
    pub fn add(
        &mut self,
        entries: &mut [HandlerEntry],
        services: &BTreeMap<ServiceName, ServiceReport>,
        now: Duration,
    ) {
        let mut heartbeats = BTreeMap::new();
        for entry in entries {
            if let Some(seen) = entry.addition.heartbeat_seen.take() {
                let whose = (entry.name.clone(), entry.version.clone());
                let since = match self.heartbeats.get(&whose) {
                    Some((before, since)) if *before == seen => *since,
                    _ => now,
                };
                heartbeats.insert(whose, (seen, since));
                age(entry, now.saturating_sub(since));
            }
            let extension = entry
                .extension
                .as_ref()
                .and_then(|(settings, _)| settings.extension.clone());
            if let Some(service) = services.get(&(entry.name.clone(), extension)) {
                serve(entry, service);
            }
        }
        self.heartbeats = heartbeats;
    }
}

/// A heartbeat of `age`: the word changes, code and message stay (contract 6).
fn age(entry: &mut HandlerEntry, age: Duration) {
    if age <= HEARTBEAT_FRESH {
        return;
    }
    "Unresponsive".clone_into(&mut entry.verdict.status);
    let what = format!(
        "the heartbeat has not changed for {} s, and is to at least every {} s",
        age.as_secs(),
        HEARTBEAT_FRESH.as_secs()
    );
    let hint = "look at what the handler does, and whether it can still write its heartbeat file";
    let finding = Finding::refusal(
        codes::HEARTBEAT_STALE,
        "heartbeat/heartbeat.log",
        Place::Whole,
        what,
        hint,
    );
    entry.addition.findings.push(finding);
}

/// A service that is given up on is its handler's failure.
fn serve(entry: &mut HandlerEntry, service: &ServiceReport) {
    if service.state == ServiceState::GivenUp && entry.verdict.code == 0 {
        let what = format!("its service fell {} times and is not started again", service.falls);
        let hint = "look at how it ended the last time, under `service`; the next enable starts it anew";
        let file = entry.name.to_string();
        let finding = Finding::refusal(codes::SERVICE_GIVEN_UP, &file, Place::Whole, what, hint);
        entry.verdict = HandlerVerdict::not_ready(UNKNOWN, format!("[ExtensionError] {finding}"));
        entry.addition.findings.push(finding);
    }
    entry.addition.service = Some(service.clone());
}

#[cfg(test)]
mod tests {
    use super::super::addition::Addition;
    use super::*;

    fn entry(seen: Option<(u8, i64)>) -> HandlerEntry {
        HandlerEntry {
            name: HandlerName::parse("Contoso.Demo").unwrap(),
            version: "1.0.0".to_owned(),
            verdict: HandlerVerdict {
                status: "ready".to_owned(),
                code: 0,
                message: Some("well".to_owned()),
            },
            extension: None,
            addition: Addition {
                heartbeat_seen: seen.map(|(content, changed)| HeartbeatSeen {
                    content: [content; 32],
                    changed: (changed, 0),
                }),
                ..Addition::default()
            },
        }
    }

    /// The status words at the times, in seconds, at which the file was seen like that.
    fn words(seen: &[(u64, Option<(u8, i64)>)]) -> Vec<String> {
        let mut observed = Observed::default();
        seen.iter()
            .map(|(now, seen)| {
                let mut entries = [entry(*seen)];
                observed.add(&mut entries, &BTreeMap::new(), Duration::from_secs(*now));
                let [entry] = entries;
                assert_eq!(
                    (entry.verdict.code, entry.verdict.message.as_deref()),
                    (0, Some("well"))
                );
                let stale = entry
                    .addition
                    .findings
                    .iter()
                    .any(|one| one.code() == codes::HEARTBEAT_STALE);
                assert_eq!(stale, entry.verdict.status == "Unresponsive");
                entry.verdict.status
            })
            .collect()
    }

    /// HB-03: a time in the file's future, or any other, is worth as much as the change that the host saw.
    #[test]
    fn a_heartbeat_is_as_old_as_the_change_that_the_host_saw() {
        let year_2500 = 16_725_225_600;
        let same = Some((1, year_2500));
        assert_eq!(
            words(&[
                (0, same),
                (600, same),
                (601, same),
                (602, Some((1, year_2500 + 1))),
                (1202, Some((2, 0)))
            ]),
            ["ready", "ready", "Unresponsive", "ready", "ready"],
            "inclusive, and cleared by the next one"
        );
    }

    /// HB-06: one that went away and came back as it was is a new one; while it is away the file itself says so.
    #[test]
    fn one_that_was_away_is_new() {
        let same = Some((1, 1));
        assert_eq!(
            words(&[(0, same), (700, None), (1400, same)]),
            ["ready", "ready", "ready"]
        );
    }
}
