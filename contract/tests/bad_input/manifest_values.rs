//! What a manifest comes to, where MAN-11 and MAN-12 say how odd values count.

use hostler_contract::manifest::{DirectoryAccess, Precision};
use hostler_contract::{Command, CommandLine, UpdateMode};

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
        "capabilities": {"clock": "coarse", "environment": ["HTTP_PROXY"], "directories": [
            {"path": "/etc/app", "access": "read"}, {"path": "/srv/app", "access": "read-write", "bytes": 5}]},
        "commands": {"enable": {"limits": {"memory": 2048}, "capabilities": {"random": "full"}}}}"#;
    let value = parse(manifest("", beside).as_bytes()).unwrap().value;
    let request = value.sandbox();
    assert_eq!(request.component.as_deref(), Some("bin/h.wasm"));
    assert_eq!(request.all.limits["memory"], 1024);
    let all = &request.all.capabilities;
    let folders: Vec<_> = all
        .directories
        .iter()
        .map(|one| (one.path.as_str(), one.access, one.bytes))
        .collect();
    assert_eq!(
        folders,
        [
            ("/etc/app", DirectoryAccess::Read, None),
            ("/srv/app", DirectoryAccess::ReadWrite, Some(5))
        ]
    );
    assert_eq!(all.environment, ["HTTP_PROXY"]);
    assert_eq!((all.clock, all.random), (Some(Precision::Coarse), None));
    assert_eq!(request.commands[&Command::Enable].limits["memory"], 2048);
    assert_eq!(
        request.commands[&Command::Enable].capabilities.random,
        Some(Precision::Full)
    );
    assert!(parse(manifest("", "").as_bytes()).unwrap().value.sandbox().is_empty());
}

