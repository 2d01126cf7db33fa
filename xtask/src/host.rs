//! Building the host: the binary `hostler`.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::{step, workspace::Workspace};

/// Builds the binary `hostler` and tells where it is.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    eprintln!("building hostler (the first time takes minutes: the WebAssembly runtime is part of it)");
    step::run(
        workspace
            .cargo()
            .args(["build", "--quiet", "--locked", "-p", "hostler-host", "--bin", "hostler"]),
    )?;
    let binary = workspace.target().join("debug").join("hostler");
    binary
        .canonicalize()
        .with_context(|| format!("the build left no {}", binary.display()))
}
