//! What handlers can put in their events folders, and what becomes of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::line::Line;
use super::log::EventLog;
use super::*;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

struct Place {
    _folder: tempfile::TempDir,
    root: Root,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(&folder.path().join("root")).unwrap();
        Self { _folder: folder, root }
    }

    fn events(&self, handler: &str) -> PathBuf {
        let path = self.root.path().join("logs").join(handler).join("events");
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn kept(&self) -> String {
        fs::read_to_string(self.root.path().join("report/events.jsonl")).unwrap_or_default()
    }
}

fn event(message: &str) -> String {
    format!(
        r#"{{"Version": "1.0", "Timestamp": "2020-01-01T00:00:00Z", "TaskName": "task", "EventLevel": "Error",
            "Message": "{message}", "EventPid": 7, "EventTid": "8", "OperationId": "op"}}"#
    )
}

fn is_empty(path: &Path) -> bool {
    fs::read_dir(path).unwrap().next().is_none()
}

#[test]
fn a_line_has_the_names_that_the_agent_sends() {
    let place = Place::new();
    fs::write(
        place.events("A.B").join("1.json"),
        event("see https://a/b?sig=secret&x=1"),
    )
    .unwrap();
    let collected = collect_events(&place.root, NOW).unwrap();
    assert_eq!(
        (collected.events, collected.dropped.len(), collected.failed.len()),
        (1, 0, 0)
    );
    insta::assert_snapshot!(place.kept(), @r#"{"collected": "1970-01-01T00:00:00Z", "handler": "A.B", "providerId": "FFF0196F-EE4C-4EAF-9AA5-776F622DEB4F", "eventId": 7, "EventName": "A.B-1.0", "CapabilityUsed": "Error", "TaskName": "task", "Context1": "see https://a/b?<redacted>", "Context2": "2020-01-01T00:00:00Z", "Context3": "op", "EventPid": "7", "EventTid": "8"}"#);
    assert!(is_empty(&place.events("A.B")));
    let mode = fs::metadata(place.root.path().join("report/events.jsonl"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

/// Contract 9.5: the last by name first, and no more than 360.
#[test]
fn the_newest_come_first_and_no_more_than_are_taken() {
    let place = Place::new();
    let folder = place.events("A.B");
    let many = vec![event("many"); 359].join(",");
    fs::write(folder.join("3.json"), format!("[{many}]")).unwrap();
    fs::write(folder.join("2.JSON"), format!("[{}, {}]", event("last"), event("over"))).unwrap();
    fs::write(folder.join("1.json"), event("never")).unwrap();
    // Another handler has its own number.
    fs::write(place.events("C.D").join("1.json"), event("other")).unwrap();
    let collected = collect_events(&place.root, NOW).unwrap();
    assert_eq!(collected.events, 361);
    assert_eq!(
        collected.dropped,
        BTreeMap::from([(hostler_contract::codes::EVENT_LIMIT, 2)])
    );
    let kept = place.kept();
    assert!(kept.contains("last") && kept.contains("other") && !kept.contains("over") && !kept.contains("never"));
    assert!(is_empty(&folder));
}

/// Whatever a handler puts there: nothing of it is followed, and it goes.
#[test]
fn what_is_no_event_file_is_dropped_and_removed() {
    let place = Place::new();
    let folder = place.events("A.B");
    let outside = place.root.path().join("outside.json");
    fs::write(&outside, event("outside")).unwrap();
    symlink(&outside, folder.join("1.json")).unwrap();
    fs::create_dir_all(folder.join("2.json/deep/er")).unwrap();
    fs::write(folder.join("2.json/deep/3.json"), event("deep")).unwrap();
    let pipe = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(CWD, folder.join("4.json"), pipe, Mode::RWXU, 0).unwrap();
    fs::write(folder.join("5.txt"), event("text")).unwrap();
    fs::write(folder.join("a6.json"), event("name")).unwrap();
    fs::write(folder.join("7.json"), vec![b' '; (4 << 20) + 1]).unwrap();
    fs::write(folder.join("8.json"), "{").unwrap();
    fs::write(folder.join("9.json"), r#"{"Version": "1.0"}"#).unwrap();
    fs::write(folder.join("10.json"), event(" ")).unwrap();
    fs::write(folder.join("11.json"), event("good")).unwrap();
    let collected = collect_events(&place.root, NOW).unwrap();
    assert_eq!(collected.events, 1);
    insta::assert_snapshot!(place.kept().lines().last().unwrap(), @r#"{"collected": "1970-01-01T00:00:00Z", "handler": "A.B", "dropped": [{"code": "event.empty", "count": 1}, {"code": "event.file", "count": 5}, {"code": "event.json", "count": 1}, {"code": "event.schema", "count": 1}, {"code": "event.size", "count": 1}]}"#);
    assert!(is_empty(&folder));
    assert!(outside.exists());
}

#[test]
fn a_folder_that_is_none_is_left() {
    let place = Place::new();
    let log = place.events("A.B").parent().unwrap().to_owned();
    fs::remove_dir(log.join("events")).unwrap();
    let outside = place.root.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("1.json"), event("outside")).unwrap();
    symlink(&outside, log.join("events")).unwrap();
    fs::create_dir_all(place.root.path().join("logs/no-handler/events")).unwrap();
    let collected = collect_events(&place.root, NOW).unwrap();
    assert_eq!(
        (collected.events, collected.dropped.len(), collected.failed.len()),
        (0, 0, 0)
    );
    assert!(outside.join("1.json").exists() && place.kept().is_empty());
}

#[test]
fn the_file_is_put_aside_when_it_is_full() {
    let place = Place::new();
    let lines = |text: &str| vec![Line(format!("{text}\n")); 3];
    let append = |text: &str| EventLog::with_bound(&place.root, 20).append(&lines(text)).unwrap();
    let read = |name: &str| fs::read_to_string(place.root.path().join("report").join(name)).unwrap_or_default();
    append("aaaa");
    assert_eq!(
        (read("events.jsonl"), read("events.1.jsonl")),
        ("aaaa\n".repeat(3), String::new())
    );
    append("bbbb");
    assert_eq!(read("events.1.jsonl"), "aaaa\naaaa\naaaa\nbbbb\n");
    assert_eq!(read("events.jsonl"), "bbbb\nbbbb\n");
    // A host that was stopped in a line.
    fs::write(place.root.path().join("report/events.jsonl"), "half").unwrap();
    append("c");
    assert_eq!(read("events.jsonl"), "half\nc\nc\nc\n");
}
