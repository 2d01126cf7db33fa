//! `hostler-repository index key`: who signs the indexes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::failure::Failure;
use crate::published::{KeyError, KeyFolder};

/// Look after the keys that sign the indexes of the regions
#[derive(Debug, Args)]
pub(super) struct IndexArgs {
    #[command(subcommand)]
    of: Of,
}

#[derive(Debug, Subcommand)]
enum Of {
    /// List, make and retire keys
    ///
    /// A key is replaced in three steps: make a new one (both sign from then on), give its public half to all hosts, retire the
    /// old one. Servers that share regions need the same keys: copy DIR/keys.
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Print the public halves, one a line: what a host's file for --repository-key holds
    List(KeyArgs),
    /// Make a key that signs beside those that are there, and print its public half
    New(KeyArgs),
    /// Take a key away: it does not sign any more
    Retire {
        /// The public half, or its beginning
        key: String,
        #[command(flatten)]
        args: KeyArgs,
    },
}

#[derive(Debug, Args)]
struct KeyArgs {
    /// Folder with everything that the repository keeps
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

pub(super) fn index(args: IndexArgs) -> Result<String, Failure> {
    let Of::Key(command) = args.of;
    let folder = |args: &KeyArgs| KeyFolder::of_data(&args.data);
    match command {
        KeyCommand::List(args) => {
            let keys = folder(&args).keys().map_err(failed)?;
            Ok(keys.iter().map(|key| key.public() + "\n").collect())
        }
        KeyCommand::New(args) => Ok(folder(&args).add().map_err(failed)?.public() + "\n"),
        KeyCommand::Retire { key, args } => Ok(format!("{} is retired\n", folder(&args).retire(&key).map_err(failed)?)),
    }
}

fn failed(error: KeyError) -> Failure {
    let what = "the keys could not be looked after";
    match error {
        KeyError::Unknown(_) => Failure::refused(
            what,
            error,
            "name one of those that `hostler-repository index key list` prints",
        ),
        _ => Failure::own(what, error, "look at the folder `keys` in the data folder"),
    }
}
