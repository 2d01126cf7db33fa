//! SET-06 to SET-13 through `run --settings`: refused with exit code 3 and nothing left behind, or run.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::made::{IDENTITY, with};
use crate::workbench::{SOON, Said, Workbench};

/// Runs a good package with settings of that text in a file of that name, in a fresh root.
fn run(name: &str, text: impl AsRef<[u8]>) -> (Workbench, Said) {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let settings = bench.write(name, text);
    let said = bench.run(&package, &["--json", "--settings", settings.to_str().unwrap()]);
    (bench, said)
}

#[track_caller]
fn refused(case: &str, code: &str, text: impl AsRef<[u8]>) -> Said {
    let (bench, said) = run("0.settings", text);
    assert_eq!(
        (said.exit, said.codes()),
        (3, vec![code.to_owned()]),
        "{case}: {}",
        said.all()
    );
    bench.assert_nothing_installed(case);
    said
}

/// The settings files that the handler got.
fn delivered(bench: &Workbench) -> Vec<String> {
    let entries = fs::read_dir(bench.handler(IDENTITY).join("config")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn handler_settings(inner: Value) -> String {
    json!({ "runtimeSettings": [{ "handlerSettings": inner }] }).to_string()
}

#[test]
fn too_large_or_too_deep() {
    let said = refused("SET-06", "settings.size", vec![b' '; 50_000_000]);
    assert!(said.ran.peak_rss < 96 << 20, "SET-06: {} MiB", said.ran.peak_rss >> 20);
    refused("SET-06", "settings.depth", "[".repeat(100_000));
    let one_more = vec![b' '; (1 << 20) + 1];
    refused("SET-06", "settings.size", one_more);
}

/// SET-07 and SET-08: a name that was meant to say a number and does not is refused, and no number is ever wrapped.
#[test]
fn names_that_are_no_sequence_numbers() {
    let names = [
        "-1",
        "+1",
        "01",
        "1e3",
        "\u{ff11}",
        "2147483648",
        "9223372036854775808",
        "18446744073709551616",
        "1000000000000000000000000000000",
    ];
    for name in names {
        let (bench, said) = run(&format!("{name}.settings"), "{\"a\": 1}");
        let refusal = (said.exit, said.codes());
        assert_eq!(
            refusal,
            (3, vec!["settings.seq".to_owned()]),
            "SET-07, SET-08: {name}: {}",
            said.all()
        );
        bench.assert_nothing_installed("SET-07, SET-08");
    }
    // Not the name of a settings file at all: it says nothing of a number, which is 0 then.
    let (bench, said) = run("public.json", "{\"a\": 1}");
    assert_eq!(delivered(&bench), ["0.settings"], "SET-07");
    assert_eq!(said.handler()["runtimeSettingsStatus"]["sequenceNumber"], 0, "SET-07");
    let (bench, said) = run("2147483647.settings", "{\"a\": 1}");
    assert_eq!(delivered(&bench), ["2147483647.settings"], "SET-08");
    assert_eq!(
        said.handler()["runtimeSettingsStatus"]["sequenceNumber"],
        2_147_483_647,
        "SET-08"
    );
}

/// SET-09: numbers with a gap, and a lower one after a higher one, are enabled as they come (contract 4.3).
#[test]
fn numbers_in_any_order() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    for number in [0, 5, 3, 3] {
        let settings = bench.write(&format!("{number}.settings"), "{\"a\": 1}");
        let said = bench.run(&package, &["--json", "--settings", settings.to_str().unwrap()]);
        assert_eq!(
            said.handler()["runtimeSettingsStatus"]["sequenceNumber"],
            number,
            "SET-09"
        );
        let commands = said.handler()["hostler"]["commands"].clone();
        assert_eq!(
            commands.as_array().unwrap().last().unwrap()["command"],
            "enable",
            "SET-09"
        );
    }
    assert_eq!(delivered(&bench), ["0.settings", "3.settings", "5.settings"], "SET-09");
}

#[test]
fn wrong_shapes() {
    let one = json!({ "handlerSettings": {} });
    let none = json!({ "runtimeSettings": [] }).to_string();
    let two = json!({ "runtimeSettings": [one, one] }).to_string();
    for text in [none, two, handler_settings(Value::Null), "[]".to_owned()] {
        refused("SET-10", "settings.shape", text);
    }
    refused("SET-10", "settings.json", " \n");
    let (bench, said) = run("0.settings", "");
    assert_eq!(said.exit, 0, "SET-10: an empty file is no settings: {}", said.all());
    assert_eq!(
        fs::read(bench.handler(IDENTITY).join("config/0.settings")).unwrap(),
        b""
    );
    for public in [json!("{}"), json!([]), json!(1)] {
        refused(
            "SET-12",
            "settings.type",
            handler_settings(json!({ "publicSettings": public })),
        );
    }
    let (bench, _) = run("0.settings", handler_settings(json!({ "publicSettings": null })));
    assert_eq!(delivered(&bench), ["0.settings"], "SET-12: null is allowed");
}

/// SET-11: what is not a regular file is refused at once; a link is the user's own way of naming a file.
#[test]
fn something_else_in_place_of_the_file() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let (pipe, folder, link) = (
        bench.path("0.settings"),
        bench.path("folder.settings"),
        bench.path("2.settings"),
    );
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    fs::create_dir(&folder).unwrap();
    let missing = bench.path("missing.settings");
    for path in [pipe, folder, missing, "/dev/zero".into(), "/dev/null".into()] {
        let said = bench.run(&package, &["--json", "--settings", path.to_str().unwrap()]);
        assert_eq!(
            (said.exit, said.codes()),
            (3, vec!["input.open".to_owned()]),
            "SET-11: {}",
            path.display()
        );
        assert!(said.ran.wall < SOON, "SET-11: {:?}", said.ran.wall);
        bench.assert_nothing_installed("SET-11");
    }
    symlink(bench.write("real.json", "{\"a\": 1}"), &link).unwrap();
    bench.run(&package, &["--json", "--settings", link.to_str().unwrap()]);
    assert_eq!(delivered(&bench), ["2.settings"], "SET-11");
    let kind = fs::symlink_metadata(bench.handler(IDENTITY).join("config/2.settings")).unwrap();
    assert!(kind.is_file(), "SET-11: the handler gets a file, not a link");
}

