//! What `hostler new` refuses, with nothing written.

use std::fs;
use std::path::Path;
use std::time::Duration;

use hostler_tests::{Ran, run_hostler_in};

fn new(folder: &Path, arguments: &[&str]) -> Ran {
    let arguments = [&["new", "--json"], arguments].concat();
    run_hostler_in(&arguments, folder, Duration::from_secs(300), |command| {
        command.current_dir(folder);
    })
}

#[test]
fn names_that_do_not_do_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("there")).unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    for (arguments, exit, code, what) in [
        (
            vec!["my handler"],
            2,
            "new.name",
            "`my handler` cannot be the name of a project: there is a space in it",
        ),
        (
            vec!["my.handler"],
            2,
            "new.name",
            "`my.handler` cannot be the name of a project: there is a dot in it",
        ),
        (
            vec!["match"],
            2,
            "new.name",
            "`match` cannot be the name of a project: it is a word",
        ),
        (
            vec![""],
            2,
            "new.name",
            "`` cannot be the name of a project: it is empty",
        ),
        (vec!["../up"], 2, "new.name", "`../up` cannot be the name of a project"),
        (vec!["motd", "--handler", "Motd"], 2, "handler.identity", ""),
        (
            vec!["there"],
            3,
            "new.exists",
            "there is something of that name already",
        ),
        (
            vec!["file", "--language", "c"],
            3,
            "new.exists",
            "there is something of that name already",
        ),
        (
            vec!["motd", "--sdk", "there"],
            3,
            "new.sdk",
            "the sources of hostler-sdk are not there",
        ),
        (vec!["motd", "--language", "cobol"], 2, "usage", ""),
        (
            vec!["motd", "--language", "c", "--out", "nowhere"],
            4,
            "host.io",
            "nowhere/motd cannot be made",
        ),
    ] {
        let ran = new(folder.path(), &arguments);
        let finding = ran.json()["findings"][0].clone();
        assert_eq!(
            (ran.status.code(), finding["code"].as_str()),
            (Some(exit), Some(code)),
            "{arguments:?}: {finding}"
        );
        assert!(finding["what"].as_str().unwrap().starts_with(what), "{finding}");
        assert!(!finding["hint"].as_str().unwrap().is_empty(), "{finding}");
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["file", "there"], "{arguments:?}");
        assert_eq!(
            fs::read_dir(folder.path().join("there")).unwrap().count(),
            0,
            "{arguments:?}"
        );
    }
}

/// The interface that typed handlers export is written once, and copied into the samples that are built by others' tools.
#[test]
fn copies_of_the_interface_are_the_interface() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let interface = fs::read_to_string(project.join("wit/handler.wit")).unwrap();
    for sample in ["hello-javascript", "hello-python"] {
        let copy = project
            .join("sample-handlers")
            .join(sample)
            .join("wit/deps/handler.wit");
        assert_eq!(fs::read_to_string(copy).unwrap(), interface, "{sample}");
    }
}
