//! `inspect` of packages that ask to run on after enable.

use hostler_tests::{ZipEntry, ZipForge};
use serde_json::{Value, json};

use crate::made::{COMPONENT, done, manifest, manifest_entry};
use crate::policies::policy;
use crate::workbench::Workbench;

/// What runs on after enable stands by itself, with what becomes of it.
#[test]
fn inspect_shows_the_service() {
    let bench = Workbench::new();
    let mut manifest = manifest();
    manifest[0]["sandbox"] = json!({ "serviceCommand": "bin/runs.wasm 'run on'" });
    let package = bench.package(&ZipForge::of([
        manifest_entry(manifest.to_string()),
        ZipEntry::stored(COMPONENT, done()),
        ZipEntry::stored("bin/runs.wasm", done()),
    ]));
    let inspect = |text: &str, options: &[&str]| {
        let file = policy(&bench, text);
        let arguments = ["inspect", package.to_str().unwrap(), "--policy", file.to_str().unwrap()];
        bench.hostler(&[&arguments, options].concat())
    };
    let allows = "[[rule]]\nname = \"tests\"\nservice = true\n";
    let told = |text: &str| {
        let said = inspect(text, &[]).all();
        let told = said.lines().filter(|line| !line.contains("all other limits"));
        let from = told.skip_while(|line| !line.contains("component bin/runs.wasm"));
        from.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!([told(allows), told("")].join("\n\n"), @r#"
      component bin/runs.wasm
        entered by  wasi:cli/run@0.2.0
        imports     
      component made.wasm
        entered by  wasi:cli/run@0.2.0
        imports     
      asks for   service: true
      policy     policy.toml: rule `tests` decides
      gets its own folders, nothing else of the machine, and for each command
      install    made.wasm install
      enable     made.wasm enable
      update     made.wasm update
      disable    made.wasm disable
      uninstall  made.wasm uninstall
      service    bin/runs.wasm 'run on'
        asks for service true; rule `tests` allows true; gets true

      component bin/runs.wasm
        entered by  wasi:cli/run@0.2.0
        imports     
      component made.wasm
        entered by  wasi:cli/run@0.2.0
        imports     
      asks for   service: true
      policy     policy.toml: no rule matches the handler
      install    made.wasm install
      enable     made.wasm enable
      update     made.wasm update
      disable    made.wasm disable
      uninstall  made.wasm uninstall
      service    bin/runs.wasm 'run on'
        asks for service true; nothing of it is allowed without a rule
    refused: the package asks to run on after enable, and no rule of policy.toml matches Hostler.Tests.Made-1.0 [manifest.capability]
      at HandlerManifest.json: $[0].sandbox.serviceCommand
      take it out of `sandbox`, or add a rule, one line for each `|`: [[rule]] | publisher = "Hostler.Tests" | type = "Made" | service = true
    "#);

    let document = inspect(allows, &["--json"]).json();
    assert_eq!(
        document["service"],
        json!({"line": "bin/runs.wasm 'run on'", "component": "bin/runs.wasm", "grants": [{
            "capability": "service", "asked": "true", "allowed": "true", "rule": "tests", "effective": "true"}]}),
    );
    assert_eq!(document["asked"], json!(["service: true"]));
    assert_eq!(document["commands"][1].get("grants"), None, "it stands once");
    let refused = inspect("[[rule]]\nservice = false", &["--json"]).json();
    assert_eq!(refused["verdict"], "refuse");
    let grant = &refused["service"]["grants"][0];
    assert_eq!((&grant["allowed"], &grant["effective"]), (&Value::Null, &Value::Null));
}
