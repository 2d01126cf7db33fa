//! Every document that the SDK or its harness writes is read by the contract's own reader without a word of complaint.

use hostler_contract::{DocumentKind, HandlerEvent, Source, check};
use hostler_sdk::{
    Command, Context, Failure, Handler, Heartbeat, Level, NoSettings, StatusKind, Substatus, Success, harness::Harness,
};

/// Writes one of each.
#[derive(Default)]
struct Talkative;

impl Handler for Talkative {
    type Settings = NoSettings;

    fn enable(&self, context: &mut Context, _: NoSettings) -> Result<Success, Failure> {
        context.substatus(Substatus::new("part", StatusKind::Warning, "\u{202e}odd\n\"text\"").with_code(-4));
        context.transitioning("working")?;
        context.heartbeat(Heartbeat::NotReady, "waiting")?;
        context.event(Level::Verbose, "talk", "told")?;
        Ok("done".into())
    }
}

#[test]
fn the_contracts_readers_have_nothing_to_say() {
    let mut harness = Harness::<Talkative>::new();
    assert_eq!(harness.with_settings("{}").run(Command::Enable).exit_code, 0);
    let base = harness.package_folder();
    for (kind, file) in [
        (DocumentKind::HandlerEnvironment, base.join("HandlerEnvironment.json")),
        (DocumentKind::Settings, base.join("config/1.settings")),
        (DocumentKind::Status, base.join("status/1.status")),
        (DocumentKind::Heartbeat, harness.heartbeat_file()),
    ] {
        let text = std::fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert_eq!(check(kind, Source::new(name, &text)), [], "{name}");
    }
    let events: Vec<_> = std::fs::read_dir(harness.log_folder().join("events"))
        .unwrap()
        .collect();
    let event = events[0].as_ref().unwrap();
    let text = std::fs::read(event.path()).unwrap();
    let read = HandlerEvent::parse_file(Source::new(event.file_name().to_str().unwrap(), &text)).unwrap();
    assert_eq!((read.value.len(), read.warnings), (1, vec![]));
}
