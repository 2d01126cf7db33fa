//! HB-02 and HB-05: heartbeat files.

use hostler_contract::{
    Heartbeat, Source, codes,
    heartbeat::{HeartbeatMessage, MAX_HEARTBEAT_BYTES},
};

use crate::{Outcome, assert_outcome, findings};

fn heartbeat(inner: &str) -> String {
    format!("[{{\"version\": 1.0, \"heartbeat\": {{{inner}}}}}]")
}

fn parse(text: &[u8]) -> Result<hostler_contract::Checked<Heartbeat>, hostler_contract::Refused> {
    Heartbeat::parse(Source::new("heartbeat.log", text))
}

#[test]
fn hb_02_malformed_files_are_refused() {
    let large = vec![b' '; MAX_HEARTBEAT_BYTES + 1];
    let place = "heartbeat.log: $[0].heartbeat";
    let schema = Outcome::Refuse(codes::HEARTBEAT_SCHEMA, place);
    let table: Vec<(&str, Vec<u8>, Outcome)> = vec![
        (
            "HB-02 text",
            b"alive".to_vec(),
            Outcome::Refuse(codes::HEARTBEAT_JSON, "heartbeat.log:1:1"),
        ),
        (
            "HB-02 large",
            large,
            Outcome::Refuse(codes::HEARTBEAT_SIZE, "heartbeat.log"),
        ),
        (
            "HB-02 deep",
            vec![b'['; 1000],
            Outcome::Refuse(codes::HEARTBEAT_DEPTH, "heartbeat.log:1:33"),
        ),
        (
            "HB-02 bytes",
            b"\xff".to_vec(),
            Outcome::Refuse(codes::HEARTBEAT_ENCODING, "heartbeat.log:1:1"),
        ),
        ("HB-02 object", b"{}".to_vec(), schema),
        ("HB-02 empty", b"[]".to_vec(), schema),
        ("HB-02 null", b"[null]".to_vec(), schema),
        ("HB-02 list", b"[{\"heartbeat\": []}]".to_vec(), schema),
        (
            "HB-02 lang",
            heartbeat("\"status\": \"ready\", \"formattedMessage\": {\"message\": \"\"}").into_bytes(),
            schema,
        ),
        (
            "HB-02 number",
            heartbeat("\"status\": \"ready\", \"formattedMessage\": {\"lang\": \"\", \"message\": 1}").into_bytes(),
            schema,
        ),
    ];
    for (case, bytes, outcome) in table {
        assert_outcome(case, &findings(parse(&bytes)), outcome);
    }
}

#[test]
fn hb_05_two_words_pass_in_any_case() {
    for (word, reported) in [
        ("\"ready\"", "ready"),
        ("\"Ready\"", "Ready"),
        ("\"READY\"", "READY"),
        ("\"notready\"", "notready"),
        ("\"NotReady\"", "NotReady"),
    ] {
        let checked = parse(heartbeat(&format!("\"status\": {word}, \"code\": 7")).as_bytes()).unwrap();
        assert_eq!(checked.value.state.reported(), reported, "HB-05");
        assert!(checked.warnings.is_empty(), "HB-05 {word}");
    }
    for word in ["\"foo\"", "\" ready\"", "1", "null"] {
        let text = heartbeat(&format!("\"status\": {word}"));
        let outcome = Outcome::Warn(codes::HEARTBEAT_VALUE, "heartbeat.log: $[0].heartbeat.status");
        assert_outcome("HB-05", &findings(parse(text.as_bytes())), outcome);
        assert_eq!(
            parse(text.as_bytes()).unwrap().value.state.reported(),
            "NotReady",
            "HB-05 {word}"
        );
    }
    let warnings = parse(heartbeat("\"status\": \"Banana\"").as_bytes()).unwrap().warnings;
    insta::assert_snapshot!(warnings[0], @"heartbeat.log: $[0].heartbeat.status: the heartbeat says `Banana`, which counts as not ready [heartbeat.value]; write `ready` or `notready`");
}

#[test]
fn only_a_formatted_message_replaces_the_message() {
    let message = |inner: &str| parse(heartbeat(inner).as_bytes()).unwrap().value.message;
    assert_eq!(
        message("\"status\": \"ready\", \"Message\": \"x\""),
        HeartbeatMessage::Unchanged
    );
    let null = "\"status\": \"ready\", \"formattedMessage\": {\"lang\": \"\", \"message\": null}";
    assert_eq!(message(null), HeartbeatMessage::Replaced(None));
    let text = "\"status\": \"ready\", \"formattedMessage\": {\"lang\": \"\", \"message\": \"x\"}";
    assert_eq!(message(text), HeartbeatMessage::Replaced(Some("x".to_owned())));
}
