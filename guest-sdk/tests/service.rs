//! A service from start to end: what it is started with, what it tells, and how it ends.

use std::time::Duration;

use hostler_sdk::{
    Command, Context, Failure, Handler, Heartbeat, Level, NoSettings, Service, StatusKind, Substatus, Success, Wait,
    harness::{Harness, Turn},
};
use serde::Deserialize;

/// Does what its settings say, once, and then waits.
#[derive(Default)]
struct Obedient;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Tell,
    Fail,
    Panic,
    Remember,
    Ignore,
    Return,
}

#[derive(Deserialize)]
struct Settings {
    order: Order,
}

impl Handler for Obedient {
    type Settings = Settings;

    fn enable(&self, context: &mut Context, _: Settings) -> Result<Success, Failure> {
        context.substatus(Substatus::new("enabled", StatusKind::Success, "yes"));
        Ok("enabled".into())
    }

    fn service(&self, service: &mut Service<'_>, settings: Settings) -> Result<(), Failure> {
        service.info(&format!("started for {}", service.sequence_number()));
        match settings.order {
            Order::Tell => {
                service.heartbeat(Heartbeat::Ready, "alive")?;
                service.event(Level::Informational, "obey", "as told")?;
                service.substatus(Substatus::new("part", StatusKind::Warning, "half"));
                service.status(StatusKind::Success, "running")?;
            }
            Order::Fail => return Err(Failure::new("as told").with_exit_code(51)),
            Order::Panic => panic!("as told"),
            Order::Remember => {
                let runs = service.state("runs")?.map_or(0, |bytes| bytes.len());
                service.keep_state("runs", &vec![b'x'; runs + 1])?;
            }
            Order::Ignore => {
                while !service.is_stopping() {
                    service.wait(Duration::from_secs(1));
                }
                loop {
                    service.wait(Duration::from_secs(1));
                }
            }
            Order::Return => return Ok(()),
        }
        while service.wait(Duration::from_secs(7)) == Wait::Elapsed {}
        Ok(())
    }
}

fn order(word: &str) -> String {
    format!(r#"{{"order": "{word}"}}"#)
}

fn with(word: &str) -> Harness<Obedient> {
    let mut harness = Harness::<Obedient>::new();
    harness.with_settings_numbered(4, order(word));
    harness
}

#[test]
fn what_it_tells_stands_in_place_of_what_enable_told() {
    let harness = with("tell");
    let enabled = harness.run(Command::Enable).status.unwrap();
    let mut turns = Vec::new();
    let ran = harness.serve(|turn| {
        let status = harness.status().unwrap();
        assert_eq!(
            (status.kind, &*status.message.message),
            (StatusKind::Success, "running")
        );
        turns.push(turn);
        match turn.number {
            3 => Wait::Stop,
            _ => Wait::Elapsed,
        }
    });
    assert_eq!((ran.exit_code, ran.failure), (0, None));
    let time = Duration::from_secs(7);
    assert_eq!(turns, [1, 2, 3].map(|number| Turn { number, time }));
    let status = ran.status.unwrap();
    assert_eq!(status.operation, "service");
    assert_eq!(status.configuration_applied_time, enabled.configuration_applied_time);
    let parts: Vec<_> = status.substatus.iter().map(|part| &*part.name).collect();
    assert_eq!(parts, ["part"]);
    assert!(ran.log.ends_with("[service 4] started for 4\n"), "{}", ran.log);
    assert!(harness.heartbeat_file().exists());
    let events = std::fs::read_dir(harness.log_folder().join("events")).unwrap();
    assert_eq!(events.count(), 1);
}

#[test]
fn every_way_of_failing_ends_in_an_error_status() {
    let table = [
        (order("fail"), 51, "as told"),
        (order("panic"), 134, "the handler panicked: as told"),
        (
            order("ignore"),
            134,
            "the handler panicked: the service goes on after it was told to stop",
        ),
        (
            "{}".to_owned(),
            65,
            "public settings: missing field `order` at line 1 column 2",
        ),
    ];
    let mut harness = Harness::<Obedient>::new();
    for (settings, exit_code, message) in table {
        let ran = harness.with_settings(settings).serve_turns(1);
        assert_eq!((ran.exit_code, ran.failure.as_deref()), (exit_code, Some(message)));
        let status = ran.status.unwrap();
        assert_eq!((status.kind, status.code), (StatusKind::Error, i32::from(exit_code)));
        assert_eq!((&*status.operation, &*status.message.message), ("service", message));
        assert!(ran.log.ends_with(&format!("] {message}\n")), "{}", ran.log);
    }
}

#[test]
fn it_may_end_of_itself_and_writes_no_status_unless_it_does() {
    let ran = with("return").serve(|turn| panic!("{turn:?}"));
    assert_eq!((ran.exit_code, ran.status), (0, None));
}

#[test]
fn state_is_kept_from_one_run_to_the_next_for_each_extension() {
    let mut harness = with("remember");
    harness.serve_turns(1);
    assert_eq!(harness.serve_turns(2).files["runs"], "xx");
    harness.with_extension("web").with_settings(order("remember"));
    let files = harness.serve_turns(1).files;
    assert_eq!((&*files["runs"], &*files["web.runs"]), ("xx", "x"));
    // What a power cut leaves.
    std::fs::write(harness.data_folder().join("web.runs"), "").unwrap();
    assert_eq!(harness.serve_turns(1).files["web.runs"], "x");
}

#[test]
fn the_name_of_state_leads_nowhere_else() {
    #[derive(Default)]
    struct Climber;
    impl Handler for Climber {
        type Settings = NoSettings;
        fn enable(&self, _: &mut Context, _: NoSettings) -> Result<Success, Failure> {
            Ok(().into())
        }
        fn service(&self, service: &mut Service<'_>, _: NoSettings) -> Result<(), Failure> {
            for name in ["", ".", "..", "a/b", "/a", "../a", "a/"] {
                assert!(service.state(name).is_err(), "{name}");
                assert!(service.keep_state(name, b"x").is_err(), "{name}");
            }
            Ok(())
        }
    }
    assert_eq!(Harness::<Climber>::new().serve_turns(1).failure, None);
}

#[test]
#[should_panic(expected = "the test's own")]
fn what_a_test_panics_with_is_no_panic_of_the_handler() {
    with("tell").serve(|_| panic!("the test's own"));
}

#[test]
fn a_handler_without_one_says_so() {
    #[derive(Default)]
    struct Brief;
    impl Handler for Brief {
        type Settings = NoSettings;
        fn enable(&self, _: &mut Context, _: NoSettings) -> Result<Success, Failure> {
            Ok(().into())
        }
    }
    let ran = Harness::<Brief>::new().serve_turns(1);
    assert_eq!(ran.exit_code, 64);
    assert_eq!(
        ran.failure.as_deref(),
        Some("this handler has no service; its manifest should name no `serviceCommand`")
    );
    assert_eq!(ran.status.unwrap().kind, StatusKind::Error);
}