/// SET-11 from the other side: what lies in the place of the handler's settings file is replaced, not followed.
#[test]
fn a_link_in_place_of_the_handler_s_file() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    assert_eq!(bench.run(&package, &[]).exit, 0);
    let victim = bench.write("victim", "untouched");
    let file = bench.handler(IDENTITY).join("config/0.settings");
    fs::remove_file(&file).unwrap();
    symlink(&victim, &file).unwrap();
    let settings = bench.write("0.settings", "{\"a\": 1}");
    bench.run(&package, &["--settings", settings.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched", "SET-11");
    assert!(fs::symlink_metadata(&file).unwrap().is_file(), "SET-11");
}

/// SET-13: a name that could lead out of the folder, or be read in two ways, is refused.
#[test]
fn extension_names() {
    let long = "a".repeat(200);
    for name in ["a.b", ".", "..", "a b", "\u{e9}", "-;", &long] {
        let (bench, said) = run(&format!("{name}.4.settings"), "{\"a\": 1}");
        let refusal = (said.exit, said.codes());
        assert_eq!(
            refusal,
            (3, vec!["settings.ext_name".to_owned()]),
            "SET-13: {name}: {}",
            said.all()
        );
        bench.assert_nothing_installed("SET-13");
    }
    let (bench, said) = run("My_Ext-1.4.settings", "{\"a\": 1}");
    assert_eq!(delivered(&bench), ["My_Ext-1.4.settings"]);
    assert_eq!(said.handler()["runtimeSettingsStatus"]["extensionName"], "My_Ext-1");
}
