//! The benchmark's own components, run without a package: one folder, the limits of `enable`, and words that say what to do.

use std::fs::File;
use std::path::Path;
use std::process::Command as Process;
use std::time::Duration;

use anyhow::Context as _;
use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::{GrantedQuota, LimitName, Limits, Quota, Rule};
use hostler_host::sandbox::{
    Access, Code, CodeCache, Entry, Invocation, OpenFolder, Outcome, Preopen, ReadyCommand, Sandbox,
};

use crate::process::timed;

/// What may be added to the folder: as an operator grants it who lets a handler have 10,000 files. A data folder may have
/// about a thousand.
const FOLDER: GrantedQuota = GrantedQuota {
    number: 0,
    bytes: 256 << 20,
    files: 12_000,
    depth: 8,
};

/// A component, compiled for a sandbox.
pub(crate) struct Guest {
    sandbox: Sandbox,
    code: Code,
}

/// A command of a guest, and its folders.
pub(crate) type Job = (Invocation, Vec<OpenFolder>);

impl Guest {
    /// Compiles the component in `file` for `sandbox`, or takes it from `cache`.
    pub(crate) fn new(sandbox: &Sandbox, file: &Path, cache: Option<&CodeCache>) -> anyhow::Result<Self> {
        let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
        let code = sandbox.code(Source::new(&file.display().to_string(), &bytes), cache)?;
        Ok(Self {
            sandbox: sandbox.clone(),
            code,
        })
    }

    /// Waits until a worker is ready, where there are any.
    pub(crate) fn get_ready(&self) -> anyhow::Result<()> {
        self.sandbox.wait_for_workers()?;
        Ok(())
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub(crate) fn code(&self) -> &Code {
        &self.code
    }

    /// Gets ready to run it: its time counts from the word to begin.
    pub(crate) fn ready(&self, (invocation, folders): Job) -> ReadyCommand<'_> {
        self.sandbox.get_ready(&self.code, invocation, folders)
    }

    /// Runs it.
    pub(crate) fn run(&self, (invocation, folders): Job) -> Outcome {
        self.sandbox.run(&self.code, &invocation, folders)
    }

    /// Runs it, and gives the time that it says its work took.
    pub(crate) fn timed(&self, job: Job) -> anyhow::Result<(Duration, String)> {
        self.get_ready()?;
        let outcome = self.run(job);
        succeeded(&outcome)?;
        let said = String::from_utf8_lossy(&outcome.stdout.bytes).into_owned();
        Ok((told(&outcome.stdout.bytes)?, said))
    }
}

/// The command that `words` are, in `folder` where it has one, with limits `lowered`.
pub(crate) fn job(words: &[&str], folder: Option<&Path>, lowered: &[(LimitName, u64)]) -> anyhow::Result<Job> {
    let mut limits = Limits::of_command(Command::Enable);
    for (name, value) in lowered {
        limits.lower(*name, *value, Rule::CommandLine)?;
    }
    let mut arguments = vec!["guest".to_owned()];
    arguments.extend(words.iter().map(|word| (*word).to_owned()));
    let mut preopens = Vec::new();
    let mut folders = Vec::new();
    if let Some(folder) = folder {
        let name = folder.display().to_string();
        arguments.push(name.clone());
        let open = File::open(folder).with_context(|| name.clone())?;
        preopens.push(Preopen {
            name,
            access: Access::ReadWrite(Quota::Granted(FOLDER)),
            granted: true,
        });
        folders.push(open.into());
    }
    let invocation = Invocation {
        handler: "Hostler.Benchmark-1.0.0".to_owned(),
        entry: Entry::Run(arguments),
        is_service: false,
        environment: vec![],
        preopens,
        may_link: true,
        limits,
        clock: Precision::Full,
        clock_shift: 0,
        random: Precision::Full,
    };
    Ok((invocation, folders))
}

/// Runs the native program with `words` and the folder, and gives the time that it says its work took.
pub(crate) fn run_native(program: &Path, words: &[&str], folder: Option<&Path>) -> anyhow::Result<(Duration, String)> {
    let mut process = Process::new(program);
    process.args(words).args(folder).env_clear();
    let (_, output) = timed(&mut process)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((told(&output.stdout)?, said))
}

/// The time that a guest says its work took: the first word, in nanoseconds.
pub(crate) fn told(stdout: &[u8]) -> anyhow::Result<Duration> {
    let text = String::from_utf8_lossy(stdout);
    let first = text.split_whitespace().next().unwrap_or_default();
    let nanoseconds = first.parse().with_context(|| format!("the guest said {text:?}"))?;
    Ok(Duration::from_nanos(nanoseconds))
}

/// Fails where the command did.
pub(crate) fn succeeded(outcome: &Outcome) -> anyhow::Result<()> {
    let said = String::from_utf8_lossy(&outcome.stderr.bytes);
    anyhow::ensure!(outcome.end.is_success(), "{:?}: {}", outcome.end, said.trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::told;

    #[test]
    fn the_first_word_is_the_time() {
        assert_eq!(told(b"1500\n").unwrap(), Duration::from_nanos(1_500));
        assert_eq!(told(b"7 0123abcd\n").unwrap(), Duration::from_nanos(7));
        assert!(told(b"").is_err() && told(b"soon").is_err());
    }
}
