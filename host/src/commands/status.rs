//! `hostler status`: what is there now.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Args;
use time::OffsetDateTime;

use super::failure::{Failure, Reply, to_json};
use super::place;
use crate::report::{AtFault, RootReport, table};
use crate::state::Store;

/// How often `--watch` looks.
const EVERY: Duration = Duration::from_secs(2);

/// Show every handler of the last goal state: whether it is well, since when, and why not.
///
/// Status files and heartbeats are read now; everything else is what the last `apply` found. The exit code is 1 when a
/// handler is not well.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for state].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Show it again every two seconds, until interrupted.
    #[arg(long, conflicts_with = "json")]
    watch: bool,
}

pub(super) fn status(args: &StatusArgs, json: bool) -> Result<Reply, Failure> {
    if args.watch {
        return watch(args);
    }
    let root_report = look(args)?;
    let now = OffsetDateTime::now_utc();
    let stdout = if json {
        to_json(&root_report.document(now))
    } else {
        table(&root_report, now)
    };
    let exit_code = AtFault::exit_code(root_report.failed());
    Ok(Reply {
        stdout,
        exit_code,
        ..Reply::default()
    })
}

/// Shows the table again and again, until nobody reads it any more.
fn watch(args: &StatusArgs) -> Result<Reply, Failure> {
    let mut out = io::stdout().lock();
    // Back to the top of a cleared screen, on a terminal only.
    let clear = if out.is_terminal() { "\x1b[H\x1b[2J" } else { "" };
    loop {
        let text = table(&look(args)?, OffsetDateTime::now_utc());
        if write!(out, "{clear}{text}").and_then(|()| out.flush()).is_err() {
            return Ok(Reply::default());
        }
        thread::sleep(EVERY);
    }
}

fn look(args: &StatusArgs) -> Result<RootReport, Failure> {
    let Some(root) = place::existing_root(args.root.as_deref())? else {
        let named = args
            .root
            .as_ref()
            .map_or_else(String::new, |root| format!(" at {}", root.display()));
        let error = anyhow::anyhow!("there is no root{named}");
        return Err(Failure::host(
            error,
            "name the root that `hostler apply` was given, with `--root`",
        ));
    };
    let mut store = Store::look(&root)?;
    Ok(RootReport::read(&root, store.as_mut())?)
}
