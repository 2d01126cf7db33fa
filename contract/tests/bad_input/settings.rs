//! SET-01 and SET-06 to SET-16: settings files and their names.

use hostler_contract::{ExtensionName, SequenceNumber, Settings, SettingsName, Source, Thumbprint, codes};

use crate::{Outcome, assert_outcome, findings};

const INNER: &str = "0.settings: $.runtimeSettings[0].handlerSettings";

fn wrapped(inner: &str) -> String {
    format!("{{\"runtimeSettings\": [{{\"handlerSettings\": {{{inner}}}}}]}}")
}

#[test]
fn documents() {
    let large = vec![b' '; 50_000_000];
    let deep = "[".repeat(100_000);
    let raw = |text: &str| text.as_bytes().to_vec();
    let list = "0.settings: $.runtimeSettings";
    let table: Vec<(&str, Vec<u8>, Outcome)> = vec![
        ("none", raw(&wrapped("\"publicSettings\": {\"a\": 1}")), Outcome::Accept),
        (
            "SET-06 large",
            large,
            Outcome::Refuse(codes::SETTINGS_SIZE, "0.settings"),
        ),
        (
            "SET-06 deep",
            raw(&deep),
            Outcome::Refuse(codes::SETTINGS_DEPTH, "0.settings:1:65"),
        ),
        (
            "SET-10 none",
            raw("{\"runtimeSettings\": []}"),
            Outcome::Refuse(codes::SETTINGS_SHAPE, list),
        ),
        (
            "SET-10 two",
            raw("{\"runtimeSettings\": [{\"handlerSettings\": {}}, {\"handlerSettings\": {}}]}"),
            Outcome::Refuse(codes::SETTINGS_SHAPE, list),
        ),
        (
            "SET-10 null",
            raw("{\"runtimeSettings\": [{\"handlerSettings\": null}]}"),
            Outcome::Refuse(codes::SETTINGS_SHAPE, INNER),
        ),
        ("SET-10 empty file", Vec::new(), Outcome::Accept),
        (
            "SET-10 blank",
            raw(" \n"),
            Outcome::Refuse(codes::SETTINGS_JSON, "0.settings:"),
        ),
        (
            "SET-10 text",
            raw("hello"),
            Outcome::Refuse(codes::SETTINGS_JSON, "0.settings:1:1"),
        ),
        (
            "SET-10 array",
            raw("[]"),
            Outcome::Refuse(codes::SETTINGS_SHAPE, "0.settings: $"),
        ),
        (
            "SET-10 no wrapper",
            raw("{\"a\": 1}"),
            Outcome::Warn(codes::SETTINGS_NO_WRAPPER, "0.settings: $"),
        ),
        (
            "SET-12 string",
            raw(&wrapped("\"publicSettings\": \"{}\"")),
            Outcome::Refuse(codes::SETTINGS_TYPE, INNER),
        ),
        (
            "SET-12 array",
            raw(&wrapped("\"publicSettings\": []")),
            Outcome::Refuse(codes::SETTINGS_TYPE, INNER),
        ),
        (
            "SET-12 null",
            raw(&wrapped("\"publicSettings\": null")),
            Outcome::Accept,
        ),
        (
            "SET-12 protected",
            raw(&wrapped("\"protectedSettings\": []")),
            Outcome::Refuse(codes::SETTINGS_TYPE, INNER),
        ),
        (
            "SET-12 protected in the clear",
            raw(&wrapped("\"protectedSettings\": {\"password\": \"x\"}")),
            Outcome::Warn(
                codes::SETTINGS_PROTECTED_PLAIN,
                "0.settings: $.runtimeSettings[0].handlerSettings.protectedSettings",
            ),
        ),
        (
            "SET-15",
            raw(&wrapped("\"protectedSettings\": \"a\", \"protectedSettings\": \"b\"")),
            Outcome::Refuse(
                codes::SETTINGS_DUPLICATE_KEY,
                "0.settings: $.runtimeSettings[0].handlerSettings.protectedSettings",
            ),
        ),
        (
            "SET-16 no thumbprint",
            raw(&wrapped("\"protectedSettings\": \"TUlJ\"")),
            Outcome::Refuse(codes::SETTINGS_PROTECTED_PAIR, INNER),
        ),
        (
            "SET-16 blank thumbprint",
            raw(&wrapped(
                "\"protectedSettings\": \"TUlJ\", \"protectedSettingsCertThumbprint\": \" \"",
            )),
            Outcome::Refuse(codes::SETTINGS_PROTECTED_PAIR, INNER),
        ),
        (
            "SET-16 thumbprint alone",
            raw(&wrapped("\"protectedSettingsCertThumbprint\": \"AB\"")),
            Outcome::Accept,
        ),
        (
            "SET-16 blank",
            raw(&wrapped(
                "\"protectedSettings\": \" \", \"protectedSettingsCertThumbprint\": \"\"",
            )),
            Outcome::Accept,
        ),
    ];
    for (case, bytes, outcome) in table {
        assert_outcome(
            case,
            &findings(Settings::parse(Source::new("0.settings", &bytes))),
            outcome,
        );
    }
}

