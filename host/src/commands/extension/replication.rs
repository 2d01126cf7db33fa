//! `hostler extension replication`: in which regions a version has arrived.

use std::io::Write as _;
use std::time::{Duration, Instant};

use clap::Args;
use hostler_contract::escape;
use hostler_contract::registration::ReplicationStatusList;
use hostler_publish::Pauses;
use serde::Serialize;

use super::operation::{NamedVersion, WaitOption, regions_line};
use crate::commands::columns::columns;
use crate::commands::failure::{Failure, Reply, to_json};
use crate::commands::repository_option::{RepositoryOption, block_on};

/// Show in which regions a version has arrived.
#[derive(Debug, Args)]
pub(super) struct ReplicationArgs {
    #[command(flatten)]
    of: NamedVersion,
    #[command(flatten)]
    wait: WaitOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    region: &'a str,
    state: &'static str,
}

pub(super) fn replication(args: &ReplicationArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let of = &args.of;
    let list = block_on(async {
        let began = Instant::now();
        let mut pauses = Pauses::between_looks(Duration::from_secs(1));
        let mut said = String::new();
        loop {
            let list = client.replication(&of.namespace, &of.type_name, &of.version).await?;
            let patient = args.wait.wait && began.elapsed() < Duration::from_secs(args.wait.patience);
            let Some(pause) = pauses.next().filter(|_| patient && !list.is_completed()) else {
                return Ok(list);
            };
            let line = regions_line(&list);
            if !json && line != said {
                // Standard error may be closed; the wait goes on.
                let _ = writeln!(std::io::stderr(), "{}: {line}", of.shown());
                said = line;
            }
            tokio::time::sleep(pause).await;
        }
    })?;
    Ok(reply(&list, json))
}

fn reply(list: &ReplicationStatusList, json: bool) -> Reply {
    let rows = list.regions.iter();
    if json {
        let rows = rows.map(|region| Row {
            region: &region.location,
            state: region.state.name(),
        });
        return Reply::done(to_json(&rows.collect::<Vec<_>>()));
    }
    let rows = rows.map(|region| [escape(&region.location), region.state.name().to_owned()]);
    Reply::done(columns(["REGION", "STATE"], rows.collect()))
}
