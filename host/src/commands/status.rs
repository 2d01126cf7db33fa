//! `hostler status`: what is there now.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Args;
use hostler_contract::status::timestamp;
use time::OffsetDateTime;

use super::failure::{Failure, Reply, to_json};
use super::keys_option::KeysArgs;
use super::place;
use crate::report::{AgentReport, AtFault, Changes, RootReport, Watched, table};
use crate::state::Store;

/// How often `--watch` looks.
const EVERY: Duration = Duration::from_secs(2);

/// Show every handler of the last goal state: whether it is well, since when, and why not.
///
/// Status files and heartbeats are read now; everything else is what the last `apply` or the agent found. The exit code is
/// 1 when a handler is not well.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for state].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(flatten)]
    keys: KeysArgs,
    /// Show it again every two seconds, until interrupted: the whole on a terminal, else a line for what has changed, which
    /// is JSON with `--json`.
    #[arg(long)]
    watch: bool,
}

pub(super) fn status(args: &StatusArgs, json: bool) -> Result<Reply, Failure> {
    if args.watch {
        return watch(args, json);
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

/// Shows it again and again, until nobody reads it any more.
fn watch(args: &StatusArgs, json: bool) -> Result<Reply, Failure> {
    let mut out = io::stdout().lock();
    let live = out.is_terminal() && !json;
    let mut changes = Changes::default();
    loop {
        let (report, now) = (look(args)?, OffsetDateTime::now_utc());
        let text = match live {
            true => screen(&table(&report, now)),
            false => lines(&changes.since_last(&report), now, json),
        };
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            return Ok(Reply::default());
        }
        thread::sleep(EVERY);
    }
}

/// The text from the top of the screen on, and nothing else there; written over what was there, so that nothing flickers.
fn screen(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("{line}\x1b[K\n")).collect();
    format!("\x1b[H{lines}\x1b[J")
}

fn lines(changed: &[Watched], now: OffsetDateTime, json: bool) -> String {
    let time = timestamp(now);
    let line = |watched: &Watched| match json {
        false => format!("{time} {}\n", watched.line()),
        true => match serde_json::to_value(watched) {
            Ok(mut value) => {
                value["time"] = time.as_str().into();
                format!("{value}\n")
            }
            // Strings and a flag can be written.
            Err(_) => String::new(),
        },
    };
    changed.iter().map(line).collect()
}

fn look(args: &StatusArgs) -> Result<RootReport, Failure> {
    let root = place::existing_root(args.root.as_deref())?.map(|root| args.keys.of(root));
    let Some(root) = root else {
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
    let mut report = RootReport::read(&root, store.as_mut())?;
    report.agent = AgentReport::last(&root);
    Ok(report)
}
