//! `--policy FILE`: the operator's policy, read from a file that nobody else can change.

use std::path::{Path, PathBuf};

use hostler_contract::{Source, codes};

use super::failure::Failure;
use super::{operator_file, place};
use crate::grants::{MAX_POLICY_BYTES, Policy, Protected};

/// Reads the policy `named` on the command line; without one there is none.
///
/// # Errors
///
/// A refusal: it cannot be read, belongs to somebody else, can be written by others, or is no policy.
pub(super) fn read_policy(named: Option<&Path>) -> Result<Policy, Failure> {
    let Some(path) = named else {
        return Ok(Policy::none());
    };
    let bytes = operator_file::read(path, MAX_POLICY_BYTES, codes::POLICY_PERMISSIONS)?;
    let policy = Policy::parse(Source::new(&place::file_name(path), &bytes))?;
    Ok(policy.with_signers_read(|path| operator_file::look(path, MAX_POLICY_BYTES).map_err(|why| why.to_string()))?)
}

/// The host's own folders: `own`, and the default root, whichever root is in use.
pub(super) fn protected(own: impl IntoIterator<Item = PathBuf>) -> Protected {
    let own = own.into_iter().map(|path| std::path::absolute(&path).unwrap_or(path));
    Protected::new(own.chain(place::default_root()))
}
