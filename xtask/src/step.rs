//! Running a program as one step of a task: what it is, how long it took, and its output only when it failed.

use std::{
    io::{self, Write as _},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::Context as _;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As wanted.
    Good,
    /// Not, and its output was shown.
    Bad,
}

/// Does `work` as the step `name`, and prints one line with its time.
///
/// `work` gives nothing when all is well, else the text that tells what is wrong.
pub(crate) fn step(name: &str, work: impl FnOnce() -> anyhow::Result<Option<String>>) -> anyhow::Result<Ending> {
    print!("{name:<28}");
    io::stdout().flush()?;
    let start = Instant::now();
    let complaint = work().with_context(|| name.to_owned())?;
    let seconds = start.elapsed().as_secs_f64();
    match complaint {
        None => {
            println!("ok      {seconds:6.1} s");
            Ok(Ending::Good)
        }
        Some(text) => {
            println!("FAILED  {seconds:6.1} s\n{}\n", text.trim_end());
            Ok(Ending::Bad)
        }
    }
}

/// Runs `command` to its end; its output if it failed.
pub(crate) fn complaint_of(command: &mut Command) -> anyhow::Result<Option<String>> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} could not be started", command.get_program().display()))?;
    if output.status.success() {
        return Ok(None);
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text.push_str(&format!("\n{}", output.status));
    Ok(Some(text))
}

/// Runs `command` with its output going where ours goes.
///
/// # Errors
///
/// It could not be started, or ended with anything but success.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().display().to_string();
    let status = command
        .status()
        .with_context(|| format!("{name} could not be started"))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        anyhow::bail!("{name} {}: {status}", arguments.join(" "));
    }
    Ok(())
}
