//! `hostler logs`: what a handler said.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Args;
use hostler_contract::{HandlerIdentity, HandlerName, codes};

use super::failure::{Failure, Reply, to_json};
use super::keys_option::KeysArgs;
use super::place;
use crate::handler_dir::{LogFile, LogFollower};
use crate::report::{HandlerReport, log_line, log_text};
use crate::root::Root;
use crate::state::{Kind, Store};

/// How often `--follow` looks.
const EVERY: Duration = Duration::from_millis(500);

/// Show what a handler wrote: the output of its last commands, the host's log of them, and its own logs.
///
/// The host's log, CommandExecution.log, says when each command ran and what came of it.
#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    /// The handler, as Publisher.Type; with a version it is the same.
    handler: String,
    /// The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for state].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(flatten)]
    keys: KeysArgs,
    /// How many lines of each log are shown, from its end.
    #[arg(long, value_name = "N", default_value_t = 20)]
    lines: usize,
    /// Show this log alone, by its name, as in CommandExecution.log.
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
    /// Go on with what is written from now on, until interrupted; with `--json` a line for each line.
    #[arg(long)]
    follow: bool,
}

pub(super) fn logs(args: &LogsArgs, json: bool) -> Result<Reply, Failure> {
    // With a version or without: the logs are those of the handler.
    let name = HandlerIdentity::parse(&args.handler)
        .map(|identity| identity.name)
        .or_else(|_| HandlerName::parse(&args.handler))
        .map_err(|error| Failure::usage(codes::HANDLER_IDENTITY, "HANDLER", error.what(), error.hint()))?;
    let unknown = |what: String, hint: &str| Failure::usage(codes::HANDLER_IDENTITY, "HANDLER", what, hint);
    let not_here = || {
        let hint = "`hostler status` shows which handlers there are";
        unknown(format!("nothing of a handler {name} is here"), hint)
    };
    let root = place::existing_root(args.root.as_deref())?.map(|root| args.keys.of(root));
    let Some(root) = root else {
        return Err(not_here());
    };
    let only = args.file.as_deref();
    let files = LogFile::all(&root, &name, only, args.lines).map_err(unreadable)?;
    let report: Option<HandlerReport> = match Store::look(&root)? {
        Some(mut store) => store.get(Kind::Report, name.as_str())?,
        None => None,
    };
    let commands = report.map(|report| report.commands).unwrap_or_default();
    match only {
        Some(only) if files.is_empty() && !args.follow => {
            let what = format!("{name} has no log `{only}`");
            return Err(unknown(what, "`hostler logs HANDLER` shows which there are"));
        }
        None if files.is_empty() && commands.is_empty() => return Err(not_here()),
        _ => {}
    }
    let commands = if only.is_some() { vec![] } else { commands };
    if args.follow {
        let follower = LogFollower::new(&root, &name, args.file.clone()).map_err(unreadable)?;
        let first = match json {
            true => json_lines(&files),
            false => log_text(&commands, &files),
        };
        return follow(&root, follower, first, json);
    }
    Ok(Reply::done(if json {
        to_json(&serde_json::json!({ "handler": name, "commands": commands, "files": files }))
    } else {
        log_text(&commands, &files)
    }))
}

fn unreadable(error: io::Error) -> Failure {
    Failure::host(error, "look at the permissions of the handler's log folder")
}

/// Prints `first` and what is written from then on, until nobody reads it any more.
fn follow(root: &Root, mut follower: LogFollower, first: String, json: bool) -> Result<Reply, Failure> {
    let mut out = io::stdout().lock();
    let mut text = first;
    loop {
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            return Ok(Reply::default());
        }
        thread::sleep(EVERY);
        let lines = follower.lines(root).map_err(unreadable)?;
        text = lines
            .iter()
            .map(|(file, line)| match json {
                true => json_line(file, line),
                false => log_line(file, line),
            })
            .collect();
    }
}

fn json_lines(files: &[LogFile]) -> String {
    let lines = files
        .iter()
        .flat_map(|file| file.lines.iter().map(|line| json_line(&file.name, line)));
    lines.collect()
}

fn json_line(file: &str, line: &str) -> String {
    serde_json::json!({ "file": file, "line": line }).to_string() + "\n"
}
