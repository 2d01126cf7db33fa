//! A launcher package under the real native agent, by itself, with all that is reported.

use std::process::{Command, ExitCode};

use anyhow::Context as _;

use crate::{guest, host, packages, step, workspace::Workspace};

/// Builds what it needs, gets the agent, and runs the tests of launcher packages.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    guest::ensure_target()?;
    let hostler = host::build(workspace)?;
    let packages = packages::build(workspace, &hostler)?;
    let agent = workspace.target().join("native-agent");
    let script = workspace.root().join("tests/native-agent/fetch-agent");
    step::run(Command::new(&script).arg(&agent)).with_context(|| script.display().to_string())?;
    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--quiet", "--locked", "-p", "hostler-tests"])
        .args(["--test", "native_agent", "--", "real", "--nocapture"])
        .env("HOSTLER_BIN", &hostler)
        .env("HOSTLER_PACKAGES", &packages.folder)
        .env("HOSTLER_RECORDER", &packages.recorder)
        .env("HOSTLER_NATIVE_AGENT", &agent)
        // Asked for by name: then it is a failure that it cannot be run.
        .env("HOSTLER_ALL", "1");
    step::run(&mut cargo)?;
    Ok(ExitCode::SUCCESS)
}
