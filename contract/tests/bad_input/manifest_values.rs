//! What a manifest comes to, where MAN-11 and MAN-12 say how odd values count.

use hostler_contract::{Command, UpdateMode};

use crate::{
    findings,
    manifest::{manifest, parse},
};

#[test]
fn what_odd_values_count_as() {
    let value = |inner: &str| parse(manifest(inner, "").as_bytes()).unwrap().value;
    assert!(value("\"reportHeartbeat\": \"TRUE\"").report_heartbeat());
    assert!(!value("\"reportHeartbeat\": \"yes\"").report_heartbeat());
    assert_eq!(
        value("\"updateMode\": \"Never\"").update_mode(),
        UpdateMode::WithoutInstall
    );
    assert_eq!(
        value("\"updateMode\": \"updatewithinstall\"").update_mode(),
        UpdateMode::WithInstall
    );
    assert_eq!(value("\"updateMode\": null").update_mode(), UpdateMode::WithInstall);
}

#[test]
fn what_a_package_asks_for() {
    let beside = r#""sandbox": {"component": "./bin//h.wasm", "limits": {"memory": 1024},
        "capabilities": {"network": {"hosts": ["a"]}}, "commands": {"enable": {"limits": {"memory": 2048}}}}"#;
    let value = parse(manifest("", beside).as_bytes()).unwrap().value;
    let request = value.sandbox();
    assert_eq!(request.component.as_deref(), Some("bin/h.wasm"));
    assert_eq!(request.all.limits["memory"], 1024);
    assert_eq!(request.all.capabilities[0].name, "network");
    assert_eq!(request.all.capabilities[0].json(), r#"{"hosts": ["a"]}"#);
    assert_eq!(request.commands[&Command::Enable].limits["memory"], 2048);
    assert!(parse(manifest("", "").as_bytes()).unwrap().value.sandbox().is_empty());
}

#[test]
fn findings_say_what_and_where() {
    let text = manifest(
        "\"supportMultipleExtensions\": true",
        "\"updateMode\": \"UpdateWithInstall\"",
    );
    let all: Vec<String> = findings(parse(text.as_bytes()))
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(all.join("\n"), @"
    HandlerManifest.json: $[0].updateMode: nothing reads this key [manifest.unknown_key]; move it into `handlerManifest`
    HandlerManifest.json: $[0].handlerManifest.supportMultipleExtensions: nothing reads this key [manifest.unknown_key]; leave it out, or write `supportsMultipleExtensions` if that was meant
    ");
}
