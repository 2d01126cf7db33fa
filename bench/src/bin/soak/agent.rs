//! The agent, as a process.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

use crate::fleet::Fleet;
use crate::held::{private_kb, workers};

/// An agent that runs. It goes with its value.
pub(crate) struct Agent {
    child: Child,
    hostler: std::path::PathBuf,
}

impl Agent {
    pub(crate) fn start(hostler: &Path, fleet: &Fleet) -> anyhow::Result<Self> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(fleet.path("agent.log"))?;
        let child = Command::new(hostler)
            .args(["agent", "--period", "1s", "--limit", "cmd.deadline=300ms"])
            .arg("--goal-state")
            .arg(fleet.file())
            .arg("--root")
            .arg(fleet.root())
            .arg("--policy")
            .arg(fleet.path("policy.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("the agent cannot be started")?;
        Ok(Self {
            child,
            hostler: hostler.to_owned(),
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn assert_alive(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => anyhow::bail!("the agent has ended: {status}"),
        }
    }

    /// How long one report takes, and what each handler that stays costs.
    pub(crate) fn reporting(&self, fleet: &Fleet) -> anyhow::Result<String> {
        const REPORTS: usize = 20;
        let mut times = Vec::new();
        for _ in 0..REPORTS {
            let began = Instant::now();
            let status = Command::new(&self.hostler)
                .args(["status", "--json", "--root"])
                .arg(fleet.root())
                .stdout(Stdio::null())
                .status()?;
            // 1: a handler is not well, as the one that attacks.
            anyhow::ensure!(matches!(status.code(), Some(0 | 1)), "status: {status}");
            times.push(began.elapsed());
        }
        times.sort();
        let median = times.get(REPORTS / 2).copied().unwrap_or_default();
        let workers = workers(self.id())?;
        let mut each: Vec<u64> = workers.iter().filter_map(|worker| private_kb(*worker).ok()).collect();
        each.sort_unstable();
        Ok(format!(
            "one report (`hostler status --json`, a process of its own): {:.1} ms at the median of {REPORTS}\n\
             {} workers: {} kB of their own each at the median (with the agent's two ready ones); the agent itself {} kB",
            median.as_secs_f64() * 1000.0,
            workers.len(),
            each.get(each.len() / 2).copied().unwrap_or(0),
            private_kb(self.id())?
        ))
    }

    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let id = Pid::from_raw(self.child.id().cast_signed()).context("no process")?;
        kill_process(id, Signal::TERM)?;
        let status = self.child.wait()?;
        anyhow::ensure!(status.success(), "the agent did not stop in order: {status}");
        Ok(())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It has ended, where it was waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `hostler audit verify` says.
pub(crate) fn verified(hostler: &Path, fleet: &Fleet) -> anyhow::Result<String> {
    let output = Command::new(hostler)
        .args(["audit", "verify", "--root"])
        .arg(fleet.root())
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    anyhow::ensure!(output.status.success(), "the audit log is not whole: {said}");
    Ok(said.lines().next().unwrap_or_default().to_owned())
}
