//! Where a machine stands: all that must be the same, however it came there.

use serde_json::Value;

use crate::machine::Machine;
use crate::tree::{Tree, differences, tree};

/// What lies in a root and what is reported of it, but for times, and for which commands the last run took.
#[derive(Debug)]
pub(crate) struct Standing {
    folders: Tree,
    report: Value,
}

impl Standing {
    /// Where `machine` stands now.
    pub(crate) fn of(machine: &Machine) -> Self {
        let root = machine.root();
        let mut folders = tree(&root);
        // SQLite's own, there as long as nobody had the time to tidy up.
        folders.retain(|name, _| !name.ends_with("-wal") && !name.ends_with("-shm"));
        // Files of these are about what happened when, or belong to the host alone: that they are there is enough.
        let told = |name: &str| {
            ["audit/", "cache/", "lock", "logs/", "report/", "state/"]
                .iter()
                .any(|start| name.starts_with(start))
        };
        for (_, content) in folders
            .iter_mut()
            .filter(|(name, _)| told(name))
            .map(|(_, entry)| entry)
        {
            *content = None;
        }
        let mut report = machine.status().json();
        forget(&mut report);
        Self { folders, report }
    }

    /// What lies in the root; without content for what is about times, or the host's alone.
    pub(crate) fn folders(&self) -> &Tree {
        &self.folders
    }

    /// Names what is not as in `other`, and what an interrupted run left behind.
    pub(crate) fn problems(&self, other: &Self) -> Vec<String> {
        let mut problems = differences(&other.folders, &self.folders);
        let left = self.folders.keys().filter(|name| name.starts_with("staging/"));
        problems.extend(left.map(|name| format!("{name} was left behind")));
        let aside = self.folders.keys().filter(|name| name.contains(".damaged-"));
        problems.extend(aside.map(|name| format!("{name}: the state was damaged")));
        if self.report != other.report {
            problems.push(format!("{:#}\n is reported, not\n{:#}", self.report, other.report));
        }
        problems
    }
}

/// Takes out of a report what differs between two runs that come to the same.
fn forget(report: &mut Value) {
    const TOLD: [&str; 7] = [
        "timestampUTC",
        "since",
        "commands",
        "settingsWritten",
        "changed",
        "removed",
        "durationMs",
    ];
    match report {
        Value::Object(members) => {
            members.retain(|name, _| !TOLD.contains(&name.as_str()));
            if let Some(Value::Array(findings)) = members.get_mut("findings") {
                findings.retain(|finding| finding["code"] != "handler.interrupted");
            }
            members.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        _ => {}
    }
}

/// All codes in the findings of a report.
pub(crate) fn codes(report: &Value) -> Vec<String> {
    match report {
        Value::Object(members) => {
            let found = members.get("findings").and_then(Value::as_array).into_iter().flatten();
            let own = found.filter_map(|finding| Some(finding["code"].as_str()?.to_owned()));
            own.chain(members.values().flat_map(codes)).collect()
        }
        Value::Array(items) => items.iter().flat_map(codes).collect(),
        _ => vec![],
    }
}
