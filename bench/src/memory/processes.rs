//! Handlers that live, each in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::process::Memory;

/// How long all of them may take to get ready.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often is looked whether they are.
const LOOK: Duration = Duration::from_millis(2);

/// The folders in which they live, one each.
pub(super) struct Homes(PathBuf);

impl Homes {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder of the handler `number`, with its settings.
    pub(super) fn make(&self, number: usize) -> anyhow::Result<PathBuf> {
        let folder = self.0.join(number.to_string());
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("settings"), r#"{"name": "Ada"}"#)?;
        Ok(folder)
    }

    /// Waits until the first `count` have written a status; `alive` fails when one has ended instead.
    pub(super) fn wait(&self, count: usize, mut alive: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let began = Instant::now();
        for number in 0..count {
            let status = self.0.join(number.to_string()).join("status");
            while !status.exists() {
                alive()?;
                anyhow::ensure!(began.elapsed() < PATIENCE, "{} is not there", status.display());
                std::thread::sleep(LOOK);
            }
        }
        Ok(())
    }
}

/// Native programs, or scripts. They end with their value.
pub(super) struct Processes {
    program: PathBuf,
    arguments: Vec<String>,
    homes: Homes,
    alive: Vec<Child>,
}

impl Processes {
    pub(super) fn new(program: &Path, arguments: &[&str], homes: PathBuf) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            homes: Homes::new(homes),
            alive: Vec::new(),
        }
    }

    /// Starts more of them, until there are `count`, and looks at the memory of each.
    pub(super) fn grow_to(&mut self, count: usize) -> anyhow::Result<Vec<Memory>> {
        while self.alive.len() < count {
            let home = self.homes.make(self.alive.len())?;
            let child = Command::new(&self.program)
                .args(&self.arguments)
                .arg("idle")
                .arg(home)
                .env_clear()
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .with_context(|| self.program.display().to_string())?;
            self.alive.push(child);
        }
        let (homes, alive) = (&self.homes, &mut self.alive);
        homes.wait(count, || {
            for child in alive.iter_mut() {
                if let Some(ended) = child.try_wait()? {
                    anyhow::bail!("one of them has ended: {ended}");
                }
            }
            Ok(())
        })?;
        self.alive.iter().map(|child| Memory::of(child.id())).collect()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for child in &mut self.alive {
            // It may have ended.
            let _ = child.kill();
        }
        for child in &mut self.alive {
            let _ = child.wait();
        }
    }
}
