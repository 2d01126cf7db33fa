//! The command line: one file a command.
//!
//! A command gives text for standard output, or a failure that says what, why and what to do, with the exit code
//! that belongs to it. Nothing below this folder prints.

mod agent;
mod apply;
mod approve;
mod audit;
mod bench;
mod blob;
mod check;
mod columns;
mod completions;
mod docs;
mod extension;
mod failure;
mod inspect;
mod isolation_option;
mod keys_option;
mod launch;
mod limit_option;
mod lint;
mod logs;
mod new;
mod operator_file;
mod pack;
mod packed_definition;
mod place;
mod policy_option;
mod progress;
mod report_file;
mod repository_key_option;
mod repository_option;
mod run;
mod self_test;
mod settings;
mod sign;
mod status;
mod subscription;
mod test;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::signals::outlive_file_size_limits;
use failure::{Failure, Reply};
use hostler_contract::{codes, escape_bounded};

/// Runs VM extension handlers as WebAssembly components in a sandbox.
#[derive(Debug, Parser)]
#[command(name = "hostler", version, about, after_help = EXIT_CODES)]
pub struct Cli {
    /// Print the result as JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 done, but a handler failed; 2 wrong usage; 3 input refused; \
4 the host itself failed; 5 not reachable.\n\
HOSTLER_LOG=debug shows decisions as they are taken.";

#[derive(Debug, Subcommand)]
enum Command {
    Apply(apply::ApplyArgs),
    Agent(agent::AgentArgs),
    Approve(approve::ApproveArgs),
    Status(status::StatusArgs),
    Logs(logs::LogsArgs),
    Audit(audit::AuditArgs),
    Run(run::RunArgs),
    Inspect(inspect::InspectArgs),
    Check(check::CheckArgs),
    Pack(pack::PackArgs),
    Sign(sign::SignArgs),
    Settings(settings::SettingsArgs),
    New(new::NewArgs),
    Test(test::TestArgs),
    Bench(bench::BenchArgs),
    Extension(extension::ExtensionArgs),
    Blob(blob::BlobArgs),
    Subscription(subscription::SubscriptionArgs),
    SelfTest(self_test::SelfTestArgs),
    Completions(completions::CompletionsArgs),
    #[command(hide = true)]
    Launch(launch::LaunchArgs),
    #[command(hide = true)]
    Docs(docs::DocsArgs),
}

/// The command line of `run` alone: to set up the options of all commands takes longer than many a run of a handler.
#[derive(Debug, Parser)]
struct RunAlone {
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: OnlyRun,
}

#[derive(Debug, Subcommand)]
enum OnlyRun {
    Run(run::RunArgs),
}

impl From<RunAlone> for Cli {
    fn from(alone: RunAlone) -> Self {
        let OnlyRun::Run(args) = alone.command;
        Self {
            json: alone.json,
            command: Command::Run(args),
        }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    say_panics_briefly();
    if let Err(error) = outlive_file_size_limits() {
        tracing::warn!(%error, "a limit on the size of files would end this process");
    }
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let named = arguments
        .iter()
        .skip(1)
        .find(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
    log_to_stderr(match named.and_then(|named| named.to_str()) {
        // What runs on and on says what it does; there is nobody who waits for its end.
        Some("agent") => "warn,hostler_host=info",
        _ => "warn",
    });
    let is_run = named.is_some_and(|named| named == "run");
    let begun = if is_run { run::head_start(&arguments) } else { None };
    // Whatever is wrong, and what is only asked for help, is left to the whole command line.
    let alone = is_run.then(|| RunAlone::try_parse_from(&arguments).ok()).flatten();
    let parsed = alone.map_or_else(|| Cli::try_parse_from(&arguments), |alone| Ok(alone.into()));
    let cli = match parsed {
        Ok(cli) => cli,
        // Also `--help` and `--version`, which are no errors and say so by their exit code.
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return ExitCode::from(wrong_usage(&error)),
    };
    let json = cli.json;
    let replied = match cli.command {
        Command::Apply(args) => apply::apply(&args, json),
        Command::Agent(args) => agent::agent(&args),
        Command::Approve(args) => approve::approve(&args, json),
        Command::Status(args) => status::status(&args, json),
        Command::Logs(args) => logs::logs(&args, json),
        Command::Audit(args) => audit::audit(&args, json),
        Command::Run(args) => run::run(&args, begun, json),
        Command::Inspect(args) => inspect::inspect(&args, json),
        Command::Check(args) => check::check(&args, json),
        Command::Pack(args) => pack::pack(&args, json),
        Command::Sign(args) => sign::sign(&args, json),
        Command::Settings(args) => settings::settings(&args, json),
        Command::New(args) => new::new(&args, json),
        Command::Test(args) => test::test(&args, json),
        Command::Bench(args) => bench::bench(&args, json),
        Command::Extension(args) => extension::extension(&args, json),
        Command::Blob(args) => blob::blob(&args, json),
        Command::Subscription(args) => subscription::subscription(&args, json),
        Command::SelfTest(args) => self_test::self_test(&args, json),
        Command::Completions(args) => Ok(completions::completions(&args)),
        Command::Launch(args) => launch::launch(&args),
        Command::Docs(args) => Ok(docs::docs(&args)),
    };
    let reply = replied.unwrap_or_else(|failure| failure.reply(json));
    if let Err(error) = say(&reply) {
        // A reader that has gone away (`hostler ... | head`) is no failure.
        if error.kind() != io::ErrorKind::BrokenPipe {
            return ExitCode::from(4);
        }
    }
    ExitCode::from(reply.exit_code)
}

/// Says what clap found; for machines too, where they were asked to be spoken to.
fn wrong_usage(error: &clap::Error) -> u8 {
    if std::env::args_os().any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let what = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_owned();
        let failure = Failure::usage(codes::USAGE, "hostler", what, "`--help` shows what there is");
        let reply = failure.reply(true);
        let _ = say(&reply);
        return reply.exit_code;
    }
    let _ = error.print();
    2
}

fn say(reply: &Reply) -> io::Result<()> {
    let mut err = io::stderr().lock();
    // Standard error may be closed; what is said on standard output still counts.
    let _ = err.write_all(reply.stderr.as_bytes());
    let mut out = io::stdout().lock();
    out.write_all(reply.stdout.as_bytes())?;
    out.flush()
}

/// One line for a panic, where it can be written, and no backtrace, which can take as long as it likes.
fn say_panics_briefly() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("without a message");
        let _ = writeln!(
            io::stderr(),
            "hostler: internal error at {place}: {}",
            escape_bounded(words, 400)
        );
    }));
}

fn log_to_stderr(unless_told: &str) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        // A line that cannot be written is lost; saying so on the same stream would not help.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
        .without_time()
        .with_target(false);
    let lines = tracing_subscriber::registry().with(lines);
    match EnvFilter::try_from_env("HOSTLER_LOG") {
        Ok(told) => lines.with(told).init(),
        // The same in a form that takes less time to set up.
        Err(_) => lines.with(unless_told.parse::<Targets>().unwrap_or_default()).init(),
    }
}
