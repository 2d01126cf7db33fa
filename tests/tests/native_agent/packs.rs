//! `hostler pack --launcher`: what is in the package, and what is refused.

use std::fs::{self, File};
use std::io::Read as _;

use hostler_tests::recorder;
use serde_json::{Value, json};

use crate::agent::{HANDLER, manifest, pack, pack_recorder, small_program};

/// The agent sees the handler's manifest with its own kind of commands; the handler's own lies beside it untouched.
#[test]
fn the_package_has_a_launcher_and_the_handlers_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut own = manifest(&json!({"updateMode": "UpdateWithoutInstall", "continueOnUpdateFailure": true}));
    own[0]["sandbox"] = json!({"limits": {"cmd.cpu": 1000}});
    let package = pack_recorder(folder.path(), "1.2.3", &own);
    let mut archive = zip::ZipArchive::new(File::open(&package).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(
        names,
        [
            "HandlerManifest.json",
            "bin/hostler-launcher",
            "handler/HandlerManifest.json",
            "handler/recorder.wasm",
            "hostler-package.json"
        ]
    );
    let mut read = |name: &str| {
        let mut content = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
        content
    };
    let outer: Value = serde_json::from_slice(&read("HandlerManifest.json")).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&outer).unwrap(), @r#"
    [
      {
        "handlerManifest": {
          "continueOnUpdateFailure": true,
          "disableCommand": "bin/hostler-launcher launch disable",
          "enableCommand": "bin/hostler-launcher launch enable",
          "installCommand": "bin/hostler-launcher launch install",
          "rebootAfterInstall": false,
          "reportHeartbeat": false,
          "uninstallCommand": "bin/hostler-launcher launch uninstall",
          "updateCommand": "bin/hostler-launcher launch update",
          "updateMode": "UpdateWithoutInstall"
        },
        "name": "Contoso.Demo",
        "version": 1.0
      }
    ]
    "#);
    let inner: Value = serde_json::from_slice(&read("handler/HandlerManifest.json")).unwrap();
    assert_eq!(inner, own);
    assert_eq!(read("handler/recorder.wasm"), fs::read(recorder()).unwrap());

    let bytes = fs::read(&package).unwrap();
    pack_recorder(folder.path(), "1.2.3", &own);
    assert_eq!(
        fs::read(&package).unwrap(),
        bytes,
        "the same folder gives the same bytes"
    );
}

/// One clear error each, and no package.
#[test]
fn what_no_launcher_can_be_made_of_is_refused() {
    let mut serves = manifest(&json!({}));
    serves[0]["sandbox"] = json!({"serviceCommand": "recorder.wasm service"});
    let plain = manifest(&json!({}));
    let cases = [
        (&serves, None, "[pack.launcher]", "the handler has a service"),
        (&plain, Some("text"), "[pack.launcher]", "it is not a program for Linux"),
        (&plain, Some("missing"), "[pack.launcher]", "it cannot be read"),
    ];
    for (manifest, program, code, words) in cases {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        fs::create_dir(&source).unwrap();
        fs::copy(recorder(), source.join("recorder.wasm")).unwrap();
        fs::write(source.join("HandlerManifest.json"), manifest.to_string()).unwrap();
        fs::write(folder.path().join("text"), "#!/bin/sh\n").unwrap();
        let program = match program {
            Some(name) => folder.path().join(name),
            None => small_program(folder.path()),
        };
        let out = folder.path().join("out");
        let options = ["--launcher-binary", program.to_str().unwrap()];
        let found = pack(&source, "1.0", HANDLER, &out, &options);
        assert_eq!(found.exit, 3, "{words}: {found:?}");
        assert!(
            found.stderr.contains(code) && found.stderr.contains(words),
            "{words}: {found:?}"
        );
        assert!(!out.exists(), "{words}");
    }
}

/// Nothing of the handler runs between its commands, so that its heartbeat grows old: that is said when it is packed.
#[test]
fn a_heartbeat_that_will_grow_old_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    fs::create_dir(&source).unwrap();
    fs::copy(recorder(), source.join("recorder.wasm")).unwrap();
    let text = manifest(&json!({"reportHeartbeat": true})).to_string();
    fs::write(source.join("HandlerManifest.json"), text).unwrap();
    let found = pack(&source, "1.0", HANDLER, folder.path(), &[]);
    assert_eq!(found.exit, 0, "{found:?}");
    assert!(
        found.stderr.contains("warning: ten minutes after its last command"),
        "{found:?}"
    );
}
