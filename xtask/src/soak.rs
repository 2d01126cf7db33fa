//! A day of an agent in an hour: builds everything as it is shipped, and lets the program `soak` run it.

use std::process::{Command, ExitCode};

use crate::{packages, step, workspace::Workspace};

/// What `soak` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long, in minutes: 60 is a day
    #[arg(long, value_name = "MINUTES", default_value = "10")]
    minutes: String,
    /// How many handlers
    #[arg(long, value_name = "N")]
    handlers: Option<usize>,
    /// How many of them stay
    #[arg(long, value_name = "N")]
    services: Option<usize>,
    /// How often the agent is killed
    #[arg(long, value_name = "N")]
    kills: Option<u32>,
}

/// Builds and runs it; it fails when something was lost.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    eprintln!("building everything in release mode (the first time takes many minutes)");
    step::run(
        workspace
            .cargo()
            .args(["build", "--quiet", "--locked", "--release", "--bins"])
            .args(["-p", "hostler-host", "-p", "hostler-bench"]),
    )?;
    let release = workspace.target().join("release");
    let packages = packages::build(workspace, &release.join("hostler"))?;
    let mut soak = Command::new(release.join("soak"));
    soak.env("HOSTLER_RECORDER", &packages.recorder)
        .arg("--hostler")
        .arg(release.join("hostler"))
        .args(["--minutes", &options.minutes]);
    for (name, number) in [
        ("--handlers", options.handlers.map(|number| number.to_string())),
        ("--services", options.services.map(|number| number.to_string())),
        ("--kills", options.kills.map(|number| number.to_string())),
    ] {
        if let Some(number) = number {
            soak.arg(name).arg(number);
        }
    }
    step::run(&mut soak)?;
    Ok(ExitCode::SUCCESS)
}