#[test]
fn sequence_numbers_have_one_spelling() {
    for text in [
        "abc", "1.5", "-1", "+1", "01", "00", "1e3", "\u{ff11}", "", " 1", "1 ", "0x1",
    ] {
        assert_eq!(
            SequenceNumber::parse(text).unwrap_err().code(),
            codes::SETTINGS_SEQ,
            "SET-07 {text:?}"
        );
    }
    for text in [
        "2147483648",
        "9223372036854775808",
        "18446744073709551616",
        &format!("1{}", "0".repeat(30)),
    ] {
        assert_eq!(
            SequenceNumber::parse(text).unwrap_err().code(),
            codes::SETTINGS_SEQ,
            "SET-08 {text}"
        );
    }
    assert_eq!(SequenceNumber::parse("2147483647").unwrap(), SequenceNumber::MAX);
    assert_eq!(SequenceNumber::parse("0").unwrap().get(), 0);
}

#[test]
fn extension_names_are_safe() {
    for name in ["../x", "a/b", "a.b", "", &"a".repeat(300), ".", "a b", "\u{e9}"] {
        assert_eq!(
            ExtensionName::parse(name).unwrap_err().code(),
            codes::SETTINGS_EXT_NAME,
            "SET-13 {name:?}"
        );
    }
    assert_eq!(ExtensionName::parse("My_Ext-1").unwrap().as_str(), "My_Ext-1");
}

#[test]
fn file_names() {
    let name = SettingsName::parse("Ext.12.settings").unwrap();
    assert_eq!(
        (name.settings_file(), name.status_file()),
        ("Ext.12.settings".into(), "Ext.12.status".into())
    );
    assert_eq!(
        SettingsName::parse("0.settings").unwrap(),
        SettingsName::single(SequenceNumber::default())
    );
    assert_eq!(SettingsName::parse_status("3.status").unwrap().number.get(), 3);
    for file in [
        "0.STATUS",
        " 0.status",
        "00.status",
        "0.status ",
        ".status",
        "0.settings",
    ] {
        assert!(SettingsName::parse_status(file).is_err(), "STA-20 {file:?}");
    }
    assert_eq!(
        SettingsName::parse("a.b.0.settings").unwrap_err().code(),
        codes::SETTINGS_EXT_NAME
    );
}

#[test]
fn thumbprints_are_40_upper_case_digits() {
    let good = "B3364F39E3086E9AD0C67767348D7392D35BC176";
    assert_eq!(Thumbprint::parse(good).unwrap().as_str(), good);
    for text in [
        "../../../etc/shadow",
        &good[..39],
        &format!("{good}0"),
        &good.replace('B', "G"),
        "",
        &good.to_lowercase(),
    ] {
        assert!(Thumbprint::parse(text).is_none(), "SET-01 {text}");
    }
}

#[test]
fn settings_are_written_as_the_agent_writes_them() {
    let text = wrapped("\"extra\": 1, \"publicSettings\": {\"z\":1.0,\"a\":\"é\"}");
    let settings = Settings::parse(Source::new("0.settings", text.as_bytes()))
        .unwrap()
        .value
        .unwrap();
    insta::assert_snapshot!(settings.to_agent_json(), @r#"{"runtimeSettings": [{"handlerSettings": {"publicSettings": {"z": 1.0, "a": "\u00e9"}, "protectedSettings": null, "protectedSettingsCertThumbprint": null}}]}"#);
}

#[test]
fn settings_of_a_person_may_be_public_only() {
    let text = wrapped("\"publicSettings\": {\"a\": 1}");
    for text in ["{\"a\": 1}", &text] {
        let settings = Settings::whole_or_public(Source::new("s.json", text.as_bytes()))
            .unwrap()
            .value;
        assert_eq!(
            settings.public().map(|node| node.to_agent_json()).as_deref(),
            Some("{\"a\": 1}")
        );
    }
    assert!(Settings::whole_or_public(Source::new("s.json", b"[1]")).is_err());
}
