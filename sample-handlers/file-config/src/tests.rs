//! The handler as a whole, in a handler folder.

use std::collections::BTreeMap;

use hostler_sdk::{
    Command, StatusKind,
    harness::{Harness, Ran},
};

use crate::FileConfig;

/// Settings with these files.
fn files(files: &[(&str, &str)]) -> String {
    let files: Vec<_> = files
        .iter()
        .map(|(path, content)| BTreeMap::from([("path", path), ("content", content)]))
        .collect();
    serde_json::json!({ "files": files }).to_string()
}

/// What the status says of each file.
fn parts(ran: &Ran) -> Vec<(&str, &str)> {
    let status = ran.status.as_ref().unwrap();
    status
        .substatus
        .iter()
        .map(|part| (&*part.name, &*part.message.message))
        .collect()
}

/// The files below `files/`.
fn kept(ran: &Ran) -> Vec<(&str, &str)> {
    ran.files
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("files/")?, &**text)))
        .collect()
}

#[test]
fn files_follow_the_settings() {
    let mut harness = Harness::<FileConfig>::new();
    let ran = harness
        .with_settings(files(&[("app/a.conf", "1"), ("motd", "hi")]))
        .run(Command::Enable);
    assert_eq!(ran.exit_code, 0);
    assert_eq!(parts(&ran), [("app/a.conf", "created"), ("motd", "created")]);
    assert_eq!(kept(&ran), [("app/a.conf", "1"), ("motd", "hi")]);

    let ran = harness.run(Command::Enable);
    assert_eq!(parts(&ran), [("app/a.conf", "as described"), ("motd", "as described")]);
    assert_eq!(
        ran.status.unwrap().message.message,
        "2 files as described, nothing to do"
    );

    let ran = harness
        .with_settings(files(&[("motd", "hello"), ("new", "n")]))
        .run(Command::Enable);
    assert_eq!(
        parts(&ran),
        [("app/a.conf", "removed"), ("motd", "changed"), ("new", "created")]
    );
    assert_eq!(kept(&ran), [("motd", "hello"), ("new", "n")]);
    assert!(!harness.data_folder().join("files/app").exists());
}

#[test]
fn drift_is_repaired() {
    let mut harness = Harness::<FileConfig>::new();
    harness
        .with_settings(files(&[("a", "1"), ("b", "2"), ("c", "3")]))
        .run(Command::Enable);
    std::fs::write(harness.data_folder().join("files/a"), "tampered").unwrap();
    std::fs::remove_file(harness.data_folder().join("files/b")).unwrap();
    let ran = harness.run(Command::Enable);
    assert_eq!(
        parts(&ran),
        [("a", "repaired"), ("b", "repaired"), ("c", "as described")]
    );
    assert_eq!(kept(&ran), [("a", "1"), ("b", "2"), ("c", "3")]);
}

#[test]
fn a_file_makes_room_for_a_folder_and_back() {
    let mut harness = Harness::<FileConfig>::new();
    harness.with_settings(files(&[("app", "file")])).run(Command::Enable);
    let ran = harness.with_settings(files(&[("app/a", "1")])).run(Command::Enable);
    assert_eq!((ran.exit_code, kept(&ran)), (0, vec![("app/a", "1")]));
    let ran = harness.with_settings(files(&[("app", "file")])).run(Command::Enable);
    assert_eq!((ran.exit_code, kept(&ran)), (0, vec![("app", "file")]));
}

