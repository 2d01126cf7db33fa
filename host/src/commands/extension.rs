//! `hostler extension`: the publisher's side of a repository.

mod check;
mod delete;
mod find_definition;
mod lint;
mod list;
mod operation;
mod publish;
mod replication;
mod send;
mod visibility;

use clap::{Args, Subcommand};

use super::failure::{Failure, Reply};

/// Register versions of extensions in a repository, and see to them.
#[derive(Debug, Args)]
pub(super) struct ExtensionArgs {
    #[command(subcommand)]
    command: ExtensionCommand,
}

#[derive(Debug, Subcommand)]
enum ExtensionCommand {
    Publish(publish::PublishArgs),
    Lint(lint::LintArgs),
    Add(send::AddArgs),
    Update(send::UpdateArgs),
    Check(check::CheckArgs),
    List(list::ListArgs),
    Get(list::GetArgs),
    Replication(replication::ReplicationArgs),
    Promote(visibility::PromoteArgs),
    Unpublish(visibility::UnpublishArgs),
    Delete(delete::DeleteArgs),
}

pub(super) fn extension(args: &ExtensionArgs, json: bool) -> Result<Reply, Failure> {
    match &args.command {
        ExtensionCommand::Publish(args) => publish::publish(args, json),
        ExtensionCommand::Lint(args) => lint::lint(args, json),
        ExtensionCommand::Add(args) => send::add(args, json),
        ExtensionCommand::Update(args) => send::update(args, json),
        ExtensionCommand::Check(args) => check::check(args, json),
        ExtensionCommand::List(args) => list::list(args, json),
        ExtensionCommand::Get(args) => list::get(args, json),
        ExtensionCommand::Replication(args) => replication::replication(args, json),
        ExtensionCommand::Promote(args) => visibility::promote(args, json),
        ExtensionCommand::Unpublish(args) => visibility::unpublish(args, json),
        ExtensionCommand::Delete(args) => delete::delete(args, json),
    }
}
