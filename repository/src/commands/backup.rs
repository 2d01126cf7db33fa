//! `hostler-repository backup`: everything that is needed to go on elsewhere, in a folder, beside a server that runs.

use std::fs::{DirBuilder, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::database_option::{DatabaseOption, FILE};
use super::failure::Failure;
use super::tree;
use crate::surroundings::Surroundings;

/// The records in a backup.
pub(super) const RECORDS: &str = "records.jsonl";
/// What lies in the data folder, in a backup.
pub(super) const DATA: &str = "data";

/// Write everything into a new folder, beside a server that runs
///
/// Records are written as they are at one moment, in a form that any database takes back. Of the data folder everything
/// is copied but the database. Packages in other stores are not: a bucket has its own backups.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// Folder to make
    to: PathBuf,
    #[command(flatten)]
    database: DatabaseOption,
}

pub(super) async fn backup(args: BackupArgs) -> Result<String, Failure> {
    let io = |error: io::Error| {
        let what = format!("the backup in {} failed", args.to.display());
        Failure::own(&what, error, "name a folder that is not there yet, on a disk with room")
    };
    let records = args.database.open(Surroundings::default()).await?;
    // Made here and now: a backup never mixes with an older one.
    DirBuilder::new().mode(0o700).create(&args.to).map_err(io)?;
    // Files first: whatever the records name afterwards was there, or came since and is looked for below.
    let mut files = copy_data(&args.database.data, &args.to).map_err(io)?;
    let file = File::create_new(args.to.join(RECORDS)).map_err(io)?;
    let mut out = BufWriter::new(file);
    let rows = records.back_up(&mut out).await?;
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    files = files.max(copy_data(&args.database.data, &args.to).map_err(io)?);
    records.close().await;
    File::open(&args.to).and_then(|folder| folder.sync_all()).map_err(io)?;
    Ok(format!("{rows} rows and {files} files in {}\n", args.to.display()))
}

fn copy_data(data: &Path, to: &Path) -> io::Result<u64> {
    tree::copy(data, &to.join(DATA), &|name| {
        name.starts_with(FILE) || name == "server.lock"
    })
}
