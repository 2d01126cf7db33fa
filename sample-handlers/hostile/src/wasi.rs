//! The calls of WASI 0.2 themselves, as `wit/` declares them, and the folders that the program was given.

/// What wit-bindgen makes of `wit/`.
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "imports", generate_all });
}

use std::path::Path;

pub(crate) use bindings::wasi::cli::stdout::get_stdout;
pub(crate) use bindings::wasi::clocks::monotonic_clock;
pub(crate) use bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};
pub(crate) use bindings::wasi::io::poll::{Pollable, poll};
pub(crate) use bindings::wasi::io::streams::OutputStream;
pub(crate) use bindings::wasi::random::random::get_random_bytes;

use crate::handler::Failure;

/// Ends the program with `code`, at once.
pub(crate) fn exit(code: u8) {
    bindings::wasi::cli::exit::exit_with_code(code);
}

/// A folder that the program was given, with its name.
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) descriptor: Descriptor,
}

/// Every folder that the program was given.
pub(crate) fn folders() -> Vec<Folder> {
    bindings::wasi::filesystem::preopens::get_directories()
        .into_iter()
        .map(|(descriptor, name)| Folder { name, descriptor })
        .collect()
}

/// The folder that was given under the name `path`.
pub(crate) fn folder(path: &Path) -> Result<Folder, Failure> {
    folders()
        .into_iter()
        .find(|folder| Path::new(&folder.name) == path)
        .ok_or_else(|| Failure::new(format!("{} is not one of the folders that were given", path.display())))
}
