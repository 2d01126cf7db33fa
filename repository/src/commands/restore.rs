//! `hostler-repository restore`: a backup becomes a repository again, over the same kind of database or another.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;

use super::backup::{DATA, RECORDS};
use super::database_option::DatabaseOption;
use super::failure::Failure;
use super::tree;
use crate::surroundings::Surroundings;

/// Make a repository of a backup: in an empty data folder, and an empty database
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// Folder that `backup` wrote
    from: PathBuf,
    #[command(flatten)]
    database: DatabaseOption,
}

pub(super) async fn restore(args: RestoreArgs) -> Result<String, Failure> {
    let data = &args.database.data;
    let read = |error: io::Error| {
        let what = format!("the backup in {} could not be read", args.from.display());
        Failure::refused(&what, error, "name a folder that `backup` wrote")
    };
    let file = File::open(args.from.join(RECORDS)).map_err(read)?;
    args.database.make_data()?;
    if !is_empty(data).map_err(read)? {
        let what = format!("there is something in {} already", data.display());
        return Err(Failure::usage(
            &what,
            "name an empty folder, or one that is not there yet",
        ));
    }
    let files = tree::copy(&args.from.join(DATA), data, &|_| false).map_err(read)?;
    let records = args.database.open(Surroundings::default()).await?;
    let restored = records.restore(&mut BufReader::new(file)).await?;
    records.close().await;
    Ok(format!(
        "{} rows and {files} files in {}\n",
        restored.rows,
        data.display()
    ))
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}
