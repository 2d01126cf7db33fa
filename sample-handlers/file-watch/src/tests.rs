//! The handler as a whole, in a handler folder, with files that change while it waits.

use std::{fs, path::PathBuf, time::Duration};

use hostler_sdk::{
    Command, Status, StatusKind, Wait,
    harness::{Harness, Ran},
};
use tempfile::TempDir;

use crate::FileWatch;

/// SHA-256 of `abc`, from the standard.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A handler that watches files of a folder.
struct Watched {
    harness: Harness<FileWatch>,
    folder: TempDir,
}

impl Watched {
    /// With settings for these files, of which none is there yet.
    fn files(names: &[&str]) -> Self {
        let mut watched = Self {
            harness: Harness::new(),
            folder: tempfile::tempdir().unwrap(),
        };
        watched.set(names, 5);
        watched
    }

    fn set(&mut self, names: &[&str], seconds: u64) {
        let files: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        let settings = serde_json::json!({ "files": files, "everySeconds": seconds });
        self.harness.with_settings(settings);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Runs the service; before each look after the first, one of `steps` is done. The statuses after each look.
    fn serve(&self, steps: &[&dyn Fn()]) -> (Ran, Vec<Status>) {
        let mut statuses = Vec::new();
        let ran = self.harness.serve(|turn| {
            assert_eq!(turn.time, Duration::from_secs(5));
            statuses.push(self.harness.status().unwrap());
            match steps.get(statuses.len() - 1) {
                Some(step) => {
                    step();
                    Wait::Elapsed
                }
                None => Wait::Stop,
            }
        });
        assert_eq!((ran.exit_code, &ran.failure), (0, &None));
        (ran, statuses)
    }

    fn events(&self) -> usize {
        fs::read_dir(self.harness.log_folder().join("events")).unwrap().count()
    }
}

/// What a status says of its only file, without the moment.
fn part(status: &Status) -> (StatusKind, String) {
    let [part] = &*status.substatus else {
        panic!("{status:?}")
    };
    let text = &part.message.message;
    let Some((before, rest)) = text.split_once("last at ") else {
        return (part.kind, text.clone());
    };
    let (moment, what) = rest.split_once(": ").unwrap();
    assert!(moment.ends_with('Z') && moment.len() == 20, "{moment}");
    (part.kind, format!("{before}last: {what}"))
}

/// What the heartbeat of a handler says.
fn heartbeat(harness: &Harness<FileWatch>) -> String {
    let text = fs::read(harness.heartbeat_file()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(json[0]["heartbeat"]["status"], "ready");
    json[0]["heartbeat"]["formattedMessage"]["message"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn enable_says_what_it_finds() {
    let watched = Watched::files(&["there", "not-there", "folder"]);
    watched.write("there", "abc");
    fs::create_dir(watched.path("folder")).unwrap();
    let ran = watched.harness.run(Command::Enable);
    assert_eq!(ran.exit_code, 0);
    let status = ran.status.unwrap();
    assert_eq!(
        (status.kind, &*status.message.message),
        (StatusKind::Success, "files to watch: 3, readable: 1")
    );
    let parts: Vec<_> = status
        .substatus
        .iter()
        .map(|part| (&*part.name, part.kind, &*part.message.message))
        .collect();
    let path = |name| watched.path(name).to_str().unwrap().to_owned();
    assert_eq!(
        parts,
        [
            (
                &*path("there"),
                StatusKind::Success,
                &*format!("3 bytes, SHA-256 {ABC}")
            ),
            (&*path("not-there"), StatusKind::Warning, "missing"),
            (
                &*path("folder"),
                StatusKind::Warning,
                "cannot be read: it is not a plain file"
            ),
        ]
    );
}

#[test]
fn settings_that_make_no_sense_are_refused_by_enable_and_service() {
    let mut harness = Harness::<FileWatch>::new();
    harness.with_settings(r#"{"files": ["etc/passwd"]}"#);
    for ran in [harness.run(Command::Enable), harness.serve_turns(1)] {
        assert_eq!(ran.exit_code, 65);
        let status = ran.status.unwrap();
        assert!(
            status.message.message.contains("\"etc/passwd\" is not absolute"),
            "{status:?}"
        );
    }
}

#[test]
fn every_change_is_told_with_its_kind_and_how_often() {
    let watched = Watched::files(&["file"]);
    watched.write("file", "one");
    let (ran, statuses) = watched.serve(&[
        &|| {},
        &|| watched.write("file", "two"),
        &|| watched.write("file", "three"),
        &|| fs::remove_file(watched.path("file")).unwrap(),
        &|| watched.write("file", "abc"),
        &|| {},
    ]);
    let told: Vec<_> = statuses.iter().map(part).collect();
    let (there, gone) = (StatusKind::Success, StatusKind::Warning);
    let table = [
        (there, "3 bytes, SHA-256 ", ""),
        (there, "3 bytes, SHA-256 ", ""),
        (there, "3 bytes, SHA-256 ", "; changes: 1, last: content"),
        (there, "5 bytes, SHA-256 ", "; changes: 2, last: size 3 to 5"),
        (gone, "missing", "; changes: 3, last: went"),
        (there, ABC, "; changes: 4, last: came"),
        (there, ABC, "; changes: 4, last: came"),
    ];
    assert_eq!(told.len(), table.len());
    for ((kind, text), (expected, found, changed)) in told.iter().zip(table) {
        assert_eq!(*kind, expected, "{text}");
        assert!(text.contains(found) && text.ends_with(changed), "{text}");
        assert_eq!(text.contains("changes"), !changed.is_empty(), "{text}");
    }
    let message = "files watched: 1, readable: 1, changes seen: 4";
    assert_eq!(statuses[6].message.message, message);
    assert_eq!(heartbeat(&watched.harness), message);
    assert_eq!((watched.events(), ran.log.lines().count()), (4, 4));
    assert!(ran.log.ends_with("file: came\n"), "{}", ran.log);
}

#[test]
fn what_changed_while_it_did_not_run_is_noticed() {
    let mut watched = Watched::files(&["file", "other"]);
    watched.write("file", "one");
    watched.serve(&[&|| watched.write("file", "two")]);
    watched.write("file", "three");
    watched.set(&["file"], 5);
    let (_, statuses) = watched.serve(&[]);
    let (_, text) = part(&statuses[0]);
    assert!(text.ends_with("; changes: 2, last: size 3 to 5"), "{text}");

    // What is not watched any more is forgotten, and so is everything if what was kept cannot be read.
    watched.write("other", "new");
    watched.set(&["other"], 5);
    let (ran, statuses) = watched.serve(&[]);
    assert!(!part(&statuses[0]).1.contains("changes"), "{statuses:?}");
    assert!(!ran.files["watched.json"].contains("/file"), "{:?}", ran.files);
    fs::write(watched.harness.data_folder().join("watched.json"), "damaged").unwrap();
    watched.write("other", "newer");
    let (ran, statuses) = watched.serve(&[]);
    assert!(!part(&statuses[0]).1.contains("changes"), "{statuses:?}");
    assert!(
        ran.log.contains("Warning [service 3] what was seen before is lost"),
        "{}",
        ran.log
    );
}

#[test]
fn a_file_that_cannot_be_read_for_a_while_is_as_it_was_before() {
    let watched = Watched::files(&["file"]);
    watched.write("file", "one");
    let (_, statuses) = watched.serve(&[
        &|| {
            fs::remove_file(watched.path("file")).unwrap();
            fs::create_dir(watched.path("file")).unwrap();
        },
        &|| {
            fs::remove_dir(watched.path("file")).unwrap();
            watched.write("file", "one");
        },
    ]);
    let expected = (StatusKind::Warning, "cannot be read: it is not a plain file".to_owned());
    assert_eq!(part(&statuses[1]), expected);
    assert_eq!(part(&statuses[2]), part(&statuses[0]));
    assert_eq!(watched.events(), 0);
}

#[test]
fn a_long_wait_has_heartbeats_in_it_and_one_look() {
    let mut watched = Watched::files(&["file"]);
    watched.set(&["file"], 3600);
    let mut waits = Vec::new();
    watched.harness.serve(|turn| {
        // Written anew before every wait.
        fs::remove_file(watched.harness.heartbeat_file()).unwrap();
        watched.write("file", &"x".repeat(waits.len()));
        waits.push(turn.time.as_secs());
        match turn.number {
            12 => Wait::Stop,
            _ => Wait::Elapsed,
        }
    });
    assert_eq!(waits, [300; 12]);
    assert_eq!(
        part(&watched.harness.status().unwrap()),
        (StatusKind::Warning, "missing".to_owned())
    );
}

#[test]
fn a_status_that_cannot_be_written_ends_it() {
    let watched = Watched::files(&["file"]);
    let status = watched.harness.package_folder().join("status");
    let ran = watched.harness.serve(|_| {
        fs::remove_dir_all(&status).unwrap();
        Wait::Elapsed
    });
    assert_eq!(ran.exit_code, 73);
}
