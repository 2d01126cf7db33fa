//! JSON is written byte for byte as the agent's Python writes it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hostler_contract::{
    Source, codes,
    json::{ByteOrderMark, Duplicates, JsonRules, Node, Read},
};

const RULES: JsonRules = JsonRules {
    max_bytes: 1 << 20,
    max_depth: 64,
    byte_order_mark: ByteOrderMark::Refuse,
    duplicates: Duplicates::LastWins,
    refuse_negative_zero: false,
    json: codes::SETTINGS_JSON,
    encoding: codes::SETTINGS_ENCODING,
    size: codes::SETTINGS_SIZE,
    depth: codes::SETTINGS_DEPTH,
    duplicate_key: codes::SETTINGS_DUPLICATE_KEY,
};

/// What was read, and what `json.dumps(json.loads(text))` of Python 3 gives for it.
const PYTHON: &[(&str, &str)] = &[
    (r#"null"#, r#"null"#),
    (r#"true"#, r#"true"#),
    (r#"[]"#, r#"[]"#),
    (r#"{}"#, r#"{}"#),
    (r#"{"b":1,"a":2}"#, r#"{"b": 1, "a": 2}"#),
    (r#"[1,2 ,3]"#, r#"[1, 2, 3]"#),
    (r#""a\u00e9\ud83d\ude00\u2028""#, r#""a\u00e9\ud83d\ude00\u2028""#),
    (r#""é😀""#, r#""\u00e9\ud83d\ude00""#),
    (r#""\u007f\b\f\n\r\t\"\\\/""#, r#""\u007f\b\f\n\r\t\"\\/""#),
    (r#""\u0000\u001f""#, r#""\u0000\u001f""#),
    (r#"1"#, r#"1"#),
    (r#"-1"#, r#"-1"#),
    (r#"0"#, r#"0"#),
    (r#"-0"#, r#"0"#),
    (r#"123456789012345678901234567890"#, r#"123456789012345678901234567890"#),
    (r#"1.0"#, r#"1.0"#),
    (r#"-0.0"#, r#"-0.0"#),
    (r#"1e16"#, r#"1e+16"#),
    (r#"1E16"#, r#"1e+16"#),
    (r#"1e15"#, r#"1000000000000000.0"#),
    (r#"1e-5"#, r#"1e-05"#),
    (r#"0.0001"#, r#"0.0001"#),
    (r#"0.00001234"#, r#"1.234e-05"#),
    (r#"1.5e300"#, r#"1.5e+300"#),
    (r#"5e-324"#, r#"5e-324"#),
    (r#"1.7976931348623157e308"#, r#"1.7976931348623157e+308"#),
    (r#"0.1"#, r#"0.1"#),
    (r#"100000000000000000000.0"#, r#"1e+20"#),
    (r#"1e22"#, r#"1e+22"#),
    (r#"1e21"#, r#"1e+21"#),
    (r#"123456789.125"#, r#"123456789.125"#),
    (r#"9007199254740993.0"#, r#"9007199254740992.0"#),
    (r#"2.5"#, r#"2.5"#),
    (r#"1e0"#, r#"1.0"#),
    (r#"1e+2"#, r#"100.0"#),
    (r#"3.0e-4"#, r#"0.0003"#),
    (r#"-1e-7"#, r#"-1e-07"#),
    (r#"12345678901234567.0"#, r#"1.2345678901234568e+16"#),
    (r#"9999999999999998.0"#, r#"9999999999999998.0"#),
    (r#"[1.0,{"x":[null,false]}]"#, r#"[1.0, {"x": [null, false]}]"#),
    (r#"{"k":{"n":[{}]},"e":""}"#, r#"{"k": {"n": [{}]}, "e": ""}"#),
    (r#""~ }""#, r#""~ }""#),
];

fn read(text: &str) -> Read {
    Read::document(Source::new("x.json", text.as_bytes()), &RULES).unwrap()
}

#[test]
fn writing_agrees_with_python() {
    for (text, expected) in PYTHON {
        assert_eq!(read(text).root.to_agent_json(), *expected, "{text}");
    }
}

#[test]
fn writing_twice_changes_nothing() {
    for (_, written) in PYTHON {
        assert_eq!(read(written).root.to_agent_json(), *written);
    }
}

#[test]
fn values_know_where_they_lie() {
    let text = "{ \"a\": [10, \"é\", {\"b\": null}] }";
    let root = read(text).root;
    let items = root
        .as_object()
        .and_then(|o| o.get("a"))
        .and_then(Node::as_array)
        .unwrap();
    let starts: Vec<_> = items
        .iter()
        .map(|node| text[node.offset()..].chars().next().unwrap())
        .collect();
    assert_eq!(starts, ['1', '"', '{']);
    let deepest = items[2].as_object().and_then(|o| o.get("b")).unwrap();
    assert!(text[deepest.offset()..].starts_with("null"));
}

#[test]
fn the_later_of_two_values_counts_in_the_place_of_the_earlier() {
    let read = read(r#"{"a": 1, "b": 2, "a": 3}"#);
    assert_eq!(read.root.to_agent_json(), r#"{"a": 3, "b": 2}"#);
    assert_eq!(read.warnings.len(), 1);
    insta::assert_snapshot!(read.warnings[0], @"x.json: $.a: this key stands twice, and the last one counts [settings.duplicate_key]; write each key of an object once");
}

#[test]
fn errors_give_line_and_column_in_characters() {
    for (text, place) in [
        ("", "x.json:1:1"),
        ("{", "x.json:1:"),
        ("[1,\n 2,]", "x.json:2:4"),
        ("[\"éé\" x]", "x.json:1:7"),
        ("[\n  NaN]", "x.json:2:3"),
        ("[1] 2", "x.json:1:5"),
        ("[\n\"a\",\n1e999]", "x.json:3:1"),
        ("{\"a\": \"\\ud800\"}", "x.json:1:"),
    ] {
        let refused = Read::document(Source::new("x.json", text.as_bytes()), &RULES).unwrap_err();
        assert_eq!(refused.first().code(), codes::SETTINGS_JSON, "{text}");
        let location = refused.first().location();
        assert!(location.starts_with(place), "{text}: {location}");
    }
}

#[test]
fn a_million_arrays_are_refused_in_no_time() {
    let deep = "[".repeat(1_000_000);
    let refused = Read::document(Source::new("x.json", deep.as_bytes()), &RULES).unwrap_err();
    assert_eq!(refused.first().code(), codes::SETTINGS_DEPTH);
    assert_eq!(refused.first().location(), "x.json:1:65");
    let in_a_string = format!("\"{}\\\"{}\"", "[".repeat(100), "{".repeat(100));
    assert!(Read::document(Source::new("x.json", in_a_string.as_bytes()), &RULES).is_ok());
}
