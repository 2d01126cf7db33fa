//! Everything that can be said about the code without running it, one line a check.

use std::process::ExitCode;

use crate::{
    guest, links,
    step::{Ending, complaint_of, step},
    tools,
    workspace::Workspace,
};

/// Runs every check, also after one has failed: who mends one wants to know of the others.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    guest::ensure_target()?;
    let cargo_deny = tools::cargo_deny(workspace)?;
    let endings = [
        step("format", || {
            complaint_of(workspace.cargo().args(["fmt", "--all", "--check"]))
        })?,
        step("clippy", || {
            complaint_of(
                workspace
                    .cargo()
                    .args(["clippy", "--quiet", "--workspace", "--all-targets", "--locked"])
                    .args(["--", "-D", "warnings"]),
            )
        })?,
        step("clippy, handlers for wasm", || {
            complaint_of(
                workspace
                    .cargo()
                    .args(["clippy", "--quiet", "--locked", "--target", guest::TARGET])
                    .args(["-p", "hostler-contract", "-p", "hostler-sdk"])
                    .args(guest::CRATES.iter().flat_map(|name| ["-p", name]))
                    .arg("--target-dir")
                    .arg(guest::folder(workspace))
                    .args(["--", "-D", "warnings"]),
            )
        })?,
        step("documentation", || {
            complaint_of(
                workspace
                    .cargo()
                    .args(["doc", "--quiet", "--no-deps", "--workspace", "--locked"])
                    .env("RUSTDOCFLAGS", "-D warnings"),
            )
        })?,
        step("links in *.md", || {
            let dead = links::dead(workspace.root())?;
            Ok((!dead.is_empty()).then(|| dead.join("\n")))
        })?,
        step("licences, bans, sources", || {
            complaint_of(
                std::process::Command::new(&cargo_deny)
                    .current_dir(workspace.root())
                    .args([
                        "--locked",
                        "--log-level",
                        "error",
                        "check",
                        "licenses",
                        "bans",
                        "sources",
                    ]),
            )
        })?,
    ];
    let bad = endings.iter().filter(|ending| **ending == Ending::Bad).count();
    if bad == 0 {
        Ok(ExitCode::SUCCESS)
    } else {
        println!("{bad} of {} checks failed", endings.len());
        Ok(ExitCode::FAILURE)
    }
}
