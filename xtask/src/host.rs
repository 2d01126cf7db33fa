//! Building the host: the program `hostler`, and `hostler-worker` beside it; and what it is compared with.

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

/// Builds sources of components as native programs, which tests of the benchmark compare them with, and tells where they lie.
pub(crate) fn build_natives(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let crates = ["hello-handler", "bench-guest", "bench-kernels"];
    step::run(
        workspace
            .cargo()
            .args(["build", "--quiet", "--locked", "--bins"])
            .args(crates.iter().flat_map(|name| ["-p", name])),
    )?;
    let folder = workspace.target().join("debug");
    folder
        .canonicalize()
        .with_context(|| format!("the build left no {}", folder.display()))
}
