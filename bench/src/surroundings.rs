//! What was built for the benchmark, and where it works.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use hostler_host::sandbox::{RequiredIsolation, Sandbox, WorkerOptions};
use tempfile::TempDir;

/// Programs, packages and folders.
#[derive(Debug, clap::Args)]
pub(crate) struct Surroundings {
    /// The program that workers are, and that is run as a whole
    #[arg(long, value_name = "FILE")]
    pub(crate) hostler: PathBuf,
    /// The package of the sample handler `hello`
    #[arg(long, value_name = "FILE")]
    pub(crate) package: PathBuf,
    /// The same handler as a native program
    #[arg(long, value_name = "FILE")]
    pub(crate) native: PathBuf,
    /// The same handler as a program that enables as often as it is told to [default: `function` beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) function: Option<PathBuf>,
    /// The benchmark's own component
    #[arg(long, value_name = "FILE")]
    pub(crate) guest: PathBuf,
    /// The same as a native program
    #[arg(long, value_name = "FILE")]
    pub(crate) native_guest: PathBuf,
    #[command(flatten)]
    pub(crate) kernels: KernelFiles,
    /// Where folders to work in are made; in memory, since a disk takes longer than what is measured
    #[arg(long, value_name = "FOLDER", default_value = "/dev/shm")]
    pub(crate) folder: PathBuf,
}

/// The kernels, built three times. Without them nothing that computes is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct KernelFiles {
    /// The component of kernels, built with SIMD
    #[arg(long, value_name = "FILE")]
    pub(crate) kernels: Option<PathBuf>,
    /// The same, built without SIMD
    #[arg(long, value_name = "FILE")]
    pub(crate) kernels_without_simd: Option<PathBuf>,
    /// The same as a native program
    #[arg(long, value_name = "FILE")]
    pub(crate) native_kernels: Option<PathBuf>,
}

impl Surroundings {
    /// How workers are started: as hostler starts its own.
    pub(crate) fn worker_options(&self) -> WorkerOptions {
        WorkerOptions::of_program(&self.hostler, RequiredIsolation::Process)
    }

    /// A sandbox with workers.
    pub(crate) fn workers(&self) -> anyhow::Result<Sandbox> {
        Ok(Sandbox::with_workers(&self.worker_options())?)
    }

    /// A new folder, which goes with its value.
    pub(crate) fn new_folder(&self) -> anyhow::Result<TempDir> {
        tempfile::Builder::new()
            .prefix("hostler-bench-")
            .tempdir_in(&self.folder)
            .with_context(|| self.folder.display().to_string())
    }

    /// `hostler` as a process with nothing of this one's environment, at home in `folder`.
    pub(crate) fn hostler(&self, folder: &Path) -> Command {
        let mut hostler = Command::new(&self.hostler);
        hostler.env_clear().env("HOME", folder).env("TMPDIR", folder);
        hostler
    }

    /// The program that enables as often as it is told to.
    pub(crate) fn function(&self) -> anyhow::Result<PathBuf> {
        match &self.function {
            Some(program) => Ok(program.clone()),
            None => Ok(std::env::current_exe()?.with_file_name("function")),
        }
    }
}

/// The distribution's Python, else any: one that a version switch stands before would be slower than it is.
pub(crate) fn python() -> Option<PathBuf> {
    ["/usr/bin/python3", "python3"]
        .map(PathBuf::from)
        .into_iter()
        .find(|program| version(program).is_some())
}

/// What `program` says of its version; `None` where it cannot be started.
pub(crate) fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What is said where there is no Python.
pub(crate) const NO_PYTHON: &str = "there is no python3 here";
