//! The handlers, what is wanted of them, and what became of that.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_tests::{goal_state_entry, publish};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a handler is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It does its work.
    Plain,
    /// It stays.
    Stays,
    /// Its service traps.
    Falls,
    /// Its enable never ends.
    Hostile,
}

/// All handlers of a root.
pub(crate) struct Fleet {
    folder: TempDir,
    kinds: Vec<Kind>,
    /// The sequence number that each was asked for last.
    numbers: Vec<i64>,
    goal_states: u64,
}

impl Fleet {
    /// `handlers` of them, the first `services` of which stay; one more falls again and again, and one attacks.
    pub(crate) fn new(handlers: usize, services: usize) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("hostler-soak-").tempdir()?;
        let kinds = (0..handlers).map(|index| match index {
            _ if index < services => Kind::Stays,
            _ if index == services => Kind::Falls,
            _ if index == services + 1 => Kind::Hostile,
            _ => Kind::Plain,
        });
        let mut fleet = Self {
            folder,
            kinds: kinds.collect(),
            numbers: vec![0; handlers],
            goal_states: 0,
        };
        fs::create_dir(fleet.source())?;
        for (index, kind) in fleet.kinds.iter().enumerate() {
            let behaviour = match kind {
                Kind::Plain => json!({}),
                Kind::Stays => json!({"service": {"stdin": true}}),
                Kind::Falls => json!({"service": {"trap": true}}),
                Kind::Hostile => json!({"enable": {"loop": true}}),
            };
            publish(&fleet.source(), &name(index), &[("1.0.0", behaviour)]);
        }
        let policy = "[[rule]]\nname = \"may stay\"\npublisher = \"Soak\"\nservice = true\n";
        fs::write(fleet.path("policy.toml"), policy)?;
        fleet.write()?;
        Ok(fleet)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("root")
    }

    fn source(&self) -> PathBuf {
        self.path("source")
    }

    /// The goal state.
    pub(crate) fn file(&self) -> PathBuf {
        self.source().join("goal.json")
    }

    pub(crate) fn staying(&self) -> usize {
        self.kinds.iter().filter(|kind| **kind == Kind::Stays).count()
    }

    pub(crate) fn goal_states(&self) -> u64 {
        self.goal_states
    }

    /// New settings for some of them: a third, others each time.
    pub(crate) fn change(&mut self) -> anyhow::Result<()> {
        let turn = usize::try_from(self.goal_states).unwrap_or(0);
        for (index, number) in self.numbers.iter_mut().enumerate() {
            if index % 3 == turn % 3 {
                *number += 1;
            }
        }
        self.write()
    }

    fn write(&mut self) -> anyhow::Result<()> {
        self.goal_states += 1;
        let entries = self.numbers.iter().enumerate();
        let entries: Vec<Value> = entries
            .map(|(index, number)| goal_state_entry(&name(index), "1.0.0", "enabled", *number, &json!({})))
            .collect();
        let text = json!({"inSvdSeqNo": self.goal_states, "extensionGoalStates": entries}).to_string();
        let aside = self.source().join(".aside");
        fs::write(&aside, text)?;
        Ok(fs::rename(aside, self.file())?)
    }

    /// Waits until the report says that all is as it was asked for.
    pub(crate) fn settle(&self, patience: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            match self.lost() {
                Ok(()) => return Ok(()),
                Err(error) if began.elapsed() > patience => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// What is not as it was asked for, by the report.
    pub(crate) fn lost(&self) -> anyhow::Result<()> {
        let report = fs::read(self.root().join("report/status.json")).context("there is no report")?;
        let report: Value = serde_json::from_slice(&report).context("the report is not JSON")?;
        let aggregate = &report["aggregateStatus"];
        let done = &aggregate["vmArtifactsAggregateStatus"]["goalStateAggregateStatus"]["inSvdSeqNo"];
        anyhow::ensure!(
            *done == json!(self.goal_states.to_string()),
            "the report is of goal state {done}, not of {}",
            self.goal_states
        );
        let handlers = aggregate["handlerAggregateStatus"].as_array().context("no handlers")?;
        for (index, (kind, number)) in self.kinds.iter().zip(&self.numbers).enumerate() {
            let name = name(index);
            let handler = handlers.iter().find(|handler| handler["handlerName"] == name.as_str());
            let handler = handler.with_context(|| format!("{name} is not in the report"))?;
            let settings = &handler["runtimeSettingsStatus"];
            anyhow::ensure!(
                settings["sequenceNumber"] == *number,
                "{name} has settings {}, not {number}",
                settings["sequenceNumber"]
            );
            let code = &handler["code"];
            let service = &handler["hostler"]["service"];
            let is_right = match kind {
                Kind::Plain => *code == 0 && service.is_null(),
                Kind::Stays => *code == 0 && service["state"] == "running" && service["settings"] == *number,
                Kind::Falls => service["falls"].as_u64() >= Some(1),
                Kind::Hostile => *code == 1011,
            };
            anyhow::ensure!(
                is_right,
                "{name} is {} with code {code}, service {service}",
                handler["status"]
            );
        }
        Ok(())
    }

    /// How many commands and services the handlers say that they were.
    pub(crate) fn commands(&self) -> anyhow::Result<usize> {
        let logs = (0..self.kinds.len()).map(|index| self.root().join("logs").join(name(index)).join("record.jsonl"));
        let lines = |path: PathBuf| {
            Ok(fs::read_to_string(&path)
                .with_context(|| path.display().to_string())?
                .lines()
                .count())
        };
        logs.map(lines).sum()
    }

    /// Bytes below a folder of the root.
    pub(crate) fn bytes(&self, folder: &str) -> u64 {
        bytes(&self.root().join(folder))
    }
}

fn name(index: usize) -> String {
    format!("Soak.H{index:03}")
}

fn bytes(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else { return 0 };
    // What goes while it is counted counts for nothing.
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