/// What is asked for is never guessed: code and place of every fault, in the order of the document.
#[test]
fn capabilities_that_are_not_clear_are_refused() {
    let folder = |members: &str| format!(r#"{{"directories": [{{{members}}}]}}"#);
    let many = |item: fn(usize) -> String, count| (0..count).map(item).collect::<Vec<_>>().join(",");
    let variables = format!(r#"{{"environment": [{}]}}"#, many(|n| format!("\"A{n}\""), 65));
    let folders = format!(
        r#"{{"directories": [{}]}}"#,
        many(|n| format!(r#"{{"path": "/a{n}", "access": "read"}}"#), 33)
    );
    let cases: Vec<(String, &[&str])> = vec![
        ("[]".into(), &["manifest.type capabilities"]),
        (
            r#"{"clok": "full"}"#.into(),
            &["manifest.unknown_key capabilities.clok"],
        ),
        (
            r#"{"service": true, "http": {}, "commands": []}"#.into(),
            &[
                "manifest.capability capabilities.http",
                "manifest.capability capabilities.commands",
            ],
        ),
        (r#"{"clock": "fine"}"#.into(), &["manifest.value capabilities.clock"]),
        (r#"{"random": true}"#.into(), &["manifest.type capabilities.random"]),
        (r#"{"service": "true"}"#.into(), &["manifest.type capabilities.service"]),
        (r#"{"service": null}"#.into(), &["manifest.type capabilities.service"]),
        (
            r#"{"environment": "A"}"#.into(),
            &["manifest.type capabilities.environment"],
        ),
        (
            r#"{"environment": ["A", 1, "A=B", "", "1A", "A"]}"#.into(),
            &[
                "manifest.type capabilities.environment[1]",
                "manifest.value capabilities.environment[2]",
                "manifest.value capabilities.environment[3]",
                "manifest.value capabilities.environment[4]",
                "manifest.value capabilities.environment[5]",
            ],
        ),
        (variables, &["manifest.value capabilities.environment"]),
        (folders, &["manifest.value capabilities.directories"]),
        (
            r#"{"directories": {}}"#.into(),
            &["manifest.type capabilities.directories"],
        ),
        (
            r#"{"directories": ["/a"]}"#.into(),
            &["manifest.type capabilities.directories[0]"],
        ),
        (
            folder(""),
            &[
                "manifest.field capabilities.directories[0].path",
                "manifest.field capabilities.directories[0].access",
            ],
        ),
        (
            folder(r#""path": "/a", "acess": "read""#),
            &[
                "manifest.unknown_key capabilities.directories[0].acess",
                "manifest.field capabilities.directories[0].access",
            ],
        ),
        (
            folder(r#""path": "/a/../b", "access": "write""#),
            &[
                "manifest.value capabilities.directories[0].path",
                "manifest.value capabilities.directories[0].access",
            ],
        ),
        (
            folder(r#""path": "/a", "access": "read", "bytes": 1"#),
            &["manifest.value capabilities.directories[0].bytes"],
        ),
        (
            folder(r#""path": "/a", "access": "read-write", "bytes": -1, "files": 1.0"#),
            &[
                "manifest.type capabilities.directories[0].bytes",
                "manifest.type capabilities.directories[0].files",
            ],
        ),
        (
            r#"{"directories": [{"path": "/a", "access": "read"}, {"path": "/a", "access": "read-write"}]}"#.into(),
            &["manifest.value capabilities.directories[1].path"],
        ),
    ];
    for (capabilities, expected) in cases {
        let text = manifest("", &format!(r#""sandbox": {{"capabilities": {capabilities}}}"#));
        let said: Vec<String> = findings(parse(text.as_bytes()))
            .iter()
            .map(|finding| {
                let place = finding.location();
                let place = place.split_once("$[0].sandbox.").map_or("", |(_, place)| place);
                format!("{} {place}", finding.code())
            })
            .collect();
        assert_eq!(said, expected, "{capabilities}");
    }
}

/// The handler asks to run on by either of the two, and by no other value than `true`.
#[test]
fn a_service_is_asked_for_by_its_command_or_by_name() {
    for (sandbox, line, asks) in [
        ("{}", None, false),
        (r#"{"serviceCommand": null, "capabilities": {}}"#, None, false),
        (r#"{"capabilities": {"service": false}}"#, None, false),
        (r#"{"capabilities": {"service": true}}"#, None, true),
        (
            r#"{"serviceCommand": "./b//s.wasm 'run on'"}"#,
            Some("./b//s.wasm 'run on'"),
            true,
        ),
        (
            r#"{"component": "h.wasm", "serviceCommand": "s.wasm", "capabilities": {"service": true}}"#,
            Some("s.wasm"),
            true,
        ),
    ] {
        let value = parse(manifest("", &format!(r#""sandbox": {sandbox}"#)).as_bytes());
        let value = value.unwrap().value;
        let request = value.sandbox();
        assert_eq!(
            (request.service_line(), request.asks_for_service()),
            (line, asks),
            "{sandbox}"
        );
        assert_eq!(
            value.service_command().cloned(),
            line.map(|line| CommandLine::parse(line).unwrap())
        );
        assert_eq!(request.is_empty(), !asks, "{sandbox}");
    }
}

#[test]
fn a_service_that_is_not_clear_is_refused() {
    let cases = [
        r#""sandbox": {"serviceCommand": true}"#,
        r#""sandbox": {"serviceCommand": ""}"#,
        r#""sandbox": {"serviceCommand": "../s.wasm"}"#,
        r#""sandbox": {"serviceCommand": "s.wasm; reboot"}"#,
        r#""sandbox": {"serviceCommand": "s.wasm", "capabilities": {"service": false}}"#,
        r#""sandbox": {"commands": {"enable": {"capabilities": {"service": true}}}}"#,
        r#""sandbox": {"commands": {"enable": {"serviceCommand": "s.wasm"}}}"#,
        r#""sandbox": {"serviceComand": "s.wasm"}"#,
        r#""serviceCommand": "s.wasm""#,
    ];
    let mut said: Vec<String> = Vec::new();
    for beside in cases {
        let of = findings(parse(manifest("", beside).as_bytes()));
        said.extend(of.iter().map(ToString::to_string));
    }
    let inside = findings(parse(manifest(r#""serviceCommand": "s.wasm""#, "").as_bytes()));
    said.extend(inside.iter().map(ToString::to_string));
    insta::assert_snapshot!(said.join("\n"), @"
    HandlerManifest.json: $[0].sandbox.serviceCommand: `serviceCommand` is a boolean [manifest.type]; write the command line as a string
    HandlerManifest.json: $[0].sandbox.serviceCommand: the command line is empty [manifest.command]; write the path of a component in the package and its arguments
    HandlerManifest.json: $[0].sandbox.serviceCommand: the component's path leaves its folder with `..` [manifest.command]; name a file of the package, relative to its root, for example bin/handler.wasm
    HandlerManifest.json: $[0].sandbox.serviceCommand: character 7 of the command line is `;`, which only a shell could act upon [manifest.command]; name a component and its arguments, and put in single quotes what is to be taken literally
    HandlerManifest.json: $[0].sandbox.capabilities.service: `service` is false, and there is a `serviceCommand`, which asks for it [manifest.value]; take one of the two out
    HandlerManifest.json: $[0].sandbox.commands.enable.capabilities.service: `service` is nothing that enable alone can have: it is the handler that runs on [manifest.value]; write it in the `capabilities` beside `commands`
    HandlerManifest.json: $[0].sandbox.commands.enable.serviceCommand: there is no such key in `sandbox` [manifest.unknown_key]; leave it out
    HandlerManifest.json: $[0].sandbox.serviceComand: there is no such key in `sandbox` [manifest.unknown_key]; leave it out, or write `serviceCommand` if that was meant
    HandlerManifest.json: $[0].serviceCommand: nothing reads this key [manifest.unknown_key]; move it into `sandbox`
    HandlerManifest.json: $[0].handlerManifest.serviceCommand: nothing reads this key [manifest.unknown_key]; move it into `sandbox`
    ");
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
