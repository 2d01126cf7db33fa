//! Commands from start to end: whatever a handler does, its last word is a final status, an exit code and a log line.

use hostler_sdk::{
    Arrival, Command, Context, EarlierExit, Failure, Handler, Heartbeat, Level, NoSettings, SequenceNumber, StatusKind,
    Substatus, Success, harness::Harness,
};
use serde::Deserialize;

/// Does what its settings say.
#[derive(Default)]
struct Obedient;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Succeed,
    Fail,
    FailAsSuccess,
    Panic,
    LeaveTransitioning,
    Event,
    Heartbeat,
}

#[derive(Deserialize)]
struct Settings {
    order: Order,
}

impl Handler for Obedient {
    type Settings = Settings;

    fn enable(&self, context: &mut Context, settings: Settings) -> Result<Success, Failure> {
        let arrival = context.arrival();
        context.info(&format!("{arrival:?}"));
        context.substatus(Substatus::new("part", StatusKind::Warning, "half").with_code(4));
        match settings.order {
            Order::Succeed => {}
            Order::Fail => return Err(Failure::new("as told").with_exit_code(51)),
            Order::FailAsSuccess => return Err(Failure::new("as told").with_exit_code(0)),
            Order::Panic => panic!("as told"),
            Order::LeaveTransitioning => {
                context.transitioning("working")?;
                return Err(std::io::Error::other("interrupted").into());
            }
            Order::Event => context.event(Level::Warning, "obey", "as told")?,
            Order::Heartbeat => context.heartbeat(Heartbeat::Ready, "as told")?,
        }
        Ok(().into())
    }

    fn install(&self, _: &mut Context) -> Result<(), Failure> {
        Err(Failure::new("no room").with_exit_code(9))
    }

    fn update(&self, context: &mut Context) -> Result<(), Failure> {
        assert_eq!(context.previous_version(), Some("0.9"));
        assert_eq!(context.disable_exit(), EarlierExit::Code(1011));
        assert_eq!(context.uninstall_exit(), EarlierExit::NotRun);
        Ok(())
    }

    fn uninstall(&self, context: &mut Context) -> Result<(), Failure> {
        context.transitioning("removing")?;
        panic!("{}", "halfway".to_owned())
    }
}

fn number(number: u32) -> SequenceNumber {
    SequenceNumber::new(number).expect("the numbers here are small")
}

