//! The same code as a function: called in a process that is there already, and waits for the next call.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command as Process, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use hostler_contract::Command;

use crate::place::Place;

/// The process. It ends with its value.
pub(crate) struct Function {
    child: Child,
    calls: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Function {
    /// Starts it, with the command, variables and folder that the component gets.
    pub(crate) fn start(program: &Path, place: &Place) -> anyhow::Result<Self> {
        let started = Process::new(program)
            .arg(Command::Enable.name())
            .env_clear()
            .envs(place.variables())
            .current_dir(place.folders().base())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = started.with_context(|| program.display().to_string())?;
        Ok(Self {
            calls: child.stdin.take().context("no standard input")?,
            answers: BufReader::new(child.stdout.take().context("no standard output")?),
            child,
        })
    }

    /// Calls it once, and gives the time that the call took in that process.
    pub(crate) fn call(&mut self) -> anyhow::Result<Duration> {
        self.calls.write_all(b"\n").context("it takes no call")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        crate::guest::told(answer.as_bytes()).context("the call failed")
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It has ended, where it could not be called.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
