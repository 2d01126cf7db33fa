//! `hostler logs`: what a handler said.

use std::path::PathBuf;

use clap::Args;
use hostler_contract::{HandlerIdentity, HandlerName, codes};

use super::failure::{Failure, Reply, to_json};
use super::place;
use crate::handler_dir::LogFile;
use crate::report::{HandlerReport, log_text};
use crate::state::{Kind, Store};

/// Show what a handler wrote: the output of its last commands, the host's log of them, and its own logs.
#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    /// The handler, as Publisher.Type; with a version it is the same.
    handler: String,
    /// The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for state].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// How many lines of each log are shown, from its end.
    #[arg(long, value_name = "N", default_value_t = 20)]
    lines: usize,
}

pub(super) fn logs(args: &LogsArgs, json: bool) -> Result<Reply, Failure> {
    // With a version or without: the logs are those of the handler.
    let name = HandlerIdentity::parse(&args.handler)
        .map(|identity| identity.name)
        .or_else(|_| HandlerName::parse(&args.handler))
        .map_err(|error| Failure::usage(codes::HANDLER_IDENTITY, "HANDLER", error.what(), error.hint()))?;
    let unknown = || {
        let what = format!("nothing of a handler {name} is here");
        Failure::usage(
            codes::HANDLER_IDENTITY,
            "HANDLER",
            what,
            "`hostler status` shows which handlers there are",
        )
    };
    let Some(root) = place::existing_root(args.root.as_deref())? else {
        return Err(unknown());
    };
    let files = LogFile::all(&root, &name, args.lines)
        .map_err(|error| Failure::host(error, "look at the permissions of the handler's log folder"))?;
    let report: Option<HandlerReport> = match Store::look(&root)? {
        Some(mut store) => store.get(Kind::Report, name.as_str())?,
        None => None,
    };
    let commands = report.map(|report| report.commands).unwrap_or_default();
    if files.is_empty() && commands.is_empty() {
        return Err(unknown());
    }
    Ok(Reply::done(if json {
        to_json(&serde_json::json!({ "handler": name, "commands": commands, "files": files }))
    } else {
        log_text(&commands, &files)
    }))
}
