//! MAN-01 to MAN-17 as packages that are run: refused with exit code 3 and nothing left behind, or run with a warning.

use hostler_tests::{ZipEntry, ZipForge};
use serde_json::{Value, json};

use crate::made::{COMPONENT, done, manifest, manifest_entry, manifest_with, with_manifest};
use crate::workbench::Workbench;

/// Runs the package with `text` as its manifest, which must be refused with `code`, twice alike (O9).
#[track_caller]
fn refused(case: &str, code: &str, text: impl AsRef<[u8]>) -> String {
    refused_package(case, code, &with_manifest(text))
}

#[track_caller]
fn refused_package(case: &str, code: &str, forge: &ZipForge) -> String {
    let bench = Workbench::new();
    let package = bench.package(forge);
    let said = bench.run(&package, &["--json"]);
    assert_eq!(said.exit, 3, "{case}: {}", said.all());
    let codes = said.codes();
    assert!(codes.iter().any(|found| found == code), "{case}: {codes:?}, not {code}");
    bench.assert_nothing_installed(case);
    assert_eq!(
        bench.run(&package, &["--json"]).all(),
        said.all(),
        "{case}: another verdict for the same bytes"
    );
    // O6: for people, a finding is bounded and three lines long at most, and nothing in it acts on a terminal.
    let text = bench.run(&package, &[]).ran.stderr_text();
    assert!(text.len() <= 4096 * codes.len(), "{case}: {} bytes", text.len());
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{case}: {text:?}");
    text
}

/// Runs the package with `text` as its manifest, which must go well with exactly the warnings `codes`.
#[track_caller]
fn accepted(case: &str, codes: &[&str], text: impl AsRef<[u8]>) -> Value {
    let bench = Workbench::new();
    let said = bench.run(&bench.package(&with_manifest(text)), &["--json"]);
    assert_eq!(
        (said.exit, said.codes()),
        (0, codes.iter().map(|&code| code.to_owned()).collect()),
        "{case}"
    );
    said.handler()
}

#[test]
fn the_document_as_a_whole() {
    let good = manifest().to_string();
    for text in ["", "{", "null", "plain text"] {
        let said = refused("MAN-01", "manifest.json", text);
        assert!(said.contains("HandlerManifest.json:1:"), "MAN-01: {said}");
    }
    accepted("MAN-02", &["manifest.encoding"], format!("\u{feff}{good}"));
    let utf16 = std::iter::once(0xfeff)
        .chain(good.encode_utf16())
        .flat_map(u16::to_le_bytes);
    refused("MAN-03", "manifest.encoding", utf16.collect::<Vec<u8>>());
    let element = good.trim_start_matches('[').trim_end_matches(']');
    for text in ["{}", "[]", element, &format!("[{element}, {element}]")] {
        refused("MAN-04", "manifest.shape", text);
    }
    refused("MAN-09", "manifest.size", format!("{good}{}", " ".repeat(65 << 10)));
    refused("MAN-09", "manifest.depth", "[".repeat(60_000));
    refused("MAN-09", "manifest.size", "[".repeat(100_000));
}

/// MAN-05: an error only when it is needed (contract 1.3), and early where an author asks.
#[test]
fn commands_that_are_missing() {
    for (key, command) in [
        ("installCommand", "install"),
        ("enableCommand", "enable"),
        ("updateCommand", "update"),
        ("disableCommand", "disable"),
        ("uninstallCommand", "uninstall"),
    ] {
        let mut without = manifest();
        without[0]["handlerManifest"].as_object_mut().unwrap().remove(key);
        let bench = Workbench::new();
        let package = bench.package(&with_manifest(without.to_string()));
        let others = ["install", "enable", "update", "disable", "uninstall"].map(|name| name.to_owned());
        let others: Vec<String> = others.into_iter().filter(|name| name != command).collect();
        let said = bench.run(&package, &["--json", "--commands", &others.join(",")]);
        assert_eq!(said.exit, 0, "MAN-05 {key}: {}", said.all());
        let said = bench.run(&package, &["--json", "--commands", command]);
        assert_eq!(
            (said.exit, said.codes()),
            (3, vec!["manifest.field".to_owned()]),
            "MAN-05 {key}"
        );
        let said = bench.hostler(&["check", package.to_str().unwrap(), "--json"]);
        assert_eq!(
            (said.exit, said.codes()),
            (3, vec!["manifest.field".to_owned()]),
            "MAN-05 {key}"
        );
        let fresh = Workbench::new();
        let said = fresh.run(
            &fresh.package(&with_manifest(without.to_string())),
            &["--json", "--commands", command],
        );
        assert_eq!(said.exit, 3, "MAN-05 {key}");
        fresh.assert_nothing_installed(&format!("MAN-05 {key}"));
    }
}

#[test]
fn fields_of_the_wrong_type() {
    let commands = [
        "installCommand",
        "uninstallCommand",
        "updateCommand",
        "enableCommand",
        "disableCommand",
    ];
    for key in commands {
        for value in [json!(1), json!(null), json!([]), json!({}), json!(true)] {
            let said = refused("MAN-06", "manifest.type", manifest_with(key, value).to_string());
            assert!(said.contains(key), "MAN-06: {said}");
        }
    }
    for value in [json!(1), json!([]), json!({}), json!(true)] {
        refused(
            "MAN-06",
            "manifest.type",
            manifest_with("updateMode", value).to_string(),
        );
    }
}

