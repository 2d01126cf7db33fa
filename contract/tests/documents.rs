//! The documents that a host writes or is given: environment, events, goal state, report.

use hostler_contract::{
    DocumentKind, ExtensionStatus, HandlerEnvironment, HandlerEvent, HandlerName, SequenceNumber, Source,
    StatusDocument, StatusKind, codes,
    event::{EventLevel, is_event_file},
    json::Node,
    report::{
        AggregateStatus, FormattedMessage, GuestAgentStatus, GuestOsInfo, HandlerStatus, Report, RuntimeSettingsStatus,
        SettingsStatus,
    },
    status::timestamp,
};
use time::macros::datetime;

fn environment() -> HandlerEnvironment {
    HandlerEnvironment {
        log_folder: "/l".into(),
        config_folder: "/b/config".into(),
        status_folder: "/b/status".into(),
        heartbeat_file: Some("/b/heartbeat/heartbeat.log".into()),
        events_folder: Some("/l/events".into()),
        data_folder: Some("/d/\u{e9}".into()),
    }
}

#[test]
fn an_environment_is_written_as_the_agent_writes_it() {
    let json = environment().to_agent_json(&HandlerName::parse("Contoso.Hello").unwrap());
    insta::assert_snapshot!(json, @r#"[{"name": "Contoso.Hello", "version": 1.0, "handlerEnvironment": {"logFolder": "/l", "configFolder": "/b/config", "statusFolder": "/b/status", "heartbeatFile": "/b/heartbeat/heartbeat.log", "eventsFolder": "/l/events", "eventsFolder_preview": "/l/events", "dataFolder": "/d/\u00e9"}}]"#);
    let read = HandlerEnvironment::parse(Source::new("HandlerEnvironment.json", json.as_bytes())).unwrap();
    assert_eq!(read.value, environment());
    assert!(read.warnings.is_empty());
}

#[test]
fn an_environment_needs_its_folders() {
    let text = br#"[{"handlerEnvironment": {"logFolder": "/l", "configFolder": 1}}]"#;
    let refused = HandlerEnvironment::parse(Source::new("e.json", text)).unwrap_err();
    let places: Vec<_> = refused.findings().iter().map(|finding| finding.location()).collect();
    let inner = "e.json: $[0].handlerEnvironment";
    assert_eq!(
        places,
        [format!("{inner}.configFolder"), format!("{inner}.statusFolder")]
    );
}

#[test]
fn a_status_is_written_in_the_form_of_the_agent() {
    let status = ExtensionStatus::new(StatusKind::Error, "Enable", 1009, "it \u{2014} failed");
    let json = status.to_json("Contoso.Hello", datetime!(2026-01-31 23:59:58 UTC));
    insta::assert_snapshot!(json, @r#"[{"version": 1.0, "timestampUTC": "2026-01-31T23:59:58Z", "status": {"name": "Contoso.Hello", "operation": "Enable", "status": "error", "code": 1009, "formattedMessage": {"lang": "en-US", "message": "it \u2014 failed"}}}]"#);
    let read = StatusDocument::parse(Source::new("0.status", json.as_bytes())).unwrap();
    assert_eq!(read.value.status(), Some(&status));
    assert_eq!(timestamp(datetime!(2026-01-31 23:59:58 +2)), "2026-01-31T21:59:58Z");
}

fn event() -> HandlerEvent {
    HandlerEvent {
        version: "1.0".into(),
        timestamp: "2026-01-31T23:59:58Z".into(),
        task_name: "Enable".into(),
        level: EventLevel::Informational,
        message: "done".into(),
        pid: "1".into(),
        tid: "2".into(),
        operation_id: "op".into(),
    }
}

#[test]
fn events_are_read_as_they_are_written() {
    for text in [event().to_json(), format!("[{}]", event().to_json())] {
        let read = HandlerEvent::parse_file(Source::new("1.json", text.as_bytes())).unwrap();
        assert_eq!((read.value, read.warnings.len()), (vec![event()], 0));
    }
    let other_case = event()
        .to_json()
        .replace("EventPid\": \"1\"", "eventpid\": 1")
        .replace("\"done\"", "\" done \"");
    let read = HandlerEvent::parse_file(Source::new("1.json", other_case.as_bytes())).unwrap();
    assert_eq!(read.value, [event()]);
}

#[test]
fn events_that_the_agent_drops_are_left_out_with_a_warning() {
    let good = event().to_json();
    // 6147 characters in all: too long only because the version counts, which the agent forgets (quirk 14).
    let big = good
        .replace("\"op\"", &format!("\"{}\"", "o".repeat(6095)))
        .replace("\"1.0\"", "\"1.2.3.4\"");
    for (text, code) in [
        (good.replace("TaskName", "Task"), codes::EVENT_SCHEMA),
        (good.replace("\"Enable\"", "null"), codes::EVENT_SCHEMA),
        (good.replace("\"1\"", "1.5"), codes::EVENT_SCHEMA),
        (good.replace("\"done\"", "\"  \""), codes::EVENT_EMPTY),
        (big, codes::EVENT_SIZE),
        ("1".to_owned(), codes::EVENT_SCHEMA),
    ] {
        let read = HandlerEvent::parse_file(Source::new("1.json", format!("[{text}, {good}]").as_bytes())).unwrap();
        assert_eq!((read.value.len(), read.warnings.len()), (1, 1), "{text}");
        assert_eq!(read.warnings[0].code(), code, "{text}");
    }
    let long = good.replace("\"done\"", &format!("\"{}\"", "m".repeat(5000)));
    let read = HandlerEvent::parse_file(Source::new("1.json", long.as_bytes())).unwrap();
    assert_eq!(read.value[0].message.len(), 3072);
}

#[test]
fn a_file_of_rubbish_does_not_make_a_million_findings() {
    let many = |count: usize| format!("[1{}]", ",1".repeat(count - 1));
    let read = HandlerEvent::parse_file(Source::new("1.json", many(200_000).as_bytes())).unwrap();
    assert_eq!((read.value.len(), read.warnings.len()), (0, 201));
    assert_eq!(read.warnings[200].what(), "199800 more findings are left out");
    let refused = HandlerEvent::parse_file(Source::new("1.json", many(1_000_000).as_bytes())).unwrap_err();
    assert_eq!(refused.first().code(), codes::EVENT_SIZE);
}

#[test]
fn event_files_have_digits_for_a_name() {
    assert!(is_event_file("1700000000.json") && is_event_file("1.JSON"));
    assert!(
        !is_event_file(".json") && !is_event_file("1.json.tmp") && !is_event_file("a1.json") && !is_event_file("1")
    );
}

#[test]
fn a_report_has_the_keys_of_the_agent_in_its_order() {
    let time = timestamp(datetime!(2026-01-31 23:59:58 UTC));
    let mut status = ExtensionStatus::new(StatusKind::Success, "Enable", 0, "done");
    status.code = Node::string("5");
    let report = Report {
        version: Report::<&str, &str>::VERSION,
        timestamp_utc: time.clone(),
        aggregate_status: AggregateStatus {
            guest_agent_status: GuestAgentStatus {
                version: "0.1.0".into(),
                status: "Ready".into(),
                formatted_message: FormattedMessage::new(Some("running".into())),
            },
            handler_aggregate_status: vec![HandlerStatus {
                handler_version: "1.0".into(),
                handler_name: HandlerName::parse("A.B").unwrap(),
                status: "Ready".into(),
                code: 0,
                use_exact_version: true,
                formatted_message: None,
                runtime_settings_status: Some(RuntimeSettingsStatus {
                    settings_status: SettingsStatus::new("A.B", Some(&status), time),
                    sequence_number: SequenceNumber::default(),
                    extension_name: None,
                }),
                hostler: Some("more"),
            }],
            vm_artifacts_aggregate_status: None,
        },
        guest_os_info: GuestOsInfo::default(),
        supported_features: Vec::new(),
        hostler: Some("more of the whole"),
    };
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r#"
    {
      "version": "1.1",
      "timestampUTC": "2026-01-31T23:59:58Z",
      "aggregateStatus": {
        "guestAgentStatus": {
          "version": "0.1.0",
          "status": "Ready",
          "formattedMessage": {
            "lang": "en-US",
            "message": "running"
          }
        },
        "handlerAggregateStatus": [
          {
            "handlerVersion": "1.0",
            "handlerName": "A.B",
            "status": "Ready",
            "code": 0,
            "useExactVersion": true,
            "runtimeSettingsStatus": {
              "settingsStatus": {
                "status": {
                  "name": "A.B",
                  "configurationAppliedTime": null,
                  "operation": "Enable",
                  "status": "success",
                  "code": "5",
                  "formattedMessage": {
                    "lang": "en-US",
                    "message": "done"
                  }
                },
                "version": 1.0,
                "timestampUTC": "2026-01-31T23:59:58Z"
              },
              "sequenceNumber": 0
            },
            "hostler": "more"
          }
        ]
      },
      "guestOSInfo": {
        "computerName": "",
        "osName": "",
        "osVersion": "",
        "version": ""
      },
      "supportedFeatures": [],
      "hostler": "more of the whole"
    }
    "#);
}

#[test]
fn kinds_are_guessed_from_names() {
    for kind in DocumentKind::ALL {
        assert_eq!(DocumentKind::from_name(kind.name()), Some(kind));
    }
    for (file, kind) in [
        ("HandlerManifest.json", Some(DocumentKind::HandlerManifest)),
        ("HandlerEnvironment.json", Some(DocumentKind::HandlerEnvironment)),
        ("0.settings", Some(DocumentKind::Settings)),
        ("Ext.0.status", Some(DocumentKind::Status)),
        ("heartbeat.log", Some(DocumentKind::Heartbeat)),
        ("VmSettings.json", Some(DocumentKind::VmSettings)),
        ("manifest.xml", Some(DocumentKind::VersionManifest)),
        ("readme.txt", None),
    ] {
        assert_eq!(DocumentKind::guess(file), kind, "{file}");
    }
}
