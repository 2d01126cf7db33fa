//! The file that `--report` names: looked at before anything is done, written at the end.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rustix::fs::Mode;

use super::failure::Failure;
use crate::host_file::{remove_unfinished, write_whole};
use crate::root::Root;

/// Mode of a report.
const MODE: Mode = Mode::from_raw_mode(0o644);

/// A file that a report is to be written to.
#[derive(Debug)]
pub(super) struct ReportFile {
    path: PathBuf,
    folder: File,
    name: String,
}

impl ReportFile {
    /// Makes sure that a report can be put in the place of `path`: a regular file, or nothing, in a folder that is there.
    /// Anything else, a link or a device, would be replaced by the report.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let open = || -> anyhow::Result<Self> {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .context("it does not name a file")?;
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let folder = File::open(parent.unwrap_or(Path::new("."))).context("its folder cannot be opened")?;
            match path.symlink_metadata() {
                Ok(there) if !there.is_file() => bail!("something that is not a regular file is there"),
                _ => {}
            }
            Ok(Self {
                path: path.to_owned(),
                folder,
                name: name.to_owned(),
            })
        };
        open().map_err(|error| {
            let error = error.context(format!("no report can be written to {}", path.display()));
            Failure::host(error, "name a file in a folder that is there and that you may write in")
        })
    }

    /// Writes `document`, whole or not at all.
    pub(super) fn write(&self, document: &str) -> Result<(), Failure> {
        write_whole(&self.folder, &self.name, &[document.as_bytes()], MODE).map_err(|error| {
            let error =
                anyhow::Error::new(error).context(format!("the report cannot be written to {}", self.path.display()));
            Failure::host(error, "look at the space and permissions of its folder")
        })
    }
}

/// Writes `document` as `report/status.json` of `root`, where everybody looks for it.
pub(super) fn write_to_root(root: &Root, document: &str) -> Result<(), Failure> {
    let folder = root.folder(&["report"], Mode::RWXU)?;
    remove_unfinished(&folder)
        .and_then(|()| write_whole(&folder, "status.json", &[document.as_bytes()], MODE))
        .map_err(|error| Failure::host(error, "look at the space and permissions of the root folder"))
}