#[test]
fn settings_that_contradict_themselves_or_leave_the_folder_touch_nothing() {
    let mut harness = Harness::<FileConfig>::new();
    harness.with_settings(files(&[("a", "1")])).run(Command::Enable);
    let table = [
        (
            files(&[("b", "2"), ("../evil", "x")]),
            r#"the path "../evil" leaves the folder of the files"#,
        ),
        (
            files(&[("b", "2"), ("/etc/evil", "x")]),
            r#"the path "/etc/evil" is absolute"#,
        ),
        (files(&[("b", "2"), ("b", "3")]), r#"the path "b" is named twice"#),
        (
            files(&[("b", "2"), ("b/c", "3")]),
            r#""b" is named as a file and, in "b/c", as a folder"#,
        ),
        ("{}".to_owned(), "missing field `files`"),
        (r#"{"files": [], "mode": 1}"#.to_owned(), "unknown field `mode`"),
    ];
    for (settings, message) in table {
        let ran = harness.with_settings(settings).run(Command::Enable);
        assert_eq!((ran.exit_code, kept(&ran)), (65, vec![("a", "1")]));
        let status = ran.status.unwrap();
        assert_eq!(status.kind, StatusKind::Error);
        assert!(status.message.message.contains(message), "{}", status.message.message);
    }
}

#[test]
fn one_file_that_fails_is_told_and_the_others_are_written() {
    let mut harness = Harness::<FileConfig>::new();
    std::fs::create_dir_all(harness.data_folder().join("files/taken/inner")).unwrap();
    let ran = harness
        .with_settings(files(&[("a", "1"), ("taken", "2"), ("z", "3")]))
        .run(Command::Enable);
    assert_eq!(ran.exit_code, 3);
    assert_eq!(
        parts(&ran),
        [
            ("a", "created"),
            ("taken", "there is a folder of this name"),
            ("z", "created")
        ]
    );
    assert_eq!(kept(&ran), [("a", "1"), ("z", "3")]);
    assert_eq!(ran.status.unwrap().kind, StatusKind::Error);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let outside = Harness::<FileConfig>::new();
    let mut harness = Harness::<FileConfig>::new();
    let root = harness.data_folder().join("files");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(outside.data_folder().join("x"), "theirs").unwrap();
    std::os::unix::fs::symlink(outside.data_folder(), root.join("away")).unwrap();
    std::os::unix::fs::symlink(outside.data_folder().join("x"), root.join("x")).unwrap();
    let ran = harness
        .with_settings(files(&[("away/x", "ours"), ("x", "ours")]))
        .run(Command::Enable);
    assert_eq!(parts(&ran), [("away/x", "away is not a folder"), ("x", "changed")]);
    assert_eq!(
        std::fs::read_to_string(outside.data_folder().join("x")).unwrap(),
        "theirs"
    );
    assert_eq!(std::fs::read_to_string(root.join("x")).unwrap(), "ours");
}

#[test]
fn disable_leaves_the_files_and_uninstall_removes_only_what_was_made() {
    let mut harness = Harness::<FileConfig>::new();
    harness
        .with_settings(files(&[("app/a", "1"), ("b", "2")]))
        .run(Command::Enable);
    std::fs::write(harness.data_folder().join("files/app/theirs"), "t").unwrap();
    let ran = harness.run(Command::Disable);
    assert_eq!((ran.exit_code, kept(&ran).len()), (0, 3));
    let ran = harness.run(Command::Uninstall);
    assert_eq!((ran.exit_code, kept(&ran)), (0, vec![("app/theirs", "t")]));
    assert_eq!(harness.run(Command::Uninstall).exit_code, 0);
}

#[test]
fn files_stay_over_an_update() {
    let mut harness = Harness::<FileConfig>::new();
    harness.with_settings(files(&[("a", "1")])).run(Command::Enable);
    // The order of contract 7.4: update on the new version, uninstall on the old one, enable on the new one.
    harness.with_variable("AZURE_GUEST_AGENT_EXTENSION_VERSION", "2.0.0");
    assert_eq!(harness.run(Command::Update).exit_code, 0);
    harness.with_variable("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
    let ran = harness.run(Command::Uninstall);
    assert_eq!((ran.exit_code, kept(&ran)), (0, vec![("a", "1")]));
    harness.with_variable("AZURE_GUEST_AGENT_EXTENSION_VERSION", "2.0.0");
    assert_eq!(parts(&harness.run(Command::Enable)), [("a", "as described")]);
    assert_eq!(kept(&harness.run(Command::Uninstall)), []);
}

#[test]
fn a_record_that_is_no_record_stops_everything() {
    let mut harness = Harness::<FileConfig>::new();
    std::fs::write(harness.data_folder().join("made.json"), "{").unwrap();
    let ran = harness.with_settings(files(&[("a", "1")])).run(Command::Enable);
    assert_eq!((ran.exit_code, kept(&ran)), (1, vec![]));
    assert!(ran.status.unwrap().message.message.contains("made.json"));
}

#[test]
fn the_example_settings_are_carried_out() {
    let mut harness = Harness::<FileConfig>::new();
    let ran = harness
        .with_settings_file(1, include_str!("../example.settings"))
        .run(Command::Enable);
    assert_eq!(parts(&ran), [("app/a.conf", "created"), ("motd", "created")]);
}

#[test]
fn files_of_the_protected_settings_are_kept_too() {
    let mut harness = Harness::<FileConfig>::new();
    harness
        .with_settings(files(&[("motd", "hi")]))
        .with_protected_settings(files(&[("key", "correct horse")]));
    let ran = harness.run(Command::Enable);
    assert_eq!((ran.exit_code, &*ran.files["files/key"]), (0, "correct horse"));
    assert!(!ran.log.contains("horse"), "{}", ran.log);
    let ran = harness
        .with_protected_settings(files(&[("motd", "x")]))
        .run(Command::Enable);
    assert_eq!(ran.status.unwrap().message.message, "the path \"motd\" is named twice");
    let ran = harness
        .with_protected_settings(r#"{"files": "correct horse"}"#)
        .run(Command::Enable);
    assert_eq!(
        (ran.exit_code, ran.status.unwrap().message.message.contains("horse")),
        (65, false)
    );
}
