//! `hostler audit`: what was decided and done, and whether the log of it is whole.

use std::borrow::Cow;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use hostler_contract::{HandlerIdentity, HandlerName, codes};
use serde_json::{Map, Value};

use super::failure::{Failure, Reply, to_json};
use super::place;
use crate::audit::{AuditFolder, Head, Line, Lines, verify};
use crate::report::{audit_line, audit_verdict};
use crate::root::Root;

/// Show what hostler decided and did in a root, and look whether that log is whole.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    Show(ShowArgs),
    Verify(VerifyArgs),
}

/// Show the lines of the log, the oldest first; with --json as they stand there, one JSON object a line.
#[derive(Debug, Args)]
struct ShowArgs {
    /// The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for state].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Only what is about this handler: Publisher.Type, or Publisher.Type-1.0 for one version.
    #[arg(long, value_name = "HANDLER")]
    handler: Option<String>,
    /// Only lines from this number on.
    #[arg(long, value_name = "SEQUENCE", default_value_t = 0)]
    since: u64,
}

/// Look whether lines were changed, removed, added or moved. The exit code is 1 if so.
///
/// Every line holds the hash of the line before it, and the host's state knows the last one. Who can write in the whole root
/// can make all of that anew; what finds this too is a line that was kept elsewhere (--anchor). Works beside an `apply`.
#[derive(Debug, Args)]
struct VerifyArgs {
    /// The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for state].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// A line that has to be there: what an earlier `verify` said the log ends with.
    #[arg(long, value_name = "SEQUENCE:HASH")]
    anchor: Option<Head>,
}

pub(super) fn audit(args: &AuditArgs, json: bool) -> Result<Reply, Failure> {
    match &args.command {
        AuditCommand::Show(args) => show(args, json),
        AuditCommand::Verify(args) => {
            let verdict = verify(&root(args.root.as_ref())?, args.anchor)?;
            let stdout = match json {
                true => to_json(&verdict),
                false => audit_verdict(&verdict),
            };
            Ok(Reply {
                stdout,
                exit_code: u8::from(!verdict.whole),
                ..Reply::default()
            })
        }
    }
}

fn root(named: Option<&PathBuf>) -> Result<Root, Failure> {
    place::existing_root(named.map(PathBuf::as_path))?.ok_or_else(|| {
        let at = named.map_or_else(String::new, |root| format!(" at {}", root.display()));
        let error = anyhow::anyhow!("there is no root{at}");
        Failure::host(error, "name the root that `hostler apply` was given, with `--root`")
    })
}

/// Which lines are shown.
struct Shown {
    since: u64,
    name: Option<HandlerName>,
    identity: Option<HandlerIdentity>,
}

impl Shown {
    fn of(args: &ShowArgs) -> Result<Self, Failure> {
        let mut shown = Self {
            since: args.since,
            name: None,
            identity: None,
        };
        if let Some(text) = &args.handler {
            match HandlerIdentity::parse(text) {
                Ok(identity) => shown.identity = Some(identity),
                Err(_) => {
                    let name = HandlerName::parse(text).map_err(|error| {
                        Failure::usage(codes::HANDLER_IDENTITY, "--handler", error.what(), error.hint())
                    })?;
                    shown.name = Some(name);
                }
            }
        }
        Ok(shown)
    }

    fn has(&self, members: &Map<String, Value>) -> bool {
        let handler = || members.get("handler").and_then(Value::as_str).unwrap_or_default();
        let number = members.get("sequence").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let is_identity = |wanted: &HandlerIdentity| HandlerIdentity::parse(handler()).is_ok_and(|it| it == *wanted);
        let is_name = |wanted: &HandlerName| {
            HandlerIdentity::parse(handler()).map_or_else(|_| handler() == wanted.as_str(), |it| it.name == *wanted)
        };
        number >= self.since && self.identity.as_ref().is_none_or(is_identity) && self.name.as_ref().is_none_or(is_name)
    }
}

/// Writes line after line, so that a log of any size takes no memory.
fn show(args: &ShowArgs, json: bool) -> Result<Reply, Failure> {
    let shown = Shown::of(args)?;
    let mut out = BufWriter::new(io::stdout().lock());
    for (_, file) in AuditFolder::files(&root(args.root.as_ref())?)? {
        let mut lines = Lines::new(BufReader::new(file));
        let read = |error| Failure::host(anyhow::Error::new(error), "look at the disk of the root folder");
        while let Some(line) = lines.next_line().map_err(read)? {
            let bytes = match line {
                Line::Whole(bytes) => bytes,
                Line::TooLong(_) => b"",
                // Not a line yet, or never.
                Line::Unfinished(_) => continue,
            };
            let said = match serde_json::from_slice::<Map<String, Value>>(bytes) {
                Ok(members) if !shown.has(&members) => continue,
                // As it stands there, so that it has its hash.
                Ok(_) if json => Cow::Borrowed(bytes),
                Ok(members) => Cow::Owned(audit_line(&members).into_bytes()),
                Err(_) if json => Cow::Borrowed(&b"{\"unreadable\":true}\n"[..]),
                Err(_) => Cow::Borrowed(&b"     -  what stands here is not a line of the log\n"[..]),
            };
            if let Err(error) = out.write_all(&said) {
                return not_written(error);
            }
        }
    }
    match out.flush() {
        Ok(()) => Ok(Reply::default()),
        Err(error) => not_written(error),
    }
}

/// A reader that has gone away is no failure.
fn not_written(error: io::Error) -> Result<Reply, Failure> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(Reply::default()),
        _ => Err(Failure::host(error, "look at where standard output goes")),
    }
}
