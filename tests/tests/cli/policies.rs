//! Policies: what `inspect` makes of them, what is refused because of them, and files that are none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hostler_tests::{OpenSsl, ZipEntry, ZipForge};
use serde_json::{Value, json};

use crate::made::{COMPONENT, done, manifest, manifest_entry, with};
use crate::workbench::{Said, Workbench};

/// Writes the policy `text`, in which `[HERE]` is the bench's folder, with a mode that is fit for one.
pub(crate) fn policy(bench: &Workbench, text: &str) -> PathBuf {
    let path = bench.write(
        "policy.toml",
        text.replace("[HERE]", &bench.path("").display().to_string()),
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// A package that asks for a folder of the bench, more of it for install, a variable and a full clock.
fn asking(bench: &Workbench) -> PathBuf {
    let folder = |access: &str| json!([{"path": bench.path("shared"), "access": access}]);
    let mut manifest = manifest();
    manifest[0]["sandbox"] = json!({
        "capabilities": {"directories": folder("read"), "environment": ["HOME"], "clock": "full"},
        "commands": {"install": {"capabilities": {"directories": folder("read-write")}}},
    });
    let entries = [
        manifest_entry(manifest.to_string()),
        ZipEntry::stored(COMPONENT, done()),
    ];
    bench.package(&ZipForge::of(entries))
}

const OPEN: &str = r#"
[[rule]]
name = "tests"
publisher = "Hostler.Tests"
environment = ["HOME"]
directories = [{ path = "[HERE]shared", access = "read-write", bytes = "1MiB" }]
"#;

const NARROW: &str = r#"
[[rule]]
name = "read only"
publisher = "Hostler.Tests"
clock = "coarse"
limits = { "cmd.cpu" = "10s" }
directories = [{ path = "[HERE]shared", access = "read" }]
"#;

fn inspect(text: Option<&str>, options: &[&str]) -> Said {
    let bench = Workbench::new();
    let package = asking(&bench);
    let file = text.map(|text| policy(&bench, text));
    let mut arguments = vec!["inspect", package.to_str().unwrap()];
    if let Some(file) = &file {
        arguments.extend(["--policy", file.to_str().unwrap()]);
    }
    bench.hostler(&[&arguments, options].concat())
}

/// From the line about what is asked for on.
fn decision(said: &Said) -> String {
    let all = said.all();
    let (first, rest) = all.split_once('\n').unwrap();
    let (_, shown) = rest.split_once("  asks for ").unwrap_or(("", rest));
    format!("{first}\n  asks for {shown}")
}

#[test]
fn inspect_shows_what_is_asked_allowed_and_given() {
    insta::assert_snapshot!(decision(&inspect(Some(OPEN), &[])), @"
    exit code 0
      asks for   directories: read [HERE]/shared
      asks for   environment: HOME
      asks for   clock: full
      asks for   directories: read-write [HERE]/shared (for install)
      policy     policy.toml: rule `tests` decides
      gets its own folders, what was granted of the machine, and for each command
      install    made.wasm install
        cmd.deadline 15 min (the contract's time limit of the command); all other limits at their defaults
        asks for directories read-write [HERE]/shared; rule `tests` allows read-write [HERE]/shared, bytes 1048576, files 256; gets [HERE]/shared: read-write (to add 1 MiB, 256 files)
        asks for environment HOME; rule `tests` allows HOME; gets HOME
        asks for clock full; rule `tests` allows full; gets full
      enable     made.wasm enable
        cmd.deadline 5 min (the contract's time limit of the command); all other limits at their defaults
        asks for directories read [HERE]/shared; rule `tests` allows read-write [HERE]/shared, bytes 1048576, files 256; gets [HERE]/shared: read
        asks for environment HOME; rule `tests` allows HOME; gets HOME
        asks for clock full; rule `tests` allows full; gets full
      update     made.wasm update
        cmd.deadline 15 min (the contract's time limit of the command); all other limits at their defaults
        asks for directories read [HERE]/shared; rule `tests` allows read-write [HERE]/shared, bytes 1048576, files 256; gets [HERE]/shared: read
        asks for environment HOME; rule `tests` allows HOME; gets HOME
        asks for clock full; rule `tests` allows full; gets full
      disable    made.wasm disable
        cmd.deadline 15 min (the contract's time limit of the command); all other limits at their defaults
        asks for directories read [HERE]/shared; rule `tests` allows read-write [HERE]/shared, bytes 1048576, files 256; gets [HERE]/shared: read
        asks for environment HOME; rule `tests` allows HOME; gets HOME
        asks for clock full; rule `tests` allows full; gets full
      uninstall  made.wasm uninstall
        cmd.deadline 5 min (the contract's time limit of the command); all other limits at their defaults
        asks for directories read [HERE]/shared; rule `tests` allows read-write [HERE]/shared, bytes 1048576, files 256; gets [HERE]/shared: read
        asks for environment HOME; rule `tests` allows HOME; gets HOME
        asks for clock full; rule `tests` allows full; gets full
    ");
}

#[test]
fn inspect_shows_what_is_refused_and_what_would_allow_it() {
    insta::assert_snapshot!(decision(&inspect(Some(NARROW), &[])), @r#"
    exit code 3
      asks for   directories: read [HERE]/shared
      asks for   environment: HOME
      asks for   clock: full
      asks for   directories: read-write [HERE]/shared (for install)
      policy     policy.toml: rule `read only` decides
      install    made.wasm install
        asks for directories read-write [HERE]/shared; rule `read only` allows read [HERE]/shared
        asks for environment HOME; rule `read only` allows nothing of it
        asks for clock full; rule `read only` allows coarse
      enable     made.wasm enable
        asks for directories read [HERE]/shared; rule `read only` allows read [HERE]/shared
        asks for environment HOME; rule `read only` allows nothing of it
        asks for clock full; rule `read only` allows coarse
      update     made.wasm update
        asks for directories read [HERE]/shared; rule `read only` allows read [HERE]/shared
        asks for environment HOME; rule `read only` allows nothing of it
        asks for clock full; rule `read only` allows coarse
      disable    made.wasm disable
        asks for directories read [HERE]/shared; rule `read only` allows read [HERE]/shared
        asks for environment HOME; rule `read only` allows nothing of it
        asks for clock full; rule `read only` allows coarse
      uninstall  made.wasm uninstall
        asks for directories read [HERE]/shared; rule `read only` allows read [HERE]/shared
        asks for environment HOME; rule `read only` allows nothing of it
        asks for clock full; rule `read only` allows coarse
    refused: the package asks for `read-write [HERE]/shared`, and rule `read only` of policy.toml does not allow it beyond `read [HERE]/shared` [manifest.capability]
      at HandlerManifest.json: $[0].sandbox.commands.install.capabilities.directories[0]
      take it out of `sandbox`, or write in the rule `read only`: { path = "[HERE]/shared", access = "read-write" } in the place of what `directories` has for it
    refused: the package asks for the variable HOME, and rule `read only` of policy.toml does not allow it [manifest.capability]
      at HandlerManifest.json: $[0].sandbox.capabilities.environment[0]
      take it out of `sandbox`, or write in the rule `read only`: environment = ["HOME"]
    refused: the package asks for `clock` in full, and rule `read only` of policy.toml does not allow it [manifest.capability]
      at HandlerManifest.json: $[0].sandbox.capabilities.clock
      take it out of `sandbox`, or write in the rule `read only`: clock = "full"
    "#);
    insta::assert_snapshot!(decision(&inspect(None, &[])), @r#"
    exit code 3
      asks for   directories: read [HERE]/shared
      asks for   environment: HOME
      asks for   clock: full
      asks for   directories: read-write [HERE]/shared (for install)
      install    made.wasm install
        asks for directories read-write [HERE]/shared; nothing of it is allowed without a rule
        asks for environment HOME; nothing of it is allowed without a rule
        asks for clock full; full is allowed without a rule
      enable     made.wasm enable
        asks for directories read [HERE]/shared; nothing of it is allowed without a rule
        asks for environment HOME; nothing of it is allowed without a rule
        asks for clock full; full is allowed without a rule
      update     made.wasm update
        asks for directories read [HERE]/shared; nothing of it is allowed without a rule
        asks for environment HOME; nothing of it is allowed without a rule
        asks for clock full; full is allowed without a rule
      disable    made.wasm disable
        asks for directories read [HERE]/shared; nothing of it is allowed without a rule
        asks for environment HOME; nothing of it is allowed without a rule
        asks for clock full; full is allowed without a rule
      uninstall  made.wasm uninstall
        asks for directories read [HERE]/shared; nothing of it is allowed without a rule
        asks for environment HOME; nothing of it is allowed without a rule
        asks for clock full; full is allowed without a rule
    refused: the package asks for `read-write [HERE]/shared`, and without a policy nothing but the contract's folders is granted [manifest.capability]
      at HandlerManifest.json: $[0].sandbox.commands.install.capabilities.directories[0]
      take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Hostler.Tests" | type = "Made" | directories = [{ path = "[HERE]/shared", access = "read-write" }]
    refused: the package asks for the variable HOME, and without a policy nothing but the contract's folders is granted [manifest.capability]
      at HandlerManifest.json: $[0].sandbox.capabilities.environment[0]
      take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Hostler.Tests" | type = "Made" | environment = ["HOME"]
    refused: the package asks for `read [HERE]/shared`, and without a policy nothing but the contract's folders is granted [manifest.capability]
      at HandlerManifest.json: $[0].sandbox.capabilities.directories[0]
      take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Hostler.Tests" | type = "Made" | directories = [{ path = "[HERE]/shared", access = "read" }]
    "#);
}

#[test]
fn inspect_as_json() {
    let document = inspect(Some(OPEN), &["--json"]).json();
    assert_eq!(document["verdict"], "accept", "{document}");
    assert_eq!(document["policy"], json!({"file": "policy.toml", "rule": "tests"}));
    let grants = &document["commands"][0]["grants"];
    assert_eq!(grants.as_array().map(Vec::len), Some(3), "{grants}");
    let folder = &grants[0];
    assert_eq!(folder["capability"], "directories");
    assert_eq!(folder["rule"], "tests");
    assert!(folder["asked"].as_str().unwrap().starts_with("read-write "), "{folder}");
    assert!(
        folder["allowed"]
            .as_str()
            .unwrap()
            .ends_with("bytes 1048576, files 256"),
        "{folder}"
    );
    let refused = inspect(Some(NARROW), &["--json"]).json();
    assert_eq!(refused["verdict"], "refuse");
    assert_eq!(
        refused["commands"][0]["limits"],
        json!([]),
        "nothing is in force for it"
    );
    let enable = &refused["commands"][1]["grants"][0];
    assert!(enable["allowed"].as_str().unwrap().starts_with("read "), "{enable}");
    assert_eq!(
        enable["effective"],
        Value::Null,
        "a package that is refused gets nothing"
    );
}

#[test]
fn run_shows_the_granted_folder_and_what_was_added() {
    let bench = Workbench::new();
    let package = asking(&bench);
    let file = policy(&bench, OPEN);
    let options = ["--policy", file.to_str().unwrap()];
    let gone = bench.run(&package, &options);
    assert_eq!(
        (gone.exit, gone.codes_of_refusal()),
        (3, vec!["grant.directory".to_owned()])
    );
    fs::create_dir(bench.path("shared")).unwrap();
    let said = bench.run(&package, &options).all();
    let granted: Vec<&str> = said.lines().filter(|line| line.contains("shared")).collect();
    insta::assert_snapshot!(granted.join("\n"), @"
      read/write  [HERE]/shared (granted)
    added to [HERE]/shared: 0 B of 1 MiB, 0 of 256 files
    ");
}

/// Neither the root nor what contains it, by whatever the policy says.
#[test]
fn the_root_is_never_granted() {
    let bench = Workbench::new();
    for folder in ["root", "root/state", ""] {
        let path = bench.path(folder);
        let path = path.to_str().unwrap().trim_end_matches('/');
        let mut manifest = manifest();
        manifest[0]["sandbox"] = json!({"capabilities": {"directories": [{"path": path, "access": "read"}]}});
        let package = bench.package(&ZipForge::of([
            manifest_entry(manifest.to_string()),
            ZipEntry::stored(COMPONENT, done()),
        ]));
        let allows = format!("[[rule]]\ndirectories = [{{ path = \"{path}\", access = \"read\" }}]\n");
        let file = policy(&bench, &allows);
        let said = bench.run(&package, &["--policy", file.to_str().unwrap()]);
        assert_eq!(
            (said.exit, said.codes_of_refusal()),
            (3, vec!["grant.never".to_owned()]),
            "{folder}"
        );
    }
}

#[test]
fn files_that_are_no_policies() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let package = package.to_str().unwrap();
    let said = |path: &Path| {
        let said = bench
            .hostler(&["inspect", package, "--policy", path.to_str().unwrap()])
            .all();
        said.replace(&*bench.path("").display().to_string(), "[HERE]")
    };
    let missing = said(&bench.path("none.toml"));
    let mistyped = said(&policy(&bench, "[[rule]]\ntype = \"Demo\"\nenviroment = [\"A\"]\n"));
    let open = policy(&bench, "");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    let writable = said(&open);
    let folder = said(&bench.path(""));
    insta::assert_snapshot!([missing, mistyped, writable, folder].join("\n"), @"
    exit code 3
    --- stderr
    refused: it cannot be read: No such file or directory (os error 2) [input.open]
      at [HERE]/none.toml
      name a file that is there and that you may read

    exit code 3
    --- stderr
    refused: there is no key `enviroment` here [policy.unknown_key]
      at policy.toml:3:1
      leave it out, or write `environment` if that was meant

    exit code 3
    --- stderr
    refused: others can write in it [policy.permissions]
      at [HERE]/policy.toml
      give it to root or to yourself, and take the write permission of group and others away

    exit code 3
    --- stderr
    refused: it is not a regular file [input.open]
      at [HERE]/
      name a file that is there and that you may read
    ");
}

/// Every example of the documentation is a policy.
#[test]
fn the_examples_are_policies() {
    let Some(ssl) = OpenSsl::find() else { return };
    let bench = Workbench::new();
    // The certificates that examples name.
    ssl.identity(&bench.path("."), "contoso", None, &["-days", "2"]);
    let read =
        |file: &str| fs::read_to_string(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs")).join(file)).unwrap();
    let text = ["running.md", "operators.md"].map(read).concat() + &format!("```toml\n{}\n```", read("policy.toml"));
    let named = "/etc/hostler/contoso.pem";
    let text = text.replace(named, bench.path("contoso.crt").to_str().unwrap());
    let examples: Vec<&str> = text
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(example, _)| example))
        .collect();
    assert!(examples.len() >= 7, "{} examples", examples.len());
    assert!(
        examples.last().unwrap().contains("require-signature = \"network\""),
        "the example policy asks for signatures"
    );
    let package = bench.package(&with([]));
    for example in examples {
        let file = policy(&bench, example);
        let said = bench.hostler(&["inspect", package.to_str().unwrap(), "--policy", file.to_str().unwrap()]);
        let is_refused = said.all().contains("[grant.handler]");
        assert!(
            said.exit == 0 || (said.exit == 3 && is_refused),
            "{example}\n{}",
            said.all()
        );
    }
}

#[test]
fn approve_refuses_what_nobody_waits_for() {
    let bench = Workbench::new();
    let root = bench.path("root");
    let approve = |handler: &str, options: &[&str]| {
        let arguments = ["approve", handler, "00", "--root", root.to_str().unwrap()];
        bench.hostler(&[&arguments, options].concat())
    };
    assert_eq!(approve("nobody", &[]).exit, 2);
    let nowhere = approve("Contoso.Demo", &["--json"]);
    assert_eq!(
        (nowhere.exit, nowhere.codes()),
        (3, vec!["grant.not_awaited".to_owned()])
    );
    let entry: Value = bench.offer("Contoso.Demo", &json!({}));
    assert_eq!(bench.apply(&[entry], &[]).exit, 0);
    insta::assert_snapshot!(approve("Contoso.Demo", &[]).all(), @"
    exit code 3
    --- stderr
    refused: it waits for nothing [grant.not_awaited]
      at Contoso.Demo
      look at `hostler status`: the finding grant.approval has the whole command
    ");
}
