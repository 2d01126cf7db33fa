//! `hostler extension add` and `hostler extension update`.

use std::path::PathBuf;

use clap::Args;
use hostler_contract::{Checked, DefinitionFile, Finding};

use super::find_definition;
use super::operation::{NamedVersion, QuietOption, WaitOption, finish};
use crate::commands::failure::{Failure, Reply};
use crate::commands::repository_option::{RepositoryOption, block_on};
use crate::report::finding_lines;

/// Register a new extension with its first version.
#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// The definition file; it is sent as it is, without a later wrapper around it.
    file: PathBuf,
    #[command(flatten)]
    wait: WaitOption,
    #[command(flatten)]
    quiet: QuietOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

/// Add a version to a known extension, or change what may change of a known version.
#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// The definition file; it is sent as it is, without a later wrapper around it.
    file: PathBuf,
    #[command(flatten)]
    wait: WaitOption,
    #[command(flatten)]
    quiet: QuietOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

pub(super) fn add(args: &AddArgs, json: bool) -> Result<Reply, Failure> {
    let Checked { value: file, warnings } = find_definition::read(&args.file)?;
    let client = args.repository.client()?;
    let reply = block_on(async {
        let id = client.register(&file.image, &file.body).await?;
        let of = named(&file);
        finish(&client, id, &of, &args.wait, args.quiet.quiet, json, "registered").await
    })?;
    Ok(with_warnings(reply, &warnings))
}

pub(super) fn update(args: &UpdateArgs, json: bool) -> Result<Reply, Failure> {
    let Checked { value: file, warnings } = find_definition::read(&args.file)?;
    let client = args.repository.client()?;
    let reply = block_on(async {
        let id = client.update(&file.image, &file.body).await?;
        let of = named(&file);
        finish(&client, id, &of, &args.wait, args.quiet.quiet, json, "updated").await
    })?;
    Ok(with_warnings(reply, &warnings))
}

/// What a definition is for.
pub(super) fn named(file: &DefinitionFile) -> NamedVersion {
    NamedVersion {
        namespace: file.image.provider_namespace.as_str().to_owned(),
        type_name: file.image.type_name.as_str().to_owned(),
        version: file.image.version.as_str().to_owned(),
    }
}

/// The reply, with what was odd about the input on standard error.
pub(super) fn with_warnings(reply: Reply, warnings: &[Finding]) -> Reply {
    let said: String = warnings.iter().map(finding_lines).collect();
    Reply {
        stderr: said + &reply.stderr,
        ..reply
    }
}
