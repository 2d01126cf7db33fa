//! Values in documents of our own: read back as they were written, and refused where their parsers refuse.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Debug;

use hostler_contract::{
    ALL_CODES, Code, ExtensionName, Finding, HandlerIdentity, HandlerName, Place, SequenceNumber, SettingsName,
    Severity, Verdict, Version, codes,
};
use serde::{Serialize, de::DeserializeOwned};

/// Reads each of `good` and writes it again; each of `bad` has to fail.
fn round_trip<T: DeserializeOwned + Serialize + Debug>(good: &[&str], bad: &[&str]) {
    for json in good {
        let value: T = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), *json);
    }
    for json in bad {
        let read = serde_json::from_str::<T>(json);
        assert!(read.is_err(), "{json} is taken for {read:?}");
    }
}

#[test]
fn names_and_numbers() {
    round_trip::<Version>(
        &[r#""1""#, r#""1.0.0""#, r#""1.0rc1""#],
        &["1", "null", r#""""#, r#""1.""#],
    );
    round_trip::<HandlerName>(&[r#""A.B""#], &[r#""AB""#, r#""../A.B""#, r#"["A.B"]"#]);
    round_trip::<HandlerIdentity>(&[r#""A.B-c-1.0""#], &[r#""A.B""#, r#""A.B-x""#, r#""A/B.C-1""#]);
    round_trip::<ExtensionName>(&[r#""e_1-x""#], &[r#""""#, r#""a.b""#, r#""a/b""#]);
    round_trip::<SequenceNumber>(
        &["0", "2147483647"],
        &["2147483648", "4294967296", "-1", "1.0", r#""1""#, "null"],
    );
    round_trip::<SettingsName>(
        &[r#""0.settings""#, r#""Ext.7.settings""#],
        &[
            r#""0""#,
            r#""0.status""#,
            r#""01.settings""#,
            r#""a.b.1.settings""#,
            "0",
        ],
    );
    round_trip::<Code>(&[r#""pkg.name""#], &[r#""pkg.nam""#, r#""PKG_NAME""#, r#""""#]);
    round_trip::<Severity>(&[r#""warning""#, r#""refusal""#], &[r#""Warning""#, r#""error""#]);
    round_trip::<Verdict>(
        &[r#""accept""#, r#""accept-with-warnings""#, r#""refuse""#],
        &[r#""Accept""#, r#""reject""#],
    );
}

#[test]
fn what_is_wrong_is_said() {
    let error = serde_json::from_str::<HandlerName>(r#""AB""#).unwrap_err();
    insta::assert_snapshot!(error, @"`AB` is not a handler name: it has no dot between publisher and type; write Publisher.Type with ASCII letters, digits, `.`, `_` and `-`, for example Contoso.Hello");
    let error = serde_json::from_str::<SequenceNumber>("2147483648").unwrap_err();
    insta::assert_snapshot!(error, @"2147483648 is above 2147483647");
    let error = serde_json::from_str::<Code>(r#""a\u001bb""#).unwrap_err();
    insta::assert_snapshot!(error, @r"`a\x1bb` is not a code; the documentation lists all of them");
}

#[test]
fn every_code_is_found_by_its_own_name() {
    for code in ALL_CODES {
        assert_eq!(Code::from_name(code.name()), Some(*code));
    }
    assert_eq!(Code::from_name("no.such"), None);
}

#[test]
fn findings_are_shown_after_reading_as_they_were_before() {
    let places = [
        Place::Whole,
        Place::Json("$[0].a\u{1b}".into()),
        Place::Text { line: 2, column: 3 },
        Place::Xml("a/b".into()),
        Place::Entry("a: b".into()),
        Place::Json("p".repeat(5000)),
    ];
    for place in places {
        for what in [
            "it is null",
            "\\ \n \u{202e}",
            &"w".repeat(5000),
            &"\u{e9}".repeat(5000),
        ] {
            let finding = Finding::refusal(codes::PKG_NAME, &"f".repeat(what.len()), place.clone(), what, "mend it");
            let json = serde_json::to_string(&finding).unwrap();
            let read: Finding = serde_json::from_str(&json).unwrap();
            assert_eq!(read.to_string(), finding.to_string());
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
            assert_eq!(read == finding, place == Place::Whole, "{place:?}");
        }
    }
}

#[test]
fn findings_that_are_refused() {
    let good = serde_json::json!({"code": "usage", "severity": "warning", "where": "a: b", "what": "c", "hint": "d"});
    let read: Finding = serde_json::from_value(good.clone()).unwrap();
    insta::assert_snapshot!(read, @"a: b: c [usage]; d");
    for (key, value) in [("code", "no.such"), ("severity", "fatal")] {
        let mut bad = good.clone();
        bad[key] = value.into();
        assert!(serde_json::from_value::<Finding>(bad).is_err(), "{key}");
    }
    for key in ["code", "severity", "where", "what", "hint"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(key);
        assert!(serde_json::from_value::<Finding>(bad).is_err(), "without {key}");
    }
    // What was tampered with in a store is still fit to be shown.
    let mut long = good;
    long["what"] = "\u{1b}".repeat(5000).into();
    assert!(serde_json::from_value::<Finding>(long).unwrap().what().len() < 1100);
}
