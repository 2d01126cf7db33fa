//! A handler in the middle of its life, as a test lays it out.

use std::time::{Duration, SystemTime};

use hostler_sdk::{
    Command, Context, Departure, Failure, Handler, StatusKind, Success,
    harness::{Harness, History},
};
use serde::Deserialize;

/// Tells what it finds.
#[derive(Default)]
struct Historian;

#[derive(Deserialize)]
struct Settings {
    name: String,
}

impl Handler for Historian {
    type Settings = Settings;

    fn enable(&self, context: &mut Context, settings: Settings) -> Result<Success, Failure> {
        context.info("greeting");
        let cursor = context.state("cursor")?.unwrap_or_default();
        Ok(Success::new(format!(
            "{}, {}, {:?}",
            settings.name,
            String::from_utf8_lossy(&cursor),
            context.arrival()
        )))
    }

    fn update(&self, context: &mut Context) -> Result<(), Failure> {
        let version = context.previous_version().unwrap_or("nothing").to_owned();
        let moved = std::fs::read(context.data_folder().join("old/log"))?;
        context.keep_state("cursor", &[version.as_bytes(), b":", &moved].concat())
    }

    fn uninstall(&self, context: &mut Context) -> Result<(), Failure> {
        match context.departure() {
            Departure::ReplacedBy(version) => Err(Failure::new(version.clone())),
            Departure::ForGood => Ok(()),
        }
    }
}

fn past() -> History {
    History::new()
        .settings(3, r#"{"name": "Ada"}"#)
        .settings(4, r#"{"name": "Grace"}"#)
        .status(3, StatusKind::Success, "done")
        .status(4, StatusKind::Error, "not done")
        .carried_out(3)
        .state("cursor", "17")
}

#[test]
fn settings_arrive_as_newer_again_or_older() {
    for (number, arrival) in [(3, "Again"), (4, "Newer { last: "), (2, "Older { last: ")] {
        let mut harness = Harness::<Historian>::new();
        harness
            .with_history(&past())
            .with_settings_numbered(number, r#"{"name": "Linus"}"#);
        let message = harness.run(Command::Enable).status.unwrap().message.message;
        assert!(message.starts_with(&format!("Linus, 17, {arrival}")), "{message}");
    }
}

#[test]
fn earlier_settings_and_statuses_lie_beside_those_of_the_command() {
    let mut harness = Harness::<Historian>::new();
    harness.with_history(&past());
    let read = |name: &str| std::fs::read_to_string(harness.package_folder().join(name)).unwrap();
    assert!(read("config/3.settings").contains("Ada") && read("config/4.settings").contains("Grace"));
    assert!(read("status/4.status").contains("not done"));
    // What the commands are to do is not among what was.
    assert_eq!(harness.status(), None);
}

#[test]
fn each_extension_of_several_has_a_past_of_its_own() {
    let mut harness = Harness::<Historian>::new();
    harness.with_extension("web").with_history(&past());
    harness.with_settings_numbered(3, r#"{"name": "Ada"}"#);
    assert_eq!(
        harness.run(Command::Enable).status.unwrap().message.message,
        "Ada, 17, Again"
    );
    harness
        .with_extension("db")
        .with_settings_numbered(3, r#"{"name": "Ada"}"#);
    assert_eq!(
        harness.run(Command::Enable).status.unwrap().message.message,
        "Ada, , First"
    );
}

#[test]
fn an_update_finds_what_the_earlier_version_left() {
    let mut harness = Harness::<Historian>::new();
    harness.with_history(&past().updated_from("0.9").data_file("old/log", "lines"));
    let ran = harness.run(Command::Update);
    assert_eq!((ran.exit_code, &*ran.files["cursor"]), (0, "0.9:lines"), "{ran:?}");
}

#[test]
fn an_uninstall_knows_who_takes_over() {
    let mut harness = Harness::<Historian>::new();
    assert_eq!(harness.run(Command::Uninstall).exit_code, 0);
    harness.with_history(&past().replaced_by("2.0"));
    assert_eq!(harness.run(Command::Uninstall).failure.as_deref(), Some("2.0"));
}

#[test]
fn the_clock_stands_where_the_test_wants_it() {
    let mut harness = Harness::<Historian>::new();
    harness.with_settings(r#"{"name": "Ada"}"#);
    for (seconds, written) in [(0, "1970-01-01T00:00:00Z"), (4_102_444_800, "2100-01-01T00:00:00Z")] {
        harness.with_time(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let ran = harness.run(Command::Enable);
        assert_eq!(ran.exit_code, 0);
        assert!(ran.log.lines().last().unwrap().starts_with(written), "{}", ran.log);
    }
    // Only what is run by it has that clock.
    assert!(hostler_sdk::utc(hostler_sdk::now()) < "2100-01-01".to_owned());
}
