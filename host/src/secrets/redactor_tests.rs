//! What is taken out, and that it is whatever way it comes.

use proptest::prelude::*;

use super::*;

fn redactor(values: &[&str]) -> Redactor {
    let json = serde_json::to_vec(&serde_json::json!({ "values": values })).unwrap();
    Redactor::of(&Secret::new(json).unwrap())
}

#[test]
fn each_spelling_is_found() {
    let redactor = redactor(&["p\u{e4}ss \"w\\ord\"/1\n"]);
    for (text, kept) in [
        ("say p\u{e4}ss \"w\\ord\"/1\n!", "say ***!"),
        (r#"{"m":"p\u00e4ss \"w\\ord\"/1\n"}"#, r#"{"m":"***"}"#),
        (r#"{"m":"p\u00E4ss \"w\\ord\"\/1\n"}"#, r#"{"m":"***"}"#),
        // JSON in JSON.
        (
            r#""{\"m\":\"p\\u00e4ss \\\"w\\\\ord\\\"/1\\n\"}""#,
            r#""{\"m\":\"***\"}""#,
        ),
        // As programs print for their authors.
        (r#""p\u{e4}ss \"w\\ord\"/1\n""#, r#""***""#),
        ("?a=p%C3%A4ss%20%22w%5Cord%22%2F1%0A&b", "?a=***&b"),
        ("?a=p%c3%a4ss+%22w%5cord%22/1%0a&b", "?a=***&b"),
        ("70c3a47373202277\x35c6f7264222f310a.", "***."),
        ("70C3A473732022775C6F7264222F310A.", "***."),
    ] {
        assert_eq!(redactor.text(text), kept, "{text}");
    }
    // A value of which only lines are printed.
    assert_eq!(redactor.text("p\u{e4}ss \"w\\ord\"/1 "), "*** ");
}

#[test]
fn base64_is_found_wherever_it_stands() {
    let redactor = redactor(&["correct horse"]);
    for before in ["", "1", "12", "123", "{\"password\":\""] {
        for encoded in [
            base64::engine::general_purpose::STANDARD.encode(format!("{before}correct horse\"}}")),
            URL_SAFE_NO_PAD.encode(format!("{before}correct horse\"}}")),
        ] {
            let kept = redactor.text(&encoded);
            assert!(kept.contains("***"), "{before}: {kept}");
            assert!(kept.len() + 13 <= encoded.len(), "{before}: {kept}");
        }
    }
    assert_eq!(redactor.text(&STANDARD_NO_PAD.encode("correct horse")), "***");
}

#[test]
fn values_that_overlap_leave_nothing() {
    let redactor = redactor(&["AAAABBBB", "BBBBCCCC", "AAAABBBBCCCCDDDD"]);
    for (text, kept) in [
        ("-AAAABBBBCCCC-", "-***-"),
        ("-AAAABBBBCCCCDDDD-", "-***-"),
        ("-AAAABBBBCCCCDDD-", "-***DDD-"),
        ("-AAAABBB-", "-AAAABBB-"),
        ("AAAABBBB AAAABBBB", "*** ***"),
    ] {
        assert_eq!(redactor.text(text), kept, "{text}");
    }
}

#[test]
fn short_strings_and_names_stay() {
    let json = br#"{"a-long-name": "seven77", "n": 12345678, "b": true, "deep": [{"x": "eight888"}]}"#;
    let redactor = Redactor::of(&Secret::new(json.to_vec()).unwrap());
    assert_eq!(
        redactor.text("a-long-name seven77 12345678 true eight888"),
        "a-long-name seven77 12345678 true ***"
    );
    assert!(Redactor::of(None).is_empty());
    assert_eq!(Redactor::default().text("eight888"), "eight888");
}

#[test]
fn long_values_are_found_and_a_long_stream_is_no_effort() {
    let long: String = (0..5000).map(|n| char::from(b'a' + (n * n % 23) as u8)).collect();
    let redactor = redactor(&[&long, &"a".repeat(60_000)]);
    assert_eq!(redactor.text(&format!("<{long}>")), "<***>");
    assert_eq!(redactor.text(&"a".repeat(200_000)), "***");
}

/// A value with all that spellings care for.
fn value() -> impl Strategy<Value = String> {
    "[a-c\"\\\\/%+ \n\u{e4}\u{1f600}]{8,24}"
}

/// The spellings of `value`.
fn spelled(value: &str, how: u8) -> String {
    match how {
        0 => value.to_owned(),
        1 => serde_json::to_string(value).unwrap(),
        2 => serde_json::to_string(&serde_json::to_string(value).unwrap()).unwrap(),
        3 => percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string(),
        4 => value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
        5 => hex::encode(value),
        6 => STANDARD_NO_PAD.encode(value),
        _ => format!("{value:?}"),
    }
}

proptest! {
    /// However it is cut into parts, it comes out the same.
    #[test]
    fn borders_make_no_difference(
        value in value(),
        how in 0u8..8,
        before in "[a-c\\\\%\"u0 ]{0,12}",
        after in "[a-c\\\\%\"u0 ]{0,12}",
        cuts in proptest::collection::vec(0usize..200, 0..6),
    ) {
        let redactor = redactor(&[&value]);
        let text = format!("{before}{}{after}", spelled(&value, how));
        let whole = redactor.bytes(text.as_bytes());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.sort_unstable();
        let mut stream = redactor.stream();
        let (mut kept, mut at) = (vec![], 0);
        for cut in cuts.into_iter().chain([text.len()]) {
            kept.extend(stream.push(&text.as_bytes()[at..cut]));
            at = cut;
        }
        kept.extend(stream.finish());
        prop_assert_eq!(kept, whole);
    }

    /// No spelling of a value comes through, whatever stands around it.
    #[test]
    fn no_spelling_survives(value in value(), how in 0u8..8, before in "[a-c\"% ]{0,8}", after in "[a-c\"% ]{0,8}") {
        let redactor = redactor(&[&value]);
        let kept = redactor.text(&format!("{before}{}{after}", spelled(&value, how)));
        prop_assert!(kept.contains("***"), "{kept}");
        for how in 0..8 {
            prop_assert!(!kept.contains(&spelled(&value, how)), "{kept}");
        }
    }

    /// What holds nothing known stays byte for byte.
    #[test]
    fn all_else_stays(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let redactor = redactor(&["a value that no random bytes are"]);
        prop_assert_eq!(redactor.bytes(&bytes), bytes);
    }
}
