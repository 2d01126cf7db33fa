//! What a handler remembers: files in its data folder, each written whole or not at all.

use std::{
    io,
    path::{Path, PathBuf},
};

use hostler_contract::ExtensionName;

use crate::{Failure, Folders, files, reporting::unwritable};

/// What was kept under `name`; `None` where nothing was, or where a power cut left the file empty.
pub(crate) fn read(
    folders: &Folders,
    extension: Option<&ExtensionName>,
    name: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let file = file(folders, extension, name)?;
    match files::read(&file) {
        Ok(bytes) => Ok(Some(bytes).filter(|bytes| !bytes.is_empty())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::from(error).while_doing(file.display())),
    }
}

/// Keeps `bytes` under `name`, in one step.
pub(crate) fn keep(
    folders: &Folders,
    extension: Option<&ExtensionName>,
    name: &str,
    bytes: &[u8],
) -> Result<(), Failure> {
    let file = file(folders, extension, name)?;
    files::write_whole(&file, bytes).map_err(|error| unwritable(&format!("state {name}"), error))
}

fn file(folders: &Folders, extension: Option<&ExtensionName>, name: &str) -> Result<PathBuf, Failure> {
    let is_plain = Path::new(name).file_name().is_some_and(|last| last == name);
    if !is_plain {
        return Err(Failure::new(format!("state {name:?} should have a plain file name")));
    }
    Ok(folders.data().join(match extension {
        Some(extension) => format!("{extension}.{name}"),
        None => name.to_owned(),
    }))
}
