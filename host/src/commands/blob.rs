//! `hostler blob`: packages that lie in a repository.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hostler_contract::escape;
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::place::{file_name, open_package};
use super::repository_option::{RepositoryOption, block_on};

/// Put packages into a repository, and list those that are there.
#[derive(Debug, Args)]
pub(super) struct BlobArgs {
    #[command(subcommand)]
    command: BlobCommand,
}

#[derive(Debug, Subcommand)]
enum BlobCommand {
    Put(PutArgs),
    List(ListArgs),
}

/// Put a package into the repository. Another one under the same name is never replaced.
#[derive(Debug, Args)]
struct PutArgs {
    /// The package; it is checked before it is sent.
    zip: PathBuf,
    /// What it is called in the repository [default: the file's name].
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    repository: RepositoryOption,
}

/// List the packages in the repository.
#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    repository: RepositoryOption,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PutReport {
    media_link: String,
}

pub(super) fn blob(args: &BlobArgs, json: bool) -> Result<Reply, Failure> {
    match &args.command {
        BlobCommand::Put(args) => put(args, json),
        BlobCommand::List(args) => list(args),
    }
}

fn put(args: &PutArgs, json: bool) -> Result<Reply, Failure> {
    // What no host would take is not sent.
    open_package(&args.zip)?;
    let name = args.name.clone().unwrap_or_else(|| file_name(&args.zip));
    let bytes = std::fs::read(&args.zip).map_err(|error| Failure::host(error, "look at the file's permissions"))?;
    let client = args.repository.client()?;
    let uploaded = block_on(async { Ok(client.put_blob(&name, bytes).await?) })?;
    Ok(Reply::done(match json {
        true => to_json(&PutReport {
            media_link: uploaded.media_link,
        }),
        false => format!("{}\n", escape(&uploaded.media_link)),
    }))
}

fn list(args: &ListArgs) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let document = block_on(async { Ok(client.blobs().await?) })?;
    Ok(Reply::done(String::from_utf8_lossy(&document).into_owned()))
}
