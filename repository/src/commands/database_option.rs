//! `--data` and `--database`: where everything is.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use crate::records::{Dialect, Records};
use crate::starting::Starting;
use crate::surroundings::Surroundings;

/// Names the database where a command line would show its password to everybody on the machine.
const VARIABLE: &str = "HOSTLER_REPOSITORY_DATABASE";

/// The database in the data folder.
pub(super) const FILE: &str = "records.sqlite";

#[derive(Debug, Args)]
pub(super) struct DatabaseOption {
    /// Folder with everything that the repository keeps; made where it is missing
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// URL of a PostgreSQL database [default: a file in the data folder]
    ///
    /// The variable HOSTLER_REPOSITORY_DATABASE may name it instead, so that a password in it is not seen by others.
    #[arg(long, value_name = "URL")]
    pub(super) database: Option<String>,
}

impl DatabaseOption {
    /// Opens the records, and makes what is missing.
    pub(super) async fn open(&self, surroundings: Surroundings) -> Result<Records, Failure> {
        self.make_data()?;
        let _starting = self.starting().await?;
        Ok(Records::open(&self.url()?, surroundings).await?)
    }

    /// Waits until nobody else makes in the data folder what is missing.
    pub(super) async fn starting(&self) -> Result<Starting, Failure> {
        Starting::alone(&self.data).await.map_err(|error| {
            let what = format!("the data folder {} cannot be had alone", self.data.display());
            Failure::own(&what, error, "look at who uses it, and at its permissions")
        })
    }

    /// The URL of the database.
    pub(super) fn url(&self) -> Result<String, Failure> {
        if let Some(url) = &self.database {
            return Ok(url.clone());
        }
        match std::env::var(VARIABLE) {
            Ok(url) if !url.is_empty() => Ok(url),
            _ => Ok(Dialect::sqlite_url(&absolute(&self.data)?.join(FILE))),
        }
    }

    /// Makes the data folder, for its owner only.
    pub(super) fn make_data(&self) -> Result<(), Failure> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.data);
        made.and_then(|()| fs::metadata(&self.data).map(|_| ()))
            .map_err(|error| {
                let what = format!("the data folder {} could not be made", self.data.display());
                Failure::own(&what, error, "name a folder that you may write in")
            })
    }
}

/// `path` from the root on.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| {
        let what = format!("{} is no path", path.display());
        Failure::own(&what, error, "name a folder")
    })
}
