//! Everything that is needed to measure: the handler in place, the sandboxes, the programs.

use std::cell::Cell;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hostler_contract::{Command, HandlerIdentity};
use hostler_measure::Reading;

use super::BenchArgs;
use crate::bench::{Given, Place};
use crate::commands::failure::Failure;
use crate::commands::isolation_option::{no_workers, probed};
use crate::commands::place::{self, not_readable};
use crate::commands::policy_option::{protected, read_policy};
use crate::commands::run::GivenSettings;
use crate::sandbox::{IsolationReport, Sandbox, WorkerOptions};

/// Where everything is measured that lies in memory.
const IN_MEMORY: &str = "/dev/shm";

/// What is measured, and with what.
pub(super) struct Field {
    /// The package's name in findings.
    pub(super) file: String,
    /// Whose command.
    pub(super) identity: HandlerIdentity,
    /// Which command.
    pub(super) command: Command,
    /// The handler in place.
    pub(super) place: Place,
    /// Workers, two of them ready.
    pub(super) workers: Sandbox,
    /// How a worker is started for one command.
    pub(super) cold: WorkerOptions,
    /// This process; none where more isolation is required.
    pub(super) in_process: Option<Sandbox>,
    /// What components run behind.
    pub(super) isolation: IsolationReport,
    /// The native program.
    pub(super) native: Option<PathBuf>,
    /// The options of a whole `hostler run`.
    pub(super) run: Vec<PathBuf>,
    /// The command line that measures the same again.
    pub(super) repeat: String,
    /// Whether the handler leaves a status: then everybody has to.
    pub(super) leaves_status: Cell<bool>,
}

impl Field {
    /// Sets everything up, and runs what comes before the command.
    ///
    /// # Errors
    /// What was named is refused or cannot be used; the handler cannot be put in place.
    pub(super) fn new(args: &BenchArgs) -> Result<Self, Failure> {
        let file = place::file_name(&args.package);
        let bytes = place::read_package(&args.package)?;
        let identity = place::identity(args.handler.as_deref(), &args.package)?;
        let native = args.native.as_deref().map(program).transpose()?;
        let policy = read_policy(args.policy.as_deref())?.protecting(protected([]));
        let settings = GivenSettings::read(args.settings.as_deref())?.settings;
        let options = WorkerOptions::this_program(args.require_isolation);
        let workers = Sandbox::with_workers(&options).map_err(no_workers)?;
        let isolation = probed(&workers)?;
        let in_process = match IsolationReport::in_process().lacks(args.require_isolation) {
            Some(_) => None,
            None => Some(
                Sandbox::in_process().map_err(|error| Failure::host(error, "run hostler on a 64-bit Linux machine"))?,
            ),
        };
        let before = match args.command {
            Command::Disable => vec![Command::Install, Command::Enable],
            Command::Enable => vec![Command::Install],
            _ => vec![],
        };
        let commands: Vec<Command> = before.iter().copied().chain([args.command]).collect();
        let given = Given {
            file: &file,
            bytes,
            identity: &identity,
            policy: &policy,
            settings,
            commands: &commands,
        };
        let place = Place::new(&folder(args), &workers, given)?;
        let run = run_options(args, &identity, &commands, &place);
        let field = Self {
            file,
            identity,
            command: args.command,
            place,
            workers,
            cold: WorkerOptions { ready: 0, ..options },
            in_process,
            isolation,
            native,
            run,
            repeat: repeat(),
            leaves_status: Cell::new(false),
        };
        for command in before {
            field
                .prepare(command)
                .map_err(|error| super::failure(error, &field.file))?;
        }
        field
            .look_for_status()
            .map_err(|error| super::failure(error, &field.file))?;
        Ok(field)
    }

    /// Why it is not measured in this process.
    pub(super) fn not_in_process(key: &'static str) -> Reading {
        Reading::not_run(key, "more isolation is required than there is in this process")
    }
}

/// Where to make folders: in memory where that can be, since a disk takes longer than what is measured.
fn folder(args: &BenchArgs) -> PathBuf {
    let in_memory = || Some(PathBuf::from(IN_MEMORY)).filter(|folder| tempfile::tempfile_in(folder).is_ok());
    args.folder
        .clone()
        .or_else(in_memory)
        .unwrap_or_else(std::env::temp_dir)
}

/// The program at `path`, if it can be run.
fn program(path: &Path) -> Result<PathBuf, Failure> {
    let found = std::fs::metadata(path).map_err(|error| not_readable(path, format!("it cannot be run: {error}")))?;
    if !found.is_file() || found.permissions().mode() & 0o111 == 0 {
        return Err(not_readable(path, "it is not a program that can be run".to_owned()));
    }
    // The program is started in the handler's folder.
    std::path::absolute(path).map_err(|error| not_readable(path, error.to_string()))
}

/// What `hostler run` is told, to do the same as a whole.
fn run_options(args: &BenchArgs, identity: &HandlerIdentity, commands: &[Command], place: &Place) -> Vec<PathBuf> {
    let commands: Vec<&str> = commands.iter().map(|command| command.name()).collect();
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let mut options = vec![PathBuf::from("run"), absolute(&args.package)];
    let mut option = |name: &str, value: PathBuf| options.extend([PathBuf::from(name), value]);
    option("--handler", identity.to_string().into());
    option("--commands", commands.join(",").into());
    option("--cache", place.outside("cache-of-run"));
    for (name, value) in [("--settings", &args.settings), ("--policy", &args.policy)] {
        if let Some(value) = value {
            option(name, absolute(value));
        }
    }
    options
}

/// This process's own command line, as a shell takes it.
fn repeat() -> String {
    let quoted = |word: std::ffi::OsString| {
        let word = word.to_string_lossy().into_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
        match !word.is_empty() && word.chars().all(plain) {
            true => word,
            false => format!("'{}'", word.replace('\'', r"'\''")),
        }
    };
    let words = std::env::args_os().skip(1).map(quoted);
    std::iter::once("hostler".to_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}