fn order(word: &str) -> String {
    format!(r#"{{"order": "{word}"}}"#)
}

#[test]
fn success_is_told_and_recorded() {
    let mut harness = Harness::<Obedient>::new();
    let ran = harness.with_settings(order("succeed")).run(Command::Enable);
    assert_eq!((ran.exit_code, ran.failure), (0, None));
    let status = ran.status.unwrap();
    assert_eq!((status.kind, status.code), (StatusKind::Success, 0));
    assert_eq!((&*status.operation, status.substatus[0].code), ("enable", 4));
    assert_eq!(ran.files["mrseq"], "1");
}

#[test]
fn every_way_of_failing_ends_in_an_error_status_with_its_parts() {
    let table = [
        (order("fail"), 51, "as told", 1),
        (order("fail-as-success"), 1, "as told", 1),
        (order("panic"), 134, "the handler panicked: as told", 1),
        (order("leave-transitioning"), 1, "interrupted", 1),
        (
            order("dance"),
            65,
            "public settings: $.order: unknown variant `dance`, expected one of `succeed`, `fail`, `fail-as-success`, `panic`, \
             `leave-transitioning`, `event`, `heartbeat` at line 1 column 17",
            0,
        ),
    ];
    let mut harness = Harness::<Obedient>::new();
    for (settings, exit_code, message, parts) in table {
        let ran = harness.with_settings(settings).run(Command::Enable);
        assert_eq!((ran.exit_code, ran.failure.as_deref()), (exit_code, Some(message)));
        let status = ran.status.unwrap();
        assert_eq!((status.kind, status.code), (StatusKind::Error, i32::from(exit_code)));
        assert_eq!((&*status.message.message, status.substatus.len()), (message, parts));
        assert!(ran.log.ends_with(&format!("] {message}\n")), "{}", ran.log);
        assert_eq!(ran.files.get("mrseq"), None, "{message}");
    }
}

#[test]
fn settings_files_that_cannot_be_used_end_in_an_error_status() {
    let table = [
        (&b""[..], "3.settings: EOF while parsing a value"),
        (b"not json", "3.settings: expected ident"),
        (b"{}", "3.settings: missing field `runtimeSettings`"),
        (
            br#"{"runtimeSettings": []}"#,
            "the goal state has no settings, and this handler needs them",
        ),
        (b"\xff\xfe", "3.settings: expected value"),
    ];
    for (text, message) in table {
        let ran = Harness::<Obedient>::new()
            .with_settings_file(3, text)
            .run(Command::Enable);
        let status = ran.status.unwrap();
        assert_eq!((ran.exit_code, status.kind), (65, StatusKind::Error));
        assert!(status.message.message.contains(message), "{}", status.message.message);
    }
}

#[test]
fn a_goal_state_without_settings() {
    let ran = Harness::<Obedient>::new().run(Command::Enable);
    assert_eq!(ran.exit_code, 65);
    assert!(
        ran.failure
            .unwrap()
            .starts_with("the goal state has no settings, and this handler needs them: missing")
    );

    #[derive(Default)]
    struct Undemanding;
    impl Handler for Undemanding {
        type Settings = NoSettings;
        fn enable(&self, context: &mut Context, _: NoSettings) -> Result<Success, Failure> {
            assert!(context.raw_settings()?.is_none());
            Ok("nothing asked, nothing done".into())
        }
    }
    let ran = Harness::<Undemanding>::new().run(Command::Enable);
    assert_eq!(ran.exit_code, 0);
    assert_eq!(ran.status.unwrap().message.message, "nothing asked, nothing done");
}

#[test]
fn arrival_counts_only_what_ended_well() {
    let mut harness = Harness::<Obedient>::new();
    let table = [
        (5, "fail", Arrival::First),
        (5, "panic", Arrival::First),
        (5, "succeed", Arrival::First),
        (5, "succeed", Arrival::Again),
        (7, "fail", Arrival::Newer { last: number(5) }),
        (7, "succeed", Arrival::Newer { last: number(5) }),
        (2, "succeed", Arrival::Older { last: number(7) }),
        (3, "succeed", Arrival::Newer { last: number(2) }),
    ];
    for (number, word, arrival) in table {
        let ran = harness.with_settings_numbered(number, order(word)).run(Command::Enable);
        let line = ran.log.lines().rfind(|line| line.contains("Informational")).unwrap();
        assert!(line.ends_with(&format!("[enable {number}] {arrival:?}")), "{line}");
    }
}

#[test]
fn each_extension_has_its_own_settings_status_log_and_number() {
    let mut harness = Harness::<Obedient>::new();
    harness.with_settings_numbered(4, order("succeed")).run(Command::Enable);
    harness
        .with_extension("web")
        .with_settings_numbered(4, order("succeed"));
    let ran = harness.run(Command::Enable);
    assert_eq!(ran.status.unwrap().name, "web");
    assert_eq!(ran.log.lines().count(), 1);
    assert!(ran.log.ends_with("First\n"), "{}", ran.log);
    assert_eq!((&*ran.files["mrseq"], &*ran.files["web.mrseq"]), ("4", "4"));
}

#[test]
fn the_other_commands_write_a_status_only_when_they_fail() {
    let mut harness = Harness::<Obedient>::new();
    harness
        .with_variable("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "0.9")
        .with_variable("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", "1011")
        .with_variable("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", "NOT_RUN");
    for command in [Command::Disable, Command::Update] {
        let ran = harness.run(command);
        assert_eq!((ran.exit_code, ran.status), (0, None), "{command}");
    }
    for (command, exit_code, message) in [
        (Command::Install, 9, "no room"),
        (Command::Uninstall, 134, "the handler panicked: halfway"),
    ] {
        let ran = harness.run(command);
        let status = ran.status.unwrap();
        assert_eq!((ran.exit_code, status.kind), (exit_code, StatusKind::Error));
        assert_eq!(
            (&*status.operation, &*status.message.message),
            (command.name(), message)
        );
    }
}

#[test]
fn events_and_heartbeats_lie_where_the_agent_looks() {
    let mut harness = Harness::<Obedient>::new();
    assert_eq!(harness.with_settings(order("event")).run(Command::Enable).exit_code, 0);
    let events: Vec<_> = std::fs::read_dir(harness.log_folder().join("events"))
        .unwrap()
        .collect();
    assert_eq!(events.len(), 1);
    assert_eq!(
        harness.with_settings(order("heartbeat")).run(Command::Enable).exit_code,
        0
    );
    let heartbeat = std::fs::read_to_string(harness.heartbeat_file()).unwrap();
    assert!(heartbeat.contains(r#""status":"ready""#), "{heartbeat}");
}

#[test]
fn a_number_that_is_none_is_refused() {
    let mut harness = Harness::<Obedient>::new();
    for (text, message) in [
        (
            "",
            "ConfigSequenceNumber is not set; the agent sets it for every command",
        ),
        (
            "-1",
            "ConfigSequenceNumber: `-1` is not a sequence number; write a decimal number from 0 to 2147483647 without \
             sign, blanks or leading zeros",
        ),
    ] {
        let ran = harness.with_variable("ConfigSequenceNumber", text).run(Command::Enable);
        assert_eq!((ran.exit_code, ran.failure.as_deref()), (66, Some(message)));
    }
    let ran = harness
        .with_settings(order("succeed"))
        .with_variable("ConfigSequenceNumber", "1")
        .with_variable("ConfigExtensionName", "../evil")
        .run(Command::Enable);
    assert_eq!(ran.exit_code, 66);
    assert!(
        ran.failure
            .unwrap()
            .starts_with("ConfigExtensionName: `../evil` is not an extension name")
    );
    harness.with_variable("ConfigExtensionName", "");
    // The agent tolerates blanks around it (contract 4.3).
    harness
        .with_settings(order("succeed"))
        .with_variable("ConfigSequenceNumber", " 1 ");
    assert_eq!(harness.run(Command::Enable).exit_code, 0);
}

#[test]
fn a_status_that_cannot_be_written_is_a_failure() {
    let mut harness = Harness::<Obedient>::new();
    harness.with_settings(order("succeed"));
    std::fs::create_dir(harness.package_folder().join("status/1.status")).unwrap();
    let ran = harness.run(Command::Enable);
    assert_eq!(ran.exit_code, 73);
    assert!(ran.failure.unwrap().starts_with("the status could not be written: "));
}
