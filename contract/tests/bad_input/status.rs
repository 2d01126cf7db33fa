//! STA-01 to STA-07, STA-13 to STA-15, STA-21: status files.

use hostler_contract::{ExtensionStatus, Source, StatusDocument, StatusKind, codes, json::Node};

use crate::{Outcome, assert_outcome, findings};

const SCHEMA: hostler_contract::Code = codes::STATUS_SCHEMA;

fn parse(text: &[u8]) -> Result<hostler_contract::Checked<StatusDocument>, hostler_contract::Refused> {
    StatusDocument::parse(Source::new("0.status", text))
}

fn status(inner: &str) -> String {
    format!("[{{\"version\": 1.0, \"status\": {{{inner}}}}}]")
}

fn read(inner: &str) -> ExtensionStatus {
    match parse(status(inner).as_bytes()).unwrap().value {
        StatusDocument::Status(status) => *status,
        StatusDocument::Nothing => panic!("nothing to say"),
    }
}

#[test]
fn documents() {
    let deep = "[".repeat(1_000_000);
    let table: Vec<(&str, Vec<u8>, Outcome)> = vec![
        ("none null", b"null".to_vec(), Outcome::Accept),
        ("none empty array", b"[]".to_vec(), Outcome::Accept),
        (
            "STA-01",
            b"{oops".to_vec(),
            Outcome::Refuse(codes::STATUS_JSON, "0.status:1:2"),
        ),
        (
            "STA-02",
            Vec::new(),
            Outcome::Refuse(codes::STATUS_JSON, "0.status:1:1"),
        ),
        (
            "STA-03",
            vec![b' '; 1024 * 1024 + 1],
            Outcome::Refuse(codes::STATUS_SIZE, "0.status"),
        ),
        (
            "STA-04",
            deep.into_bytes(),
            Outcome::Refuse(codes::STATUS_DEPTH, "0.status:1:33"),
        ),
        (
            "STA-05 NaN",
            b"[NaN]".to_vec(),
            Outcome::Refuse(codes::STATUS_JSON, "0.status:1:2"),
        ),
        (
            "STA-05 Infinity",
            b"[Infinity]".to_vec(),
            Outcome::Refuse(codes::STATUS_JSON, "0.status:1:2"),
        ),
        (
            "STA-05 1e999",
            b"[1e999]".to_vec(),
            Outcome::Refuse(codes::STATUS_JSON, "0.status:1:2"),
        ),
        (
            "STA-05 -0",
            b"[-0]".to_vec(),
            Outcome::Refuse(codes::STATUS_JSON, "0.status:1:2"),
        ),
        (
            "STA-07",
            b"[\"\xff\"]".to_vec(),
            Outcome::Refuse(codes::STATUS_ENCODING, "0.status:1:3"),
        ),
        (
            "contract 5.2 mark",
            b"\xef\xbb\xbf[]".to_vec(),
            Outcome::Refuse(codes::STATUS_ENCODING, "0.status"),
        ),
        (
            "contract 5.2 NUL",
            b"[]\0".to_vec(),
            Outcome::Refuse(codes::STATUS_JSON, "0.status:1:3"),
        ),
        ("STA-06 object", b"{}".to_vec(), Outcome::Refuse(SCHEMA, "0.status: $")),
        (
            "STA-06 null element",
            b"[null]".to_vec(),
            Outcome::Refuse(SCHEMA, "0.status: $[0]"),
        ),
        (
            "STA-06 null status",
            b"[{\"status\": null}]".to_vec(),
            Outcome::Refuse(SCHEMA, "0.status: $[0].status"),
        ),
        (
            "STA-06 no status",
            b"[{}]".to_vec(),
            Outcome::Refuse(SCHEMA, "0.status: $[0].status"),
        ),
    ];
    for (case, bytes, outcome) in table {
        assert_outcome(case, &findings(parse(&bytes)), outcome);
    }
}

#[test]
fn fields() {
    let success = "\"status\": \"success\"";
    let formatted = "0.status: $[0].status.formattedMessage";
    let parts = "0.status: $[0].status.substatus[0]";
    let table: &[(&str, &str, Outcome)] = &[
        ("none", "", Outcome::Accept),
        (
            "STA-06 message without lang",
            "\"formattedMessage\": {\"message\": \"\"}",
            Outcome::Refuse(SCHEMA, formatted),
        ),
        (
            "STA-06 message without text",
            "\"formattedMessage\": {\"lang\": \"\"}",
            Outcome::Refuse(SCHEMA, formatted),
        ),
        (
            "STA-06 capital keys",
            "\"formattedMessage\": {\"Lang\": \"\", \"Message\": \"\"}",
            Outcome::Refuse(SCHEMA, formatted),
        ),
        (
            "STA-06 text",
            "\"formattedMessage\": \"lang message\"",
            Outcome::Refuse(SCHEMA, formatted),
        ),
        (
            "STA-06 number",
            "\"formattedMessage\": {\"lang\": \"\", \"message\": 1}",
            Outcome::Refuse(SCHEMA, formatted),
        ),
        (
            "STA-06 null message",
            "\"formattedMessage\": {\"lang\": \"\", \"message\": null}",
            Outcome::Accept,
        ),
        (
            "STA-06 substatus",
            "\"substatus\": {}",
            Outcome::Refuse(SCHEMA, "0.status: $[0].status.substatus"),
        ),
        (
            "STA-06 substatus without word",
            "\"substatus\": [{}]",
            Outcome::Refuse(SCHEMA, parts),
        ),
        (
            "STA-06 substatus number",
            "\"substatus\": [1]",
            Outcome::Refuse(SCHEMA, parts),
        ),
        ("STA-06 substatus nulls", "\"substatus\": [null]", Outcome::Accept),
        (
            "STA-13 substatus",
            "\"substatus\": [{\"status\": \"ok\"}]",
            Outcome::Refuse(codes::STATUS_VALUE, parts),
        ),
        (
            "contract 5.1 key twice",
            "\"code\": 1, \"code\": 2",
            Outcome::Warn(codes::STATUS_DUPLICATE_KEY, "0.status: $[0].status.code"),
        ),
    ];
    for (case, inner, outcome) in table {
        let inner = if inner.is_empty() {
            success.to_owned()
        } else {
            format!("{success}, {inner}")
        };
        assert_outcome(case, &findings(parse(status(&inner).as_bytes())), *outcome);
    }
    let missing = findings(parse(status("\"code\": 1").as_bytes()));
    assert_outcome(
        "STA-06 no word",
        &missing,
        Outcome::Refuse(SCHEMA, "0.status: $[0].status.status"),
    );
}

