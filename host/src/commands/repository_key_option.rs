//! `--repository-key FILE`: who signs for the repositories that version manifests come from.

use std::path::Path;

use hostler_contract::{Source, codes};

use super::failure::Failure;
use super::{operator_file, place};
use crate::repository::{MAX_KEYS_BYTES, RepositoryKeys};

/// Reads the keys in the file `named` on the command line; without one no index is looked at.
///
/// # Errors
///
/// A refusal: it cannot be read, belongs to somebody else, can be written by others, or holds no keys.
pub(super) fn read_keys(named: Option<&Path>) -> Result<Option<RepositoryKeys>, Failure> {
    let Some(path) = named else {
        return Ok(None);
    };
    let bytes = operator_file::read(path, MAX_KEYS_BYTES, codes::REPO_KEY)?;
    let keys = RepositoryKeys::parse(Source::new(&place::file_name(path), &bytes))?;
    Ok(Some(keys))
}
