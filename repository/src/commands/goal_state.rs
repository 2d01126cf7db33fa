//! `hostler-repository goal-state`: the document that machines poll, from what an operator wants them to have.

use std::path::PathBuf;

use clap::Args;
use hostler_contract::escape;

use super::database_option::DatabaseOption;
use super::failure::Failure;
use crate::goal_state::{GoalStateError, from_file, renew};
use crate::surroundings::Surroundings;

/// Write the goal state that machines poll, with every version resolved from what the repository has
///
/// Run it again after each release, or put the file into the folder `goal-states` of the data folder: then `serve` offers
/// it as /goal-states/NAME, made anew for each poll. A hotfix that was published is taken up by itself.
#[derive(Debug, Args)]
pub(super) struct GoalStateArgs {
    /// What machines are to have (TOML)
    wanted: PathBuf,
    /// File to write; the versions that it names now count as installed [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Address that hosts fetch from, where the file does not name any: `/published/` and the region are added
    #[arg(long, value_name = "URL")]
    location: Option<String>,
    #[command(flatten)]
    database: DatabaseOption,
}

pub(super) async fn goal_state(args: GoalStateArgs) -> Result<String, Failure> {
    let records = args.database.open(Surroundings::default()).await?;
    let location = args.location.as_deref();
    let done = match &args.out {
        None => from_file(&records, &args.wanted, None, location).await,
        Some(out) => renew(&records, &args.wanted, out, location).await.map(|(_, differs)| {
            let word = if differs { "written" } else { "unchanged" };
            format!("{}: {word}\n", escape(&out.display().to_string()))
        }),
    };
    records.close().await;
    Ok(done?)
}

impl From<GoalStateError> for Failure {
    fn from(error: GoalStateError) -> Self {
        match error {
            GoalStateError::Records(error) => error.into(),
            file @ GoalStateError::File { .. } => Self::refused(
                "a file could not be used",
                file,
                "name files that you may read, and write where they go",
            ),
            refused @ GoalStateError::Refused { .. } => Self::refused(
                "there is no goal state",
                refused,
                "mend what it says, or publish what is wanted",
            ),
        }
    }
}
