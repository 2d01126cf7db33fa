//! The options `--isolation` and `--require-isolation`, which every command has that runs components.

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use hostler_contract::codes;

use super::failure::Failure;
use crate::sandbox::{
    HeadStart, Isolation, IsolationReport, KnownJobs, RequiredIsolation, Sandbox, WorkerOptions, WorkersError,
};

/// Where components run.
#[derive(Debug, Args)]
pub(super) struct IsolationArgs {
    /// Where components run: each command in a process of its own that has locked itself down, or in this one.
    #[arg(long, value_name = "WHERE", default_value = "worker",
        value_parser = PossibleValuesParser::new(Isolation::ALL.map(Isolation::name)).map(|word| isolation(&word)))]
    isolation: Isolation,
    /// Run nothing with less than this: `process` is a process of its own with resource limits, `full` also Landlock and
    /// a filter of system calls; `none` is needed for `--isolation in-process`.
    #[arg(long, value_name = "LEAST", default_value = "process",
        value_parser = PossibleValuesParser::new(RequiredIsolation::ALL.map(RequiredIsolation::name)).map(|word| required(&word)))]
    require_isolation: RequiredIsolation,
}

fn isolation(word: &str) -> Isolation {
    let found = Isolation::ALL.into_iter().find(|isolation| isolation.name() == word);
    found.unwrap_or(Isolation::Worker)
}

pub(super) fn required(word: &str) -> RequiredIsolation {
    let found = RequiredIsolation::ALL
        .into_iter()
        .find(|required| required.name() == word);
    found.unwrap_or(RequiredIsolation::Full)
}

impl IsolationArgs {
    /// Begins to start what components run in. What it is behind is found out by [`probed`], while other things are done.
    ///
    /// # Errors
    ///
    /// Wrong usage for less than is required; a failure of the host's where no worker or engine starts.
    pub(super) fn sandbox(&self) -> Result<Sandbox, Failure> {
        self.sandbox_with(WorkerOptions::this_program(self.require_isolation), None)
    }

    /// The same for one package and so many `commands` of it, where workers have `begun` to start: no worker is started that
    /// none of them needs.
    ///
    /// # Errors
    ///
    /// As [`Self::sandbox`].
    pub(super) fn sandbox_for(&self, commands: usize, begun: Option<HeadStart>) -> Result<Sandbox, Failure> {
        let options = WorkerOptions::this_program(self.require_isolation);
        let known = Some(KnownJobs { commands });
        self.sandbox_with(WorkerOptions { known, ..options }, begun)
    }

    /// The same for a single command: no worker is started that would wait for another one.
    ///
    /// # Errors
    ///
    /// As [`Self::sandbox`].
    pub(super) fn sandbox_for_one(&self) -> Result<Sandbox, Failure> {
        let options = WorkerOptions::this_program(self.require_isolation);
        self.sandbox_with(WorkerOptions { ready: 0, ..options }, None)
    }

    fn sandbox_with(&self, options: WorkerOptions, begun: Option<HeadStart>) -> Result<Sandbox, Failure> {
        match self.isolation {
            Isolation::Worker => match begun {
                Some(begun) => Sandbox::with_workers_begun(&options, begun),
                None => Sandbox::with_workers(&options),
            }
            .map_err(no_workers),
            Isolation::InProcess => {
                if let Some(lacks) = IsolationReport::in_process().lacks(self.require_isolation) {
                    let required = self.require_isolation.name();
                    let what = format!("isolation `{required}` is required, and {lacks}");
                    let hint = "run components in workers, or say `--require-isolation none`";
                    return Err(Failure::usage(codes::ISOLATION, "--isolation", what, hint));
                }
                Sandbox::in_process().map_err(|error| Failure::host(error, "run hostler on a 64-bit Linux machine"))
            }
        }
    }
}

/// What components run behind.
///
/// # Errors
///
/// A refusal where it is less than is required; a failure of the host's where no worker starts.
pub(super) fn probed(sandbox: &Sandbox) -> Result<IsolationReport, Failure> {
    sandbox.isolation().map_err(no_workers)
}

pub(super) fn no_workers(error: WorkersError) -> Failure {
    match error {
        WorkersError::Isolation { required, lacks } => {
            let what = format!(
                "isolation `{}` is required, and there is less here: {lacks}",
                required.name()
            );
            let hint = "run hostler on a kernel and in a container that have it, or require less";
            Failure::usage(codes::ISOLATION, "--require-isolation", what, hint)
        }
        error => Failure::host(
            error,
            "give hostler processes, memory and descriptors to start workers with",
        ),
    }
}
