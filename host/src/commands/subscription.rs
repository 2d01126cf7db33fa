//! `hostler subscription`: whether address, account and certificate fit together.

use clap::Args;
use hostler_contract::escape;
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::repository_option::{RepositoryOption, block_on};

/// Show the publisher's account, and with it whether address, account and certificate fit together.
#[derive(Debug, Args)]
pub(super) struct SubscriptionArgs {
    #[command(flatten)]
    repository: RepositoryOption,
}

#[derive(Debug, Serialize)]
struct SubscriptionReport {
    id: String,
    name: String,
    status: String,
}

pub(super) fn subscription(args: &SubscriptionArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let found = block_on(async { Ok(client.subscription().await?) })?;
    if json {
        return Ok(Reply::done(to_json(&SubscriptionReport {
            id: found.id,
            name: found.name,
            status: found.status,
        })));
    }
    let (id, name, status) = (escape(&found.id), escape(&found.name), escape(&found.status));
    Ok(Reply::done(format!("{id} ({name}): {status}\n")))
}
