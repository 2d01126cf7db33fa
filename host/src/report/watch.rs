//! `hostler status --watch` where there is no terminal: a line for what has changed, and for nothing else.

use std::collections::BTreeMap;

use hostler_contract::{escape, escape_bounded};
use serde::Serialize;

use super::agent::AgentState;
use super::document::HandlerEntry;
use super::root_report::RootReport;
use super::table::why;

/// Longest reason of a line, in bytes.
const REASON_BYTES: usize = 400;

/// Something that is shown by itself, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Watched {
    /// `handler`, `goal-state` or `agent`.
    pub kind: &'static str,
    /// The handler, or where the goal state comes from.
    pub name: String,
    /// A handler's version; left out for what has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Whether it is well.
    pub well: bool,
    /// What it is; `gone` for what is not there any more.
    pub state: String,
    /// What its extension reports; left out where there is nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Why.
    pub why: String,
}

impl Watched {
    /// A line for people, without a line feed: `!! Contoso.Demo 1.0.0 NotReady (Enabled) error (0): no room`.
    pub fn line(&self) -> String {
        let mark = if self.well { "ok" } else { "!!" };
        let words = [mark, &self.name, &self.version, &self.state, &self.status];
        let words: Vec<String> = words
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| escape_bounded(word, REASON_BYTES))
            .collect();
        let why = match self.why.is_empty() {
            true => String::new(),
            false => format!(": {}", escape_bounded(&self.why, REASON_BYTES)),
        };
        format!("{}{why}", words.join(" "))
    }
}

/// What was shown last.
#[derive(Debug, Default)]
pub struct Changes {
    shown: BTreeMap<(&'static str, String), Watched>,
}

impl Changes {
    /// What `report` says otherwise than the one before it, all of it at first; what is gone comes last.
    pub fn since_last(&mut self, report: &RootReport) -> Vec<Watched> {
        let mut gone = std::mem::take(&mut self.shown);
        let mut changed = Vec::new();
        for watched in all(report) {
            let key = (watched.kind, watched.name.clone());
            if gone.remove(&key).as_ref() != Some(&watched) {
                changed.push(watched.clone());
            }
            self.shown.insert(key, watched);
        }
        changed.extend(
            gone.into_values()
                .filter(|was| was.kind == "handler")
                .map(|was| Watched {
                    well: true,
                    state: "gone".to_owned(),
                    status: String::new(),
                    why: String::new(),
                    ..was
                }),
        );
        changed
    }
}

fn all(report: &RootReport) -> Vec<Watched> {
    let mut all: Vec<Watched> = report.entries.iter().map(handler).collect();
    all.extend(report.goal_state.as_ref().map(|goal_state| {
        let outcome = goal_state.outcome.as_ref();
        let bad = outcome.filter(|outcome| outcome.code != 0);
        let state = match (goal_state.on_hold, outcome) {
            (true, _) => "on hold",
            (_, None) => "begun",
            (_, Some(_)) if bad.is_some() => "failed",
            _ => "carried out",
        };
        Watched {
            kind: "goal-state",
            name: goal_state.source.clone(),
            version: goal_state.number.clone().unwrap_or_default(),
            well: bad.is_none() && !goal_state.host_failed,
            state: state.to_owned(),
            status: String::new(),
            why: bad.map(|bad| bad.message.clone()).unwrap_or_default(),
        }
    }));
    all.extend(report.agent.as_ref().map(|agent| {
        let state = match agent.state {
            AgentState::Stopped => "stopped",
            _ if !report.in_use => "gone",
            AgentState::Running => "running",
            AgentState::Stopping => "stopping",
        };
        let parts = [Some(&agent.source), agent.policy.as_ref(), agent.upload.as_ref()];
        let mut findings = parts.into_iter().flatten().flat_map(|part| &part.findings);
        Watched {
            kind: "agent",
            name: format!("agent {}", agent.process),
            version: String::new(),
            well: state != "gone" && parts.into_iter().flatten().all(|part| part.good),
            state: state.to_owned(),
            status: String::new(),
            why: findings.next().map(ToString::to_string).unwrap_or_default(),
        }
    }));
    all
}

fn handler(entry: &HandlerEntry) -> Watched {
    let status = entry.extension.as_ref().and_then(|(name, status)| {
        let status = status.as_ref()?;
        Some(format!("{} ({})", status.kind, name.number))
    });
    let state = match (&entry.addition.under_way, entry.addition.state) {
        (Some(step), _) if !step.interrupted => format!("{} (runs {})", entry.verdict.status, step.command),
        (_, Some(state)) => format!("{} ({})", entry.verdict.status, state.name()),
        (_, None) => entry.verdict.status.clone(),
    };
    Watched {
        kind: "handler",
        name: escape(entry.name.as_str()),
        version: entry.version.clone(),
        well: entry.failed().is_none(),
        state,
        status: status.unwrap_or_default(),
        why: why(entry).lines().next().unwrap_or_default().to_owned(),
    }
}
