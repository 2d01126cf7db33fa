//! Programs of others that checks need, installed into the target folder when they are missing.

use std::path::PathBuf;

use crate::{step, workspace::Workspace};

/// The version of cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// The version of mdBook that `docs/book.toml` is written for.
const MDBOOK: &str = "0.5.1";

/// Where cargo-deny is, installed first if need be.
pub(crate) fn cargo_deny(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-deny", CARGO_DENY, &[])
}

/// Where mdBook is, installed first if need be.
pub(crate) fn mdbook(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    // Without the server for looking at a book while it is written, and not optimised: half the time, for a few pages.
    let lean = ["--no-default-features", "--features", "search", "--debug"];
    installed(workspace, "mdbook", MDBOOK, &lean)
}

/// Where the program of the crate `name` is, installed first if need be, with these options.
fn installed(workspace: &Workspace, name: &str, version: &str, options: &[&str]) -> anyhow::Result<PathBuf> {
    let root = workspace.target().join("tools");
    let program = root.join("bin").join(name);
    if !program.is_file() {
        eprintln!(
            "{name} {version} is missing; installing it into {}, once",
            root.display()
        );
        step::run(
            workspace
                .cargo()
                .args(["install", "--quiet", "--locked", "--version", version, name])
                .args(options)
                .arg("--root")
                .arg(&root),
        )?;
    }
    Ok(program)
}
