//! `check`: of a package, a folder, and a file of each kind.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::made::{manifest, manifest_with, with, with_manifest};
use crate::workbench::{Said, Workbench};

/// A good file of each kind: the kind, a name by which it is guessed, and the content.
fn good() -> [(&'static str, &'static str, String); 7] {
    let settings = json!({ "runtimeSettings": [{ "handlerSettings": { "publicSettings": {} } }] });
    let status = json!([{ "version": 1.0, "timestampUTC": "2026-01-01T00:00:00Z",
        "status": { "status": "success", "operation": "enable", "code": 0 } }]);
    let heartbeat = json!([{ "version": 1.0, "heartbeat": { "status": "ready", "code": 0 } }]);
    let environment = json!([{ "version": 1.0, "handlerEnvironment": { "logFolder": "/l", "configFolder": "/c",
        "statusFolder": "/s", "heartbeatFile": "/h" } }]);
    let goal_state = json!({ "extensionGoalStates": [] });
    let versions = "<PluginVersionManifest><Plugins><Plugin><Version>1.0</Version><Uris><Uri>https://x/y.zip</Uri>\
                    </Uris></Plugin></Plugins></PluginVersionManifest>";
    [
        ("handler-manifest", "HandlerManifest.json", manifest().to_string()),
        ("handler-env", "HandlerEnvironment.json", environment.to_string()),
        ("settings", "0.settings", settings.to_string()),
        ("status", "Extension.0.status", status.to_string()),
        ("heartbeat", "heartbeat.log", heartbeat.to_string()),
        ("vm-settings", "VmSettings.json", goal_state.to_string()),
        ("version-manifest", "manifest.xml", versions.to_owned()),
    ]
}

fn check(bench: &Workbench, name: &str, options: &[&str]) -> Said {
    let path = bench.path(name);
    bench.hostler(&[&["check", path.to_str().unwrap()], options].concat())
}

/// The document is `{"verdict", "findings": [{"code", "severity", "where", "what", "hint"}]}` and nothing more.
fn assert_shape(said: &Said) {
    let json = said.json();
    let keys = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&json), ["findings", "verdict"].map(str::to_owned).into());
    for finding in json["findings"].as_array().unwrap() {
        let expected = ["code", "hint", "severity", "what", "where"].map(str::to_owned);
        assert_eq!(keys(finding), expected.into());
        assert!(finding.as_object().unwrap().values().all(Value::is_string), "{finding}");
    }
}

#[test]
fn each_kind_by_its_name_and_by_guess() {
    let bench = Workbench::new();
    for (kind, name, content) in good() {
        bench.write(name, &content);
        bench.write("document", &content);
        for (file, options) in [(name, &["--json"][..]), ("document", &["--json", "--kind", kind])] {
            let said = check(&bench, file, options);
            assert_shape(&said);
            assert_eq!(
                said.json(),
                json!({ "verdict": "accept", "findings": [] }),
                "{kind} {file}"
            );
            assert_eq!(said.exit, 0, "{kind}");
        }
    }
}

/// What is no document at all is refused as each kind, with a code of that kind.
#[test]
fn each_kind_has_its_own_codes() {
    let bench = Workbench::new();
    bench.write("document", "<[");
    let prefixes = [
        "manifest",
        "environment",
        "settings",
        "status",
        "heartbeat",
        "vm_settings",
        "version_manifest",
    ];
    for ((kind, _, _), prefix) in good().iter().zip(prefixes) {
        let said = check(&bench, "document", &["--json", "--kind", kind]);
        assert_shape(&said);
        assert_eq!((said.exit, &said.json()["verdict"]), (3, &json!("refuse")), "{kind}");
        let codes = said.codes();
        let ours = codes.iter().all(|code| code.split('.').next() == Some(prefix));
        assert!(ours && !codes.is_empty(), "{kind}: {codes:?}");
    }
}

#[test]
fn a_package() {
    let bench = Workbench::new();
    bench.package(&with([]));
    insta::assert_snapshot!(check(&bench, "Hostler.Tests.Made-1.0.zip", &[]).all(), @r"
    exit code 0
    --- stdout
    [HERE]/Hostler.Tests.Made-1.0.zip: accepted
    ");
    bench.package(&with_manifest("[{}, {}]"));
    insta::assert_snapshot!(check(&bench, "Hostler.Tests.Made-1.0.zip", &[]).all(), @r"
    exit code 3
    --- stdout
    [HERE]/Hostler.Tests.Made-1.0.zip: refused
    --- stderr
    refused: it is an array of 2 elements [manifest.shape]
      at HandlerManifest.json: $
      write an array of exactly one object
    ");
    insta::assert_snapshot!(check(&bench, "Hostler.Tests.Made-1.0.zip", &["--json"]).all(), @r#"
    exit code 3
    --- stdout
    {
      "verdict": "refuse",
      "findings": [
        {
          "code": "manifest.shape",
          "severity": "refusal",
          "where": "HandlerManifest.json: $",
          "what": "it is an array of 2 elements",
          "hint": "write an array of exactly one object"
        }
      ]
    }
    "#);
}

#[test]
fn a_folder() {
    let bench = Workbench::new();
    bench.folder("good", &manifest());
    insta::assert_snapshot!(check(&bench, "good", &[]).all(), @r"
    exit code 0
    --- stdout
    [HERE]/good: accepted
    ");
    bench.folder("odd", &manifest_with("reportHeartbeat", json!("yes")));
    insta::assert_snapshot!(check(&bench, "odd", &["--json"]).all(), @r#"
    exit code 0
    --- stdout
    {
      "verdict": "accept-with-warnings",
      "findings": [
        {
          "code": "manifest.value",
          "severity": "warning",
          "where": "HandlerManifest.json: $[0].handlerManifest.reportHeartbeat",
          "what": "`reportHeartbeat` is `yes`, which counts as false",
          "hint": "write true or false without quotes"
        }
      ]
    }
    "#);
    bench.folder("bad", &manifest_with("enableCommand", json!("missing.wasm enable")));
    insta::assert_snapshot!(check(&bench, "bad", &[]).all(), @r"
    exit code 3
    --- stdout
    [HERE]/bad: refused
    --- stderr
    refused: there is no missing.wasm in the package [manifest.command_target]
      at HandlerManifest.json: $[0].handlerManifest.enableCommand
      name a component in the package by its path from the root
    ");
}

/// Nothing is written to a folder that is only looked at.
#[test]
fn a_folder_stays_as_it_is() {
    let bench = Workbench::new();
    let folder = bench.folder("good", &manifest());
    let before = hostler_tests::Snapshot::of(&folder);
    check(&bench, "good", &[]);
    assert_eq!(before.differences(&hostler_tests::Snapshot::of(&folder)), [""; 0]);
}

#[test]
fn a_file_that_is_not_there() {
    let bench = Workbench::new();
    insta::assert_snapshot!(check(&bench, "0.settings", &[]).all(), @r"
    exit code 3
    --- stderr
    refused: it cannot be looked at: No such file or directory (os error 2) [input.open]
      at [HERE]/0.settings
      name a file that is there and that you may read
    ");
    insta::assert_snapshot!(check(&bench, "Nobody.Nothing-1.0.zip", &["--json"]).all(), @r#"
    exit code 3
    --- stdout
    {
      "verdict": "refuse",
      "findings": [
        {
          "code": "input.open",
          "severity": "refusal",
          "where": "[HERE]/Nobody.Nothing-1.0.zip",
          "what": "it cannot be looked at: No such file or directory (os error 2)",
          "hint": "name a file that is there and that you may read"
        }
      ]
    }
    "#);
}
