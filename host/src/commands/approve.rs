//! `hostler approve`: allow a handler what it waits for.

use std::path::PathBuf;

use clap::Args;
use hostler_contract::status::timestamp;
use hostler_contract::{Finding, HandlerName, Place, Refused, codes, escape};
use serde::Serialize;
use time::OffsetDateTime;

use super::failure::{Failure, Reply, to_json};
use super::place;
use crate::audit::{AuditEvent, AuditLog};
use crate::state::{Approval, HandlerRecord, Kind, Store, Write};

/// Allow a handler to have more than it has now.
///
/// A new version, another package or a changed policy that gives a handler more than what is in force waits, and the report
/// names what it would get and the digest of it. Approving that digest lets the next apply go on. It stands for exactly
/// that package with exactly those grants.
#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    /// The handler, as Publisher.Type.
    handler: String,
    /// The digest that the report names.
    digest: String,
    /// The root [default: as for apply].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Approved<'a> {
    handler: &'a str,
    version: &'a str,
    digest: &'a str,
    approved: &'a str,
    /// What it gets on top.
    wider: &'a [String],
}

pub(super) fn approve(args: &ApproveArgs, json: bool) -> Result<Reply, Failure> {
    let name = HandlerName::parse(&args.handler)
        .map_err(|error| Failure::usage(codes::HANDLER_IDENTITY, "HANDLER", error.what(), error.hint()))?;
    let Some(root) = place::existing_root(args.root.as_deref())? else {
        return Err(not_awaited(&name, "nothing is known of it, since there is no root"));
    };
    let _lock = root.lock()?;
    let (mut store, _damaged) = Store::open(&root)?;
    let (mut audit, _odd) = AuditLog::open(&root, &mut store)?;
    let record: Option<HandlerRecord> = store.get(Kind::Handler, name.as_str())?;
    let Some(mut record) = record else {
        return Err(not_awaited(&name, "nothing is known of it in this root"));
    };
    let approval = match (&record.awaiting, &record.approved) {
        (Some(awaiting), _) if awaiting.digest == args.digest => Approval {
            version: awaiting.version.clone(),
            digest: awaiting.digest.clone(),
            wider: awaiting.wider.clone(),
            approved: timestamp(OffsetDateTime::now_utc()),
        },
        // Once more the same changes nothing.
        (None, Some(approved)) if approved.digest == args.digest => approved.clone(),
        (Some(awaiting), _) => {
            let what = format!("it waits for {} of version {}", awaiting.digest, awaiting.version);
            return Err(not_awaited(&name, &what));
        }
        (None, _) => return Err(not_awaited(&name, "it waits for nothing")),
    };
    record.awaiting = None;
    record.approved = Some(approval.clone());
    if let Ok(grants) = approval.digest.parse() {
        audit.record(&mut store, AuditEvent::ApprovalGiven { grants }.of(&name))?;
    }
    audit.commit(&mut store, vec![Write::put(Kind::Handler, name.as_str(), &record)?])?;
    store.close();
    let stdout = if json {
        to_json(&Approved {
            handler: name.as_str(),
            version: approval.version.as_str(),
            digest: &approval.digest,
            approved: &approval.approved,
            wider: &approval.wider,
        })
    } else {
        let mut text = format!("{name} {} may have, from the next apply on:\n", approval.version);
        for line in &approval.wider {
            text += &format!("  {}\n", escape(line));
        }
        text
    };
    Ok(Reply::done(stdout))
}

fn not_awaited(name: &HandlerName, what: &str) -> Failure {
    let hint = "look at `hostler status`: the finding grant.approval has the whole command";
    let finding = Finding::refusal(codes::GRANT_NOT_AWAITED, name.as_str(), Place::Whole, what, hint);
    Refused::new(finding).into()
}
