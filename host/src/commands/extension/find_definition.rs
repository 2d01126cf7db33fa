//! The definition file that a command works with.

use std::path::{Path, PathBuf};

use hostler_contract::definition::MAX_DEFINITION_BYTES;
use hostler_contract::{Checked, DefinitionFile, DocumentKind, Source, codes};

use crate::commands::failure::Failure;
use crate::commands::place::{file_name, read_input};

/// What publishers call the file, in the order in which it is looked for.
const NAMES: [&str; 2] = ["definition.xml", "manifest.xml"];

/// Reads the definition file at `path`.
pub(super) fn read(path: &Path) -> Result<Checked<DefinitionFile>, Failure> {
    let bytes = read_input(path, MAX_DEFINITION_BYTES + 1)?;
    Ok(DefinitionFile::parse(Source::new(&file_name(path), &bytes))?)
}

/// The definition file of the folder `dir`: `definition.xml`, or a `manifest.xml` that is one.
pub(super) fn in_folder(dir: &Path) -> Result<PathBuf, Failure> {
    let is_one = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        DocumentKind::guess_with(&file_name(path), &bytes) == Some(DocumentKind::Definition)
    };
    NAMES.iter().map(|name| dir.join(name)).find(is_one).ok_or_else(|| {
        Failure::usage(
            codes::INPUT_OPEN,
            "--definition",
            "the folder has no definition.xml, and no manifest.xml that is a definition",
            "name the file",
        )
    })
}
