//! The benchmark: builds everything as it is shipped, and lets the program `hostler-bench` measure it.

use std::{path::PathBuf, process::ExitCode};

use crate::{guest, packages, step, workspace::Workspace};

/// What `bench` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Rounds of what is quick; of what takes longer there are fewer
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Commands after which the supervisor's memory is looked at
    #[arg(long, value_name = "N")]
    commands: Option<usize>,
    /// Also write what was found as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Builds, measures and prints. Whether targets are held does not decide the exit code: a busy machine is nobody's fault.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    eprintln!("building everything in release mode (the first time takes many minutes)");
    let crates = [
        "hostler-host",
        "hostler-bench",
        "hello-handler",
        "bench-guest",
        "bench-kernels",
    ];
    step::run(
        workspace
            .cargo()
            .args(["build", "--quiet", "--locked", "--release", "--bins"])
            .args(crates.iter().flat_map(|name| ["-p", name])),
    )?;
    let release = workspace.target().join("release");
    let hostler = release.join("hostler");
    let packages = packages::build(workspace, &hostler)?;
    let kernels = guest::build_kernels(workspace)?;

    let mut bench = std::process::Command::new(release.join("hostler-bench"));
    bench
        .arg("--hostler")
        .arg(&hostler)
        .arg("--package")
        .arg(packages.of(packages::HELLO))
        .arg("--native")
        .arg(release.join("hello"))
        .arg("--guest")
        .arg(&packages.bench)
        .arg("--native-guest")
        .arg(release.join("bench-guest"))
        .arg("--kernels")
        .arg(&kernels.simd)
        .arg("--kernels-without-simd")
        .arg(&kernels.without_simd)
        .arg("--native-kernels")
        .arg(release.join("bench-kernels"));
    for (name, number) in [("--rounds", options.rounds), ("--commands", options.commands)] {
        if let Some(number) = number {
            bench.arg(name).arg(number.to_string());
        }
    }
    if let Some(json) = &options.json {
        bench.arg("--json").arg(json);
    }
    step::run(&mut bench)?;
    Ok(ExitCode::SUCCESS)
}
