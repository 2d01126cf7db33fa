//! The crash tests by themselves: how many stops were tried, and what was held against.

use std::process::ExitCode;
use std::time::SystemTime;

use crate::{host, packages, step, workspace::Workspace};

/// What `crash` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Stop at every call of a life, before and after it, and let each fault meet sixty calls; takes half an hour
    #[arg(long, conflicts_with = "stops")]
    every: bool,
    /// How many stops [default: 60]
    #[arg(long, value_name = "N")]
    stops: Option<u32>,
    /// The seed of an earlier run, to try the same again
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
}

/// Calls that each fault meets with `--every`.
const FAULTS: &str = "60";

/// Builds what the tests need, and runs them with all that they print.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    let hostler = host::build(workspace)?;
    let packages = packages::build(workspace, &hostler)?;
    let mut cargo = workspace.cargo();
    cargo
        .args([
            "test",
            "--quiet",
            "--locked",
            "-p",
            "hostler-tests",
            "--test",
            "crash",
            "--",
        ])
        // What is left out kills at random moments, which is what the stops do at chosen ones.
        .args([
            "stops",
            "durable",
            "failing",
            "descriptors",
            "clock",
            "streams",
            "torn",
            "damaged",
            "--nocapture",
        ])
        .env("HOSTLER_BIN", &hostler)
        .env("HOSTLER_PACKAGES", &packages.folder)
        .env("HOSTLER_RECORDER", &packages.recorder);
    if options.every {
        cargo.env("HOSTLER_STOPS", "every").env("HOSTLER_FAULTS", FAULTS);
    }
    if let Some(stops) = options.stops {
        cargo.env("HOSTLER_STOPS", stops.to_string());
    }
    // Others each time, unless they are to be the same again.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seed = options
        .seed
        .unwrap_or_else(|| u64::from(now.unwrap_or_default().subsec_nanos()));
    cargo.env("HOSTLER_SEED", seed.to_string());
    step::run(&mut cargo)?;
    Ok(ExitCode::SUCCESS)
}
