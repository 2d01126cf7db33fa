//! The benchmark: builds everything as it is shipped, and lets the program `hostler-bench` measure it.

use std::{path::PathBuf, process::ExitCode};

use crate::{guest, packages, step, workspace::Workspace};

/// What `bench` is told. What the benchmark itself says of each is in `docs/benchmarks.md`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// All of it with fewer rounds, in less than five minutes after building
    #[arg(long)]
    quick: bool,
    /// Rounds of what is quick; of what takes longer there are fewer [default: 200, with --quick 60]
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Commands after which the supervisor's memory is looked at [default: 10,000, with --quick 1,000]
    #[arg(long, value_name = "N")]
    commands: Option<usize>,
    /// Only this part, as docs/benchmarks.md has them; can be given several times
    #[arg(long, value_name = "NAME")]
    part: Vec<String>,
    /// Also write what was found as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write it as one page with charts
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Also write the chart of figures and targets as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Also write the figures as a table in Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// What --json of an earlier run wrote: show what changed since
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
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
    if options.quick {
        bench.arg("--quick");
    }
    for (name, number) in [("--rounds", options.rounds), ("--commands", options.commands)] {
        if let Some(number) = number {
            bench.arg(name).arg(number.to_string());
        }
    }
    for part in &options.part {
        bench.arg("--part").arg(part);
    }
    let files = [
        ("--json", &options.json),
        ("--html", &options.html),
        ("--svg", &options.svg),
        ("--markdown", &options.markdown),
        ("--baseline", &options.baseline),
    ];
    for (name, file) in files {
        if let Some(file) = file {
            bench.arg(name).arg(file);
        }
    }
    step::run(&mut bench)?;
    Ok(ExitCode::SUCCESS)
}
