//! The benchmark's own component, run without a package: one folder, the limits of `enable`, and a word that says what to
//! do in it.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::{LimitName, Limits, Quota, Rule};
use hostler_host::sandbox::{Access, Code, Entry, Invocation, Outcome, Preopen, Sandbox};

use crate::surroundings::Surroundings;

/// The component, compiled.
pub(crate) struct Guest {
    sandbox: Sandbox,
    code: Code,
}

impl Guest {
    /// Compiles it for workers.
    pub(crate) fn new(around: &Surroundings) -> anyhow::Result<Self> {
        let sandbox = around.workers()?;
        let bytes = std::fs::read(&around.guest).with_context(|| around.guest.display().to_string())?;
        let code = sandbox.code(Source::new("bench-guest.wasm", &bytes), None)?;
        Ok(Self { sandbox, code })
    }

    /// Waits until a worker is ready.
    pub(crate) fn get_ready(&self) -> anyhow::Result<()> {
        self.sandbox.isolation()?;
        Ok(())
    }

    /// Prepares `verb` in `folder`, which gets the limits of a data folder.
    pub(crate) fn invocation(
        verb: &str,
        folder: &Path,
        lowered: &[(LimitName, u64)],
    ) -> anyhow::Result<(Invocation, Vec<OwnedFd>)> {
        let mut limits = Limits::of_command(Command::Enable);
        for (name, value) in lowered {
            limits.lower(*name, *value, Rule::CommandLine)?;
        }
        let name = folder.display().to_string();
        let arguments = ["bench-guest", verb, &name].map(str::to_owned).to_vec();
        let invocation = Invocation {
            handler: "Hostler.Benchmark-1.0.0".to_owned(),
            entry: Entry::Run(arguments),
            is_service: false,
            environment: vec![],
            preopens: vec![Preopen {
                name,
                access: Access::ReadWrite(Quota::Data),
                granted: false,
            }],
            may_link: true,
            limits,
            clock: Precision::Full,
            clock_shift: 0,
            random: Precision::Full,
        };
        let open = File::open(folder).with_context(|| folder.display().to_string())?;
        Ok((invocation, vec![open.into()]))
    }

    /// Runs it.
    pub(crate) fn run(&self, (invocation, folders): (Invocation, Vec<OwnedFd>)) -> Outcome {
        self.sandbox.run(&self.code, &invocation, folders)
    }
}

/// Runs the native program, and gives the time that it says its work took.
pub(crate) fn run_native(program: &Path, verb: &str, folder: &Path) -> anyhow::Result<Duration> {
    let output = Process::new(program)
        .arg(verb)
        .arg(folder)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .with_context(|| program.display().to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{verb}: {}: {said}", output.status);
    told(&output.stdout)
}

/// The time that the guest says its work took.
pub(crate) fn told(stdout: &[u8]) -> anyhow::Result<Duration> {
    let text = String::from_utf8_lossy(stdout);
    let nanoseconds = text
        .trim()
        .parse()
        .with_context(|| format!("the guest said {text:?}"))?;
    Ok(Duration::from_nanos(nanoseconds))
}
