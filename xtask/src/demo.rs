//! The demonstration: sample handlers do their work, attacks are stopped, and each time it is told what came of it.
//!
//! The account is `hostler run`'s own; here are only the scenes, and the check that each came out as it is told. For
//! that every scene is run a second time with `--json`, in a root of its own.

mod drift;
mod report;
mod scene;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;

use self::scene::{Expected, Scene, Stage};
use crate::{host, packages, workspace::Workspace};

/// What `file-config` is asked to keep in its data folder.
const FILES: &str = r#"{
  "files": [
    {"path": "app/app.conf", "content": "listen = 8080\n"},
    {"path": "app/log.conf", "content": "level = info\n"},
    {"path": "motd", "content": "This machine is kept by file-config.\n"}
  ]
}
"#;

/// Plays every scene; fails if one does not come out as told.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let hostler = host::build(workspace)?;
    let packages = packages::build(workspace, &hostler)?;
    let folder = workspace.target().join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let stage = Stage {
        workspace,
        hostler: &hostler,
        // Not the user's own cache: a demonstration leaves nothing behind but what `cargo clean` removes.
        cache: &folder.join("cache"),
    };

    println!(
        "\nhostler runs handlers (the small programs that configure a virtual machine) as WebAssembly components.\n\
         A handler sees its own folders and nothing else, and every command of it has limits. Five scenes:"
    );
    let as_told = [
        hello(&stage, &packages.of("Hostler.Samples.Hello"), &folder)?,
        file_config(&stage, &packages.of("Hostler.Samples.FileConfig"), &folder)?,
        hostile(&stage, &packages.of("Hostler.Samples.Hostile"), &folder)?,
    ]
    .concat();

    let wrong = as_told.iter().filter(|good| !**good).count();
    if wrong == 0 {
        println!("\nAll {} scenes came out as told.", as_told.len());
        Ok(ExitCode::SUCCESS)
    } else {
        println!("\n{wrong} of {} scenes did NOT come out as told.", as_told.len());
        Ok(ExitCode::FAILURE)
    }
}

fn hello(stage: &Stage<'_>, package: &Path, folder: &Path) -> anyhow::Result<Vec<bool>> {
    let settings = write(folder, "hello.json", "{\"name\": \"Ada\"}\n")?;
    let scene = Scene {
        title: "1. A handler that greets",
        told: "Its settings name somebody; it is installed, enabled, writes a log line and reports success.",
        so: "it did its work with nothing but its own folders.",
        package,
        settings: &settings,
        options: &[],
        expected: Expected::Success,
    };
    Ok(vec![stage.play(&scene, None)?])
}

fn file_config(stage: &Stage<'_>, package: &Path, folder: &Path) -> anyhow::Result<Vec<bool>> {
    let settings = write(folder, "file-config.json", FILES)?;
    let roots = [folder.join("root"), folder.join("root-json")];
    let first = Scene {
        title: "2. A handler that keeps files as its settings describe them",
        told: "Nothing is there yet, so it makes the files, in its own data folder. The root folder is kept.",
        so: "the files are there, and the status has a line for each.",
        package,
        settings: &settings,
        options: &[],
        expected: Expected::Success,
    };
    let first_good = stage.play(&first, Some(&roots))? && drift::is_as_described(&roots)?;

    for line in drift::cause(&roots)? {
        println!("   meanwhile somebody {line}");
    }
    let second = Scene {
        title: "3. The same handler after somebody meddled with its files",
        told: "The same root, the same settings: it is only enabled again, finds what was changed, and mends it.",
        so: "it repaired what was changed and left the rest alone.",
        ..first
    };
    let second_good = stage.play(&second, Some(&roots))? && drift::is_as_described(&roots)?;
    if second_good {
        println!("   The files are again as the settings describe them.");
    } else {
        println!("   The files are NOT as the settings describe them.");
    }
    Ok(vec![first_good, second_good])
}

fn hostile(stage: &Stage<'_>, package: &Path, folder: &Path) -> anyhow::Result<Vec<bool>> {
    let endless = write(folder, "loop.json", "{\"verb\": \"loop\"}\n")?;
    let hungry = write(folder, "memory-fill.json", "{\"verb\": \"memory-fill\"}\n")?;
    let endless = Scene {
        title: "4. A handler that never ends",
        told: "Its enable loops for ever. It is given one second of processor time, and stopped when that is used up.",
        so: "it was stopped, the report says at which limit, and the host goes on.",
        package,
        settings: &endless,
        options: &["--limit", "cmd.cpu=1s"],
        expected: Expected::Stopped { limit: "cmd.cpu" },
    };
    let hungry = Scene {
        title: "5. A handler that takes all the memory it can get",
        told: "It asks for more and more memory and writes to all of it. At its limit it gets no more.",
        so: "it was stopped from growing at its limit, the report says so, and the host keeps its own memory.",
        package,
        settings: &hungry,
        options: &[],
        expected: Expected::Refused {
            limit: "guest.memory_total",
        },
    };
    Ok(vec![stage.play(&endless, None)?, stage.play(&hungry, None)?])
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    Ok(path)
}
