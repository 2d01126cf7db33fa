//! Building the host: the program `hostler`, and `hostler-worker` beside it.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::{step, workspace::Workspace};

/// Builds both, and tells where `hostler` is.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    eprintln!("building hostler (the first time takes minutes: the WebAssembly runtime is part of it)");
    step::run(
        workspace
            .cargo()
            .args(["build", "--quiet", "--locked", "-p", "hostler-host", "--bins"]),
    )?;
    let binary = workspace.target().join("debug").join("hostler");
    binary
        .canonicalize()
        .with_context(|| format!("the build left no {}", binary.display()))
}
