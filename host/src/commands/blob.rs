//! `hostler blob`: packages that lie in a repository.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hostler_contract::escape;
use serde::Serialize;

use super::columns::columns;
use super::failure::{Failure, Reply, to_json};
use super::place::{file_name, open_package};
use super::repository_option::{RepositoryOption, block_on};

/// Put packages into a repository, and list them.
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

/// List the packages that the publisher has put into the repository, and what uses them.
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

/// A package as `--json` prints it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    size: Option<u64>,
    sha256: Option<&'a str>,
    versions: &'a [String],
}

pub(super) fn blob(args: &BlobArgs, json: bool) -> Result<Reply, Failure> {
    match &args.command {
        BlobCommand::Put(args) => put(args, json),
        BlobCommand::List(args) => list(args, json),
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

fn list(args: &ListArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let uploads = block_on(async { Ok(client.blobs().await?) })?;
    if json {
        let rows = uploads.iter().map(|upload| Row {
            name: &upload.name,
            size: upload.size,
            sha256: upload.sha256.as_deref(),
            versions: &upload.versions,
        });
        return Ok(Reply::done(to_json(&rows.collect::<Vec<_>>())));
    }
    if uploads.is_empty() {
        return Ok(Reply::done("There are no packages.\n".to_owned()));
    }
    let cells = uploads.iter().map(|upload| {
        [
            escape(&upload.name),
            upload.size.map_or_else(|| "-".to_owned(), |size| size.to_string()),
            upload.sha256.as_deref().unwrap_or("-").chars().take(12).collect(),
            escape(&upload.versions.join(", ")),
        ]
    });
    let heads = ["NAME", "BYTES", "SHA-256", "VERSIONS"];
    Ok(Reply::done(columns(heads, cells.collect())))
}
