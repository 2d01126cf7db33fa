//! The demonstration: two handlers by themselves, then one handler's whole life, each scene told, shown and checked.
//!
//! The account is hostler's own; here are only the scenes, and the check that each came out as it is told.

mod alone;
mod goal_state;
mod kept;
mod life;
mod report;
mod repository;
mod scenes;
mod stage;

use std::{fs, process::ExitCode};

use anyhow::Context as _;

use self::stage::Stage;
use crate::{host, packages, workspace::Workspace};

/// Plays every scene; fails if one does not come out as told.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let hostler = host::build(workspace)?;
    let packages = packages::build(workspace, &hostler)?;
    // Not the user's own root and cache: a demonstration leaves nothing behind but what `cargo clean` removes.
    let folder = workspace.target().join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    repository::lay_out(&hostler, &packages, &folder)?;
    let stage = Stage {
        workspace,
        hostler: &hostler,
        folder: &folder,
    };

    println!(
        "\nhostler runs handlers (the small programs that configure a virtual machine) as WebAssembly components.\n\
         A handler sees its own folders and nothing else, and every command of it has limits. First, two of them\n\
         by themselves, each run once in a folder that is thrown away:"
    );
    let mut as_told = alone::play(&stage, &packages)?;
    println!(
        "\nOn a machine, a goal state says which handlers there should be, in which version and with which settings.\n\
         `hostler apply` compares it with what is there, and does what is missing. Goal states, packages and the lists\n\
         of their versions lie in {}. Now the life of one handler:",
        workspace.short(&folder).display()
    );
    as_told.extend(life::play(&stage)?);

    let wrong = as_told.iter().filter(|good| !**good).count();
    if wrong == 0 {
        println!("\nAll {} scenes came out as told.", as_told.len());
        Ok(ExitCode::SUCCESS)
    } else {
        println!("\n{wrong} of {} scenes did NOT come out as told.", as_told.len());
        Ok(ExitCode::FAILURE)
    }
}
