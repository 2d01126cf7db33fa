//! What is said of an operation that a command began, and waiting for its end.

use std::io::Write as _;
use std::time::Duration;

use clap::Args;
use hostler_contract::escape;
use hostler_contract::registration::{ReplicationStatusList, RequestId};
use hostler_publish::Client;
use serde::Serialize;

use crate::commands::failure::{Failure, Reply, to_json};

/// Whether and how long to wait.
#[derive(Debug, Args)]
pub(super) struct WaitOption {
    /// Wait until the operation has ended, and say how it goes on standard error.
    #[arg(long)]
    pub(super) wait: bool,
    /// How long to wait at most, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 21_600)]
    pub(super) patience: u64,
}

/// What is said on standard output, and how much.
#[derive(Debug, Args)]
pub(super) struct QuietOption {
    /// Print the request id and nothing else.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// A version of an extension, as the command line names it.
#[derive(Debug, Clone, Args)]
pub(super) struct NamedVersion {
    /// The provider's namespace.
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    /// The extension's type.
    #[arg(value_name = "TYPE")]
    pub(super) type_name: String,
    /// The version.
    pub(super) version: String,
}

impl NamedVersion {
    pub(super) fn shown(&self) -> String {
        escape(&format!("{}.{} {}", self.namespace, self.type_name, self.version))
    }
}

/// An operation as `--json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OperationReport {
    request_id: String,
    status: &'static str,
}

/// Waits for the end of an operation if that is wanted, and says what became of it. `done` is what to say of its success.
pub(super) async fn finish(
    client: &Client,
    id: RequestId,
    of: &NamedVersion,
    wait: &WaitOption,
    quiet: bool,
    json: bool,
    done: &str,
) -> Result<Reply, Failure> {
    if wait.wait {
        wait_for(client, id, of, wait, quiet || json).await?;
    }
    let status = if wait.wait { "Succeeded" } else { "InProgress" };
    let text = match (json, quiet, wait.wait) {
        (true, ..) => to_json(&OperationReport {
            request_id: id.to_string(),
            status,
        }),
        (_, true, _) => format!("{id}\n"),
        (.., true) => format!("{}: {done}\n", of.shown()),
        (.., false) => format!(
            "{}: accepted as {id}\n  see how it ends: hostler extension check {id} --wait\n",
            of.shown()
        ),
    };
    Ok(Reply::done(text))
}

async fn wait_for(
    client: &Client,
    id: RequestId,
    of: &NamedVersion,
    wait: &WaitOption,
    silent: bool,
) -> Result<(), Failure> {
    let mut said = String::new();
    let tell = async |waited: hostler_publish::Waited| {
        if silent {
            return;
        }
        // What is not there yet has no regions; that is no reason to stop waiting.
        let regions = client.replication(&of.namespace, &of.type_name, &of.version).await;
        let regions = regions.map(|list| regions_line(&list)).unwrap_or_default();
        let line = match &*regions {
            "" => "the package is being checked".to_owned(),
            regions => regions.to_owned(),
        };
        if line != said {
            let seconds = waited.elapsed.as_secs();
            // Standard error may be closed; the wait goes on.
            let _ = writeln!(std::io::stderr(), "{}: after {seconds} s: {line}", of.shown());
            said = line;
        }
    };
    Ok(client.wait(id, Duration::from_secs(wait.patience), tell).await?)
}

/// The regions and their states, on one line.
pub(super) fn regions_line(list: &ReplicationStatusList) -> String {
    let regions = list.regions.iter();
    let regions: Vec<String> = regions
        .map(|region| format!("{} {}", escape(&region.location), region.state.name()))
        .collect();
    regions.join(", ")
}
