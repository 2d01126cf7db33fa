//! `--keys DIR`: where the certificates and keys lie that protected settings were encrypted for.

use std::path::PathBuf;

use clap::Args;

use crate::root::Root;
use crate::secrets::Keys;

/// The option, for each command that opens protected settings or shows what handlers wrote.
#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    /// The folder with the certificates and keys for protected settings, <THUMBPRINT>.crt and <THUMBPRINT>.prv [default:
    /// the folder `keys` of the root].
    #[arg(long, value_name = "DIR")]
    pub(super) keys: Option<PathBuf>,
}

impl KeysArgs {
    /// `root`, with the keys that were named.
    pub(super) fn of(&self, root: Root) -> Root {
        match &self.keys {
            Some(folder) => root.with_keys(Keys::open_folder(folder)),
            None => root,
        }
    }
}
