//! What was built for the benchmark, and where it works.

use std::path::PathBuf;

use hostler_host::sandbox::{RequiredIsolation, Sandbox, WorkerOptions};

/// Programs, packages and folders.
#[derive(Debug, clap::Args)]
pub(crate) struct Surroundings {
    /// The program that workers are: hostler, or this one, which is as good as any that embeds it
    #[arg(long, value_name = "FILE", default_value = "/proc/self/exe")]
    pub(crate) hostler: PathBuf,
    /// The package of the sample handler `hello`
    #[arg(long, value_name = "FILE")]
    pub(crate) package: PathBuf,
    /// The same handler as a native program
    #[arg(long, value_name = "FILE")]
    pub(crate) native: PathBuf,
    /// The benchmark's own component
    #[arg(long, value_name = "FILE")]
    pub(crate) guest: PathBuf,
    /// The same as a native program
    #[arg(long, value_name = "FILE")]
    pub(crate) native_guest: PathBuf,
    /// Where folders to work in are made; in memory, since a disk takes longer than what is measured
    #[arg(long, value_name = "FOLDER", default_value = "/dev/shm")]
    pub(crate) folder: PathBuf,
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
}
