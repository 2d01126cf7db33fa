//! Programs of others that checks need, installed into the target folder when they are missing.

use std::path::PathBuf;

use crate::{step, workspace::Workspace};

/// The version of cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// Where cargo-deny is, installed first if need be.
pub(crate) fn cargo_deny(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let root = workspace.target().join("tools");
    let program = root.join("bin").join("cargo-deny");
    if !program.is_file() {
        eprintln!(
            "cargo-deny {CARGO_DENY} is missing; installing it into {}, once",
            root.display()
        );
        step::run(
            workspace
                .cargo()
                .args([
                    "install",
                    "--quiet",
                    "--locked",
                    "--version",
                    CARGO_DENY,
                    "cargo-deny",
                    "--root",
                ])
                .arg(&root),
        )?;
    }
    Ok(program)
}
