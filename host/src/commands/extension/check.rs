//! `hostler extension check`: how far an operation is.

use std::time::Duration;

use clap::Args;
use hostler_contract::registration::{Operation, OperationOutcome, RequestId};
use serde::Serialize;

use super::operation::WaitOption;
use crate::commands::failure::{Failure, Reply, to_json};
use crate::commands::repository_option::{RepositoryOption, block_on};

/// Ask how far an operation is.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The request id that `add`, `update` or another command printed.
    #[arg(value_parser = parse_id)]
    id: RequestId,
    #[command(flatten)]
    wait: WaitOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckReport {
    request_id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

pub(super) fn check(args: &CheckArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let operation = block_on(async {
        if args.wait.wait {
            let patience = Duration::from_secs(args.wait.patience);
            match client.wait(args.id, patience, async |_| {}).await {
                // Of a failed one is said as much as of one that is asked for without waiting.
                Ok(()) | Err(hostler_publish::PublishError::Operation { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(client.operation(args.id).await?)
    })?;
    Ok(reply(&operation, json))
}

fn reply(operation: &Operation, json: bool) -> Reply {
    let (http_status, error) = match &operation.outcome {
        OperationOutcome::InProgress => (None, None),
        OperationOutcome::Succeeded { http_status } => (Some(*http_status), None),
        OperationOutcome::Failed { http_status, error } => (Some(*http_status), Some(error)),
    };
    let status = operation.outcome.name();
    let stdout = if json {
        to_json(&CheckReport {
            request_id: operation.id.to_string(),
            status,
            http_status,
            code: error.map(|error| error.code.clone()),
            message: error.map(|error| error.message.clone()),
        })
    } else {
        let why = error.map(|error| format!("  {}\n", hostler_contract::escape(&error.to_string())));
        format!("{}: {status}\n{}", operation.id, why.unwrap_or_default())
    };
    Reply {
        stdout,
        // The command did what it was asked to; the operation is what was refused.
        exit_code: if error.is_some() { 3 } else { 0 },
        ..Reply::default()
    }
}

fn parse_id(text: &str) -> Result<RequestId, String> {
    RequestId::parse(text).ok_or_else(|| "a request id has 32 hexadecimal digits, with dashes or without".to_owned())
}
