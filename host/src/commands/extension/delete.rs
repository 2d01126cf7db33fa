//! `hostler extension delete`.

use clap::Args;

use super::operation::{NamedVersion, QuietOption, WaitOption, finish};
use super::visibility::make_internal;
use crate::commands::failure::{Failure, Reply};
use crate::commands::repository_option::{RepositoryOption, block_on};

/// Remove an internal version.
#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    #[command(flatten)]
    of: NamedVersion,
    /// Make it internal first, and wait for that.
    #[arg(long)]
    unpublish: bool,
    #[command(flatten)]
    wait: WaitOption,
    #[command(flatten)]
    quiet: QuietOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

pub(super) fn delete(args: &DeleteArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let of = &args.of;
    block_on(async {
        if args.unpublish {
            let id = make_internal(&client, of).await?;
            let first = WaitOption {
                wait: true,
                patience: args.wait.patience,
            };
            finish(&client, id, of, &first, true, json, "internal").await?;
        }
        let id = client.delete(&of.namespace, &of.type_name, &of.version).await?;
        finish(&client, id, of, &args.wait, args.quiet.quiet, json, "deleted").await
    })
}
