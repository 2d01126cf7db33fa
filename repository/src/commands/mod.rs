//! The command line: one file a command.
//!
//! A command gives text for standard output, or a failure that says what, why and what to do, with its exit code. Nothing
//! outside of this folder prints; a server tells what it does in its log, on standard error.

mod backup;
mod database_option;
mod export;
mod failure;
mod goal_state;
mod index;
mod restore;
mod serve;
mod subscription;
mod tree;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hostler_contract::escape_bounded;

use crate::admission;
use failure::Failure;

/// A repository of handler packages: publishers register versions, hosts install from it.
#[derive(Debug, Parser)]
#[command(name = "hostler-repository", version, about, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 2 wrong usage; 3 input refused; 4 the repository itself failed; 5 not \
reachable.\n\
HOSTLER_LOG=debug shows reading requests too.";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Subscription(subscription::SubscriptionArgs),
    GoalState(goal_state::GoalStateArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Export(export::ExportArgs),
    Import(export::ImportArgs),
    Index(index::IndexArgs),
    /// What the server starts itself as, to take a package apart where nothing can be reached
    #[command(hide = true)]
    CheckPackage {
        /// What the package is registered as, in JSON
        registered: String,
    },
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    say_panics_briefly();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Also `--help` and `--version`, which are no errors and say so by their exit code.
        Err(error) => {
            let wrong = error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if wrong { 2 } else { 0 });
        }
    };
    // Before any thread is there: it gives up what it could reach.
    if let Command::CheckPackage { registered } = &cli.command {
        return admission::run(registered);
    }
    log_to_stderr(match cli.command {
        Command::Serve(_) => "warn,hostler_repository=info",
        _ => "warn",
    });
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::own("no threads could be started", error, "raise the number of processes"))
        .and_then(|runtime| runtime.block_on(run(cli.command)));
    match done {
        Ok(text) => match say(&text) {
            // A reader that has gone away (`hostler-repository ... | head`) is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(4),
            _ => ExitCode::SUCCESS,
        },
        Err(failure) => {
            let _ = write!(io::stderr(), "{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(command: Command) -> Result<String, Failure> {
    match command {
        Command::Serve(args) => serve::serve(args).await,
        Command::Subscription(args) => subscription::subscription(args).await,
        Command::GoalState(args) => goal_state::goal_state(args).await,
        Command::Backup(args) => backup::backup(args).await,
        Command::Restore(args) => restore::restore(args).await,
        Command::Export(args) => export::export(args).await,
        Command::Import(args) => export::import(args).await,
        Command::Index(args) => index::index(args),
        // It has ended before this.
        Command::CheckPackage { .. } => Ok(String::new()),
    }
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// One line for a panic, where it can be written, and no backtrace.
fn say_panics_briefly() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("without a message");
        let _ = writeln!(
            io::stderr(),
            "hostler-repository: internal error at {place}: {}",
            escape_bounded(words, 400)
        );
    }));
}

fn log_to_stderr(unless_told: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HOSTLER_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(unless_told));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        // A line that cannot be written is lost; saying so on the same stream would not help.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
}