/// STA-13: the contract wins, an unknown word is no reason to refuse.
#[test]
fn sta_13_other_words_count_as_errors() {
    for word in ["\"ok\"", "\"SUCCESS\"", "1", "null"] {
        let text = status(&format!(
            "\"status\": {word}, \"code\": \"5\", \"operation\": \"Enable\""
        ));
        let outcome = Outcome::Warn(codes::STATUS_VALUE, "0.status: $[0].status.status");
        assert_outcome("STA-13", &findings(parse(text.as_bytes())), outcome);
        let read = read(&format!("\"status\": {word}, \"code\": \"5\""));
        assert_eq!(
            (read.kind, read.code),
            (StatusKind::Error, Node::string("5")),
            "the rest is kept"
        );
    }
}

#[test]
fn defaults() {
    let read = read("\"status\": \"transitioning\"");
    assert_eq!(
        (read.code, read.operation, read.message),
        (Node::integer(0), Node::null(), None)
    );
    assert!(read.substatus.is_empty() && !read.kind.is_terminal());
}

#[test]
fn sta_14_long_files_are_cut_by_the_rule() {
    let part = format!(
        "{{\"name\": \"{}\", \"status\": \"success\", \"formattedMessage\": {{\"lang\": \"\", \"message\": \"{}\"}}}}",
        "n".repeat(20),
        "m".repeat(10_000)
    );
    let parts = vec![part; 20].join(", ");
    let inner = format!(
        "\"status\": \"success\", \"formattedMessage\": {{\"lang\": \"\", \"message\": \"{}\"}}, \"substatus\": [{parts}]",
        "t".repeat(2000)
    );
    let outcome = Outcome::Warn(codes::STATUS_TRUNCATED, "0.status: $");
    assert_outcome("STA-14", &findings(parse(status(&inner).as_bytes())), outcome);
    let cut = read(&inner);
    assert_eq!(cut.substatus.len(), 12);
    let message = cut.message.unwrap();
    assert_eq!(message.chars().count(), 1040);
    assert!(message.ends_with("t ... [TRUNCATED]"));
}

#[test]
fn sta_14_a_long_message_in_a_small_file_is_whole() {
    let long = "x".repeat(5000);
    let inner = format!("\"status\": \"error\", \"formattedMessage\": {{\"lang\": \"\", \"message\": \"{long}\"}}");
    assert_eq!(read(&inner).message, Some(long));
}

#[test]
fn sta_14_null_texts_in_a_long_file_are_no_reason_to_refuse() {
    let padding = " ".repeat(131_072);
    let inner = format!("\"status\": \"success\", \"substatus\": [{{\"status\": \"success\"}}]{padding}");
    assert_eq!(read(&inner).substatus.len(), 1);
}

/// STA-15: a message is passed on as it is; what is shown of it is escaped.
#[test]
fn sta_15_messages_keep_their_characters_and_findings_do_not() {
    let inner =
        "\"status\": \"\\u001b[31m\\n\", \"formattedMessage\": {\"lang\": \"\", \"message\": \"\\u001b\\u0000\"}";
    assert_eq!(read(inner).message.as_deref(), Some("\u{1b}\0"));
    let shown = findings(parse(status(inner).as_bytes()))[0].to_string();
    insta::assert_snapshot!(shown, @r"0.status: $[0].status.status: the status word is `\x1b[31m\n`, which counts as `error` [status.value]; write `transitioning`, `warning`, `error` or `success` in lower case");
}

#[test]
fn sta_21_the_limit_is_inclusive() {
    let bare = status("\"status\": \"success\", \"formattedMessage\": {\"lang\": \"\", \"message\": \"\"}");
    let of_length = |length: usize| {
        let message = "é".repeat(length - bare.chars().count());
        bare.replace("\"message\": \"\"", &format!("\"message\": \"{message}\""))
    };
    assert_outcome(
        "STA-21 at the limit",
        &findings(parse(of_length(131_072).as_bytes())),
        Outcome::Accept,
    );
    let outcome = Outcome::Warn(codes::STATUS_TRUNCATED, "0.status: $");
    assert_outcome(
        "STA-21 above it",
        &findings(parse(of_length(131_073).as_bytes())),
        outcome,
    );
}
