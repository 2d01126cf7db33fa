//! What an agent says of itself in the report: where goal states come from, whether they still do, and which one is in
//! force.

use std::fs::File;
use std::io::{BufReader, Read as _};

use hostler_contract::{Finding, escape, escape_bounded};
use serde::{Deserialize, Serialize};

use super::account::finding_lines;
use crate::root::Root;

/// Most bytes of a report that are read.
const MAX_REPORT: u64 = 256 << 20;

/// Whether an agent is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentState {
    /// It follows its source.
    Running,
    /// It was told to stop, and a command is coming to its end.
    Stopping,
    /// It has stopped.
    Stopped,
}

/// What an agent says of itself. Times are as a report writes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentReport {
    /// Whether it is at work.
    pub state: AgentState,
    /// When it started.
    pub since: String,
    /// Its process.
    pub process: u32,
    /// Between two looks at the source, and between two reports, in milliseconds.
    pub period_ms: u64,
    /// Where goal states come from.
    pub source: Following,
    /// The goal state that is in force; left out where there was none since it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<InForceReport>,
    /// The operator's policy; left out where none was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Following>,
    /// Where the report is put; left out where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Following>,
}

/// Something outside of hostler that it depends on again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Following {
    /// Where it is, fit to be shown.
    pub place: String,
    /// Whether the last try was good.
    pub good: bool,
    /// Since when that is so; empty before the first try.
    pub since: String,
    /// What was wrong or odd the last time.
    pub findings: Vec<Finding>,
}

impl Following {
    /// Of `place`, which was not tried yet.
    pub fn untried(place: String) -> Self {
        Self {
            place,
            good: true,
            since: String::new(),
            findings: vec![],
        }
    }

    /// Takes note of a try at `time`: good, or not. `findings` say what was wrong or odd.
    pub fn tried(&mut self, good: bool, findings: Vec<Finding>, time: &str) {
        if self.good != good || self.since.is_empty() {
            time.clone_into(&mut self.since);
        }
        self.good = good;
        self.findings = findings;
    }
}

/// The goal state that is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InForceReport {
    /// SHA-256 of the document, in hexadecimal.
    pub digest: String,
    /// Its `inSvdSeqNo`, if it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// Since when.
    pub since: String,
}

impl AgentReport {
    /// What the last report in `root` has of an agent; `None` where none wrote it, or it cannot be read: an agent writes
    /// the next one soon, and one that is gone has nothing more to say.
    pub fn last(root: &Root) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            hostler: Addition,
        }
        #[derive(Deserialize)]
        struct Addition {
            agent: Option<AgentReport>,
        }
        let file = File::open(root.path().join("report/status.json")).ok()?;
        let document: Document = serde_json::from_reader(BufReader::new(file.take(MAX_REPORT))).ok()?;
        document.hostler.agent
    }

    /// Lines for people; `at_work` is whether somebody works in the root.
    pub(super) fn lines(&self, at_work: bool) -> String {
        let process = self.process;
        let mut text = match (self.state, at_work) {
            (AgentState::Stopped, _) => "agent: stopped\n".to_owned(),
            (_, false) => {
                format!("agent: process {process} is gone and did not stop in order; the next start goes on\n")
            }
            (AgentState::Stopping, true) => format!("agent: process {process} is stopping\n"),
            (AgentState::Running, true) => format!("agent: process {process}, since {}\n", escape(&self.since)),
        };
        let parts = [
            ("source", Some(&self.source)),
            ("policy", self.policy.as_ref()),
            ("report", self.upload.as_ref()),
        ];
        for (name, part) in parts {
            let Some(part) = part.filter(|part| !part.findings.is_empty()) else {
                continue;
            };
            let word = if part.good { "odd" } else { "not usable" };
            text += &format!(
                "{name} {}: {word} since {}\n",
                escape_bounded(&part.place, 400),
                escape(&part.since)
            );
            text.extend(part.findings.iter().map(finding_lines));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::{Place, codes};

    use super::*;

    /// Since when it is as it is does not move while it stays so, whatever the reason.
    #[test]
    fn since_is_the_first_of_its_kind() {
        let finding = |what| vec![Finding::refusal(codes::HOST_IO, "x", Place::Whole, what, "y")];
        let mut source = Following::untried("there".to_owned());
        let tries = [(true, "1"), (true, "2"), (false, "3"), (false, "4"), (true, "5")];
        let since: Vec<String> = tries
            .iter()
            .map(|(good, time)| {
                source.tried(*good, finding(*time), time);
                source.since.clone()
            })
            .collect();
        assert_eq!(since, ["1", "1", "3", "3", "5"]);
        source = Following::untried("there".to_owned());
        source.tried(false, finding("a"), "1");
        assert_eq!((source.since.as_str(), source.good), ("1", false));
    }
}