/// What needs a shell, leaves the package or is beyond all measure is refused, and none of it is ever executed.
#[test]
fn command_lines() {
    let trace = Workbench::new();
    let mark = trace.path("mark");
    let touch = format!("{COMPONENT}; touch {}", mark.display());
    let lines = [
        "../../bin/sh",
        "/bin/sh",
        &touch,
        "$(id)",
        "`id`",
        "made.wasm\nenable",
        "made.wasm\0enable",
        "",
        "made.wasm > x",
    ];
    for line in lines {
        refused(
            "MAN-07",
            "manifest.command",
            manifest_with("enableCommand", json!(line)).to_string(),
        );
    }
    assert!(!mark.exists(), "MAN-07: a command line went to a shell");
    let many = format!("{COMPONENT}{}", " x".repeat(10_000));
    refused(
        "MAN-15",
        "manifest.command",
        manifest_with("enableCommand", json!(many)).to_string(),
    );
    let long = format!("{COMPONENT} {}", "x".repeat(1 << 20));
    refused(
        "MAN-15",
        "manifest.size",
        manifest_with("enableCommand", json!(long)).to_string(),
    );
    for (line, named) in [
        ("made.wasm \u{1b}[31m", "U+001B"),
        ("made.wasm \u{202e}elbane", "U+202E"),
    ] {
        let said = refused(
            "MAN-16",
            "manifest.command",
            manifest_with("enableCommand", json!(line)).to_string(),
        );
        assert!(said.contains(named), "MAN-16: {said}");
    }
}

#[test]
fn command_targets() {
    let line = |line: &str| manifest_entry(manifest_with("enableCommand", json!(line)).to_string());
    let component = || ZipEntry::stored(COMPONENT, done());
    let beside = [ZipEntry::folder("folder/"), ZipEntry::stored("note.txt", b"a note")];
    for target in ["other.wasm", "folder", "note.txt"] {
        let entries = [line(&format!("{target} enable")), component()]
            .into_iter()
            .chain(beside.clone());
        refused_package("MAN-08", "manifest.command_target", &ZipForge::of(entries));
        let mut manifest = manifest();
        manifest[0]["sandbox"] = json!({ "serviceCommand": format!("{target} service") });
        let entries = [manifest_entry(manifest.to_string()), component()]
            .into_iter()
            .chain(beside.clone());
        refused_package("MAN-08", "manifest.command_target", &ZipForge::of(entries));
    }
}

/// MAN-08 of what runs on after enable: found out before anything of the package is in place.
#[test]
fn a_service_that_cannot_be_compiled() {
    let imports = wat::parse_str(r#"(component (import "env:host/more" (instance)))"#).expect("a component");
    let mut manifest = manifest();
    manifest[0]["sandbox"] = json!({ "serviceCommand": "service.wasm" });
    let forge = ZipForge::of([
        manifest_entry(manifest.to_string()),
        ZipEntry::stored(COMPONENT, done()),
        ZipEntry::stored("service.wasm", &imports),
    ]);
    refused_package("MAN-08", "wasm.import", &forge);
}

#[test]
fn keys_and_values() {
    let good = manifest().to_string();
    let twice = good.replace(
        "\"enableCommand\":",
        "\"enableCommand\": \"x.wasm\", \"enableCommand\":",
    );
    refused("MAN-10", "manifest.duplicate_key", twice);
    for (value, codes, beats) in [
        (json!("true"), &["heartbeat.missing"][..], true),
        (json!("True"), &["heartbeat.missing"], true),
        (json!(1), &["manifest.value"], false),
        (json!("yes"), &["manifest.value"], false),
    ] {
        let bench = Workbench::new();
        let text = manifest_with("reportHeartbeat", value.clone()).to_string();
        let said = bench.run(&bench.package(&with_manifest(text)), &["--json"]);
        assert_eq!(said.codes(), codes, "MAN-11 {value}");
        // A heartbeat that is promised and missing is a failure.
        assert_eq!(said.exit, i32::from(beats), "MAN-11 {value}");
    }
    accepted(
        "MAN-12",
        &["manifest.unknown_key"],
        manifest_with("suportsX", json!(1)).to_string(),
    );
    accepted(
        "MAN-12",
        &["manifest.value"],
        manifest_with("updateMode", json!("Never")).to_string(),
    );
}

/// MAN-14: a request never raises a limit, and what is no amount is ignored; both with a warning.
#[test]
fn resource_limits() {
    const DEFAULT: u64 = 256 << 20;
    for (megabytes, warnings, limit) in [
        (json!(1e9), &["manifest.limits"][..], DEFAULT),
        (json!(64), &[], 64 << 20),
        (json!(-1), &["manifest.limits"], DEFAULT),
        (json!("NaN"), &["manifest.limits"], DEFAULT),
        (json!(0), &["manifest.limits"], DEFAULT),
    ] {
        let mut manifest = manifest();
        manifest[0]["resourceLimits"] = json!({ "memoryQuotaInMB": megabytes });
        let handler = accepted("MAN-14", warnings, manifest.to_string());
        let limits = handler["hostler"]["commands"][0]["limits"].as_array().unwrap();
        let memory = limits
            .iter()
            .find(|limit| limit["name"] == "guest.memory_total")
            .unwrap();
        assert_eq!(memory["limit"], limit, "MAN-14 {megabytes}");
    }
}

/// MAN-17: arguments are the handler's own business; it gains nothing by naming what it cannot see.
#[test]
fn arguments_that_name_other_folders() {
    let line = format!("{COMPONENT} --root / /var/lib/other/config");
    let handler = accepted("MAN-17", &[], manifest_with("enableCommand", json!(line)).to_string());
    let folders = handler["hostler"]["folders"].as_array().unwrap();
    assert!(
        folders
            .iter()
            .all(|folder| folder["name"] != "/" && folder["name"] != "/var/lib/other/config")
    );
}
