//! `hostler self-test` with the real binary: in both ways of running components, as this user and as one without rights,
//! and with what is not the hostile package. That each of its checks is able to fail is tested beside them, in
//! `host/src/self_test`.

#![expect(clippy::unwrap_used, reason = "a test that cannot start hostler has failed")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hostler_tests::{hostler, not_run, package};
use serde_json::Value;

const IN_PROCESS: [&str; 4] = ["--isolation", "in-process", "--require-isolation", "none"];

/// What came of a run: exit code, standard output as JSON, standard error.
struct Ran {
    exit: i32,
    json: Value,
    stderr: String,
}

/// Runs `program ARGUMENTS`, in an environment with nothing but a canary and a folder for temporary files.
fn run(program: impl AsRef<OsStr>, arguments: &[impl AsRef<OsStr>]) -> Ran {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .env("SELF_TEST_CANARY", "of the environment")
        .stdin(Stdio::null());
    if let Some(folder) = std::env::var_os("TMPDIR") {
        command.env("TMPDIR", folder);
    }
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let stdout = String::from_utf8_lossy(&output.stdout);
    Ran {
        exit: output
            .status
            .code()
            .unwrap_or_else(|| panic!("{}: {stderr}", output.status)),
        json: serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}\n{stderr}")),
        stderr,
    }
}

fn self_test(options: &[&str]) -> Ran {
    let hostile = package("Hostler.Samples.Hostile");
    let mut arguments: Vec<&OsStr> = ["self-test", "--json", "--package"].map(OsStr::new).to_vec();
    arguments.push(hostile.as_os_str());
    arguments.extend(options.iter().map(OsStr::new));
    run(hostler(), &arguments)
}

/// Every probe of a report, with its promise's number.
fn probes(json: &Value) -> Vec<(&str, &Value)> {
    let promises = json["promises"].as_array().unwrap();
    promises
        .iter()
        .flat_map(|promise| {
            let number = promise["promise"].as_str().unwrap();
            promise["probes"]
                .as_array()
                .unwrap()
                .iter()
                .map(move |probe| (number, probe))
        })
        .collect()
}

/// A line for each promise and each probe, digits masked.
fn lines(json: &Value) -> String {
    let mut text = String::new();
    for promise in json["promises"].as_array().unwrap() {
        let word = |key: &str| promise[key].as_str().unwrap_or_default();
        let line = format!(
            "{} {}: {} {}",
            word("promise"),
            word("name"),
            word("standing"),
            word("why")
        );
        text += line.trim_end();
        text.push('\n');
        for probe in promise["probes"].as_array().unwrap() {
            let word = |key: &str| probe[key].as_str().unwrap();
            let evidence = match word("name") {
                // Which check finds it depends on which bit it was.
                "changed-package" => "[REFUSED]".to_owned(),
                _ => masked(word("evidence")),
            };
            text += &format!(
                "  {} {}: {evidence}
",
                word("verdict"),
                word("name")
            );
        }
    }
    text
}

/// Each number with its unit as one `#`: what was used of a limit differs from run to run.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    [" KiB", " MiB", " GiB", " B"]
        .iter()
        .fold(out, |out, unit| out.replace(&format!("#{unit}"), "#"))
}

/// The threat model names the attacks of each promise, all of them and no other.
fn named_in_the_threat_model() -> BTreeSet<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/threat-model.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| P"));
    rows.flat_map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let promise = cells[1].split(' ').next().unwrap().to_owned();
        let names = cells[3].split('`').skip(1).step_by(2);
        names
            .map(move |name| (promise.clone(), name.to_owned()))
            .collect::<Vec<_>>()
    })
    .collect()
}

/// All that does not need a worker is held in hostler's own process, by the evidence that stands here.
#[test]
fn in_process() {
    let ran = self_test(&IN_PROCESS);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let keys: Vec<&String> = ran.json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["durationMs", "held", "isolation", "package", "promises"]);
    assert_eq!(ran.json["isolation"]["mode"], "in-process");
    let tried: BTreeSet<(String, String)> = probes(&ran.json)
        .into_iter()
        .map(|(promise, probe)| (promise.to_owned(), probe["name"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(tried, named_in_the_threat_model());
    insta::assert_snapshot!(lines(&ran.json), @"
    P1 Containment: held
      held paths-out: # ways, none worked
      held paths-to-another: # ways, none worked
      held read-only: # ways, none worked
      held links-between: # links refused
      held environment: # variables of the contract, none of hostler's #
      held arguments: just those of the manifest: hostile.wasm enable
      held standard-input: it is at its end
      not-applicable worker-own-folder: components run in hostler's own process: there is no worker
      not-applicable worker-read-machine: components run in hostler's own process: there is no worker
      not-applicable worker-read-outside: components run in hostler's own process: there is no worker
      not-applicable worker-write-outside: components run in hostler's own process: there is no worker
      not-applicable worker-follow-link: components run in hostler's own process: there is no worker
      not-applicable worker-write-read-only: components run in hostler's own process: there is no worker
      not-applicable worker-environment: components run in hostler's own process: there is no worker
      not-applicable worker-parent-environment: components run in hostler's own process: there is no worker
      not-applicable worker-parent-memory: components run in hostler's own process: there is no worker
      not-applicable worker-trace: components run in hostler's own process: there is no worker
      not-applicable worker-signal: components run in hostler's own process: there is no worker
      not-applicable worker-fork: components run in hostler's own process: there is no worker
      not-applicable worker-exec: components run in hostler's own process: there is no worker
      not-applicable worker-socket: components run in hostler's own process: there is no worker
    P2 Secrets: held
      held keys: # ways, none worked
      held settings-of-another: # ways, none worked
      not-applicable worker-read-key: components run in hostler's own process: there is no worker
      not-applicable worker-read-settings: components run in hostler's own process: there is no worker
    P3 Bounds: held
      held loop: stopped after # ms of # ms
      held processor: limit cmd.cpu of # ms reached, # ms used, set by --limit [limit.cpu]
      held calls: stopped after # ms of # ms
      held sleep: stopped after # ms of # ms, # ms of them on the processor
      held poll: stopped after # ms of # ms
      held memory: # of #, and no more
      held stack: ended with trap.stack
      held frames: ended with trap.bounds
      held pollables: limit guest.resources of # reached, # used, set by the default [limit.resources]
      held open-files: limit guest.resources of # reached, # used, set by the default [limit.resources]
      held large-call: limit guest.hostcall of # reached, set by the default [limit.hostcall]
      held random: limit guest.random of # reached, # asked for, set by the default [limit.random]
      held output: # bytes kept, # counted and dropped
      held disk: # of #, and no more
      held files: # of #, and no more
      held depth: # of #, and no more
      held sparse: # of #, and no more
      not-applicable worker-raise-limits: components run in hostler's own process: there is no worker
      not-applicable worker-memory: components run in hostler's own process: there is no worker
      not-applicable worker-file-size: components run in hostler's own process: there is no worker
      not-applicable worker-descriptors: components run in hostler's own process: there is no worker
    P4 Status: held
      held success-then-loop: it was stopped: limit cmd.deadline of # ms reached, # ms used, set by --limit [timeout], and is reported as an error
      held success-then-panic: it trapped: wasm trap: wasm `unreachable` instruction executed, and is reported as an error
      held success-then-exit: it ended with exit code #, and is reported as an error
      held trap: it trapped: wasm trap: wasm `unreachable` instruction executed, and is reported as an error
      held exit: it ended with exit code #, and is reported as an error
      held no-status: it ended with exit code #, and is reported as an error, with status.missing
      held huge-status: it ended with exit code #, and is reported as an error, with status.size
      held linked-status: it ended with exit code #, and is reported as an error, with status.file_type
    P5 All or nothing: held
      held changed-package: [REFUSED]
      held cut-package: refused with pkg.format, nothing left
      held entry-outside: refused with pkg.name, nothing left
      held name-twice: refused with pkg.duplicate, nothing left
      held link-in-package: refused with pkg.type, nothing left
    P6 Going on: not-applicable trying it means to kill hostler at each of its steps: the project's tests do, and no run on a machine in use should
    P7 No foreign native code: held
      held native-code: refused with wasm.native, nothing left
      held core-module: refused with wasm.not_component, nothing left
      held kept-code: it was run as long as it was unchanged, then compiled anew
    P8 No silent rollback: not-applicable it is not promised yet: an older goal state is carried out as it comes
    P9 Clear refusals: held
      held name-that-acts: pkg.name: # bytes at most, escaped
    P10 Output: held
      held forged-lines: # lines that it forged stand behind a mark, escaped
      held panic-that-acts: # lines that it forged stand behind a mark, escaped
      held status-that-acts: # lines that it forged stand behind a mark, escaped
    P11 Repository: not-applicable there is no repository yet
    ");
}

/// Behind workers everything is tried, and nothing is broken; where the kernel has a layer not, its attempts do not count.
#[test]
fn in_workers() {
    holds_in_workers(&self_test(&[]));
}

fn holds_in_workers(ran: &Ran) {
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{}", lines(&ran.json));
    assert_eq!(ran.json["held"], true);
    assert_eq!(ran.json["isolation"]["mode"], "worker");
    let is_full = ran.json["isolation"]["level"] == "full";
    let mut tried = 0;
    for (promise, probe) in probes(&ran.json) {
        let name = probe["name"].as_str().unwrap();
        let may_lack = name.starts_with("worker-") && !is_full;
        tried += 1;
        match probe["verdict"].as_str().unwrap() {
            "held" => {}
            "not-applicable" if may_lack => {}
            verdict => panic!("{promise} {name}: {verdict}: {}", probe["evidence"]),
        }
    }
    assert!(tried > 60, "only {tried} attacks");
}

/// The binary with the hostile package beside it, in a folder that everybody may read.
fn laid_out(folder: &Path, with_package: bool) -> PathBuf {
    let program = folder.join("hostler");
    fs::hard_link(hostler(), &program)
        .or_else(|_| fs::copy(hostler(), &program).map(drop))
        .unwrap();
    if with_package {
        fs::copy(package("Hostler.Samples.Hostile"), folder.join("hostile.zip")).unwrap();
        fs::set_permissions(folder.join("hostile.zip"), fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

/// A user without rights has the same promises, and the package beside the program is found.
#[test]
fn as_a_user_without_rights() {
    if !rustix::process::geteuid().is_root() {
        return not_run("root, to become a user without rights (the other tests are of such a user then)");
    }
    if Command::new("setpriv").arg("--version").output().is_err() {
        return not_run("setpriv");
    }
    let folder = tempfile::tempdir().unwrap();
    let program = laid_out(folder.path(), true);
    let program = program.to_str().unwrap();
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let ran = run("setpriv", &[&nobody[..], &[program, "self-test", "--json"]].concat());
    holds_in_workers(&ran);
}

/// Without the hostile package nothing is tried, and nothing is said to be held.
#[test]
fn without_the_hostile_package() {
    let folder = tempfile::tempdir().unwrap();
    let none = run(laid_out(folder.path(), false), &["self-test", "--json"]);
    assert_eq!(none.exit, 3);
    insta::assert_snapshot!(none.json["findings"][0], @r#"{"code":"self_test.package","hint":"in hostler's sources `cargo xtask packages` puts it there; else name it with `--package FILE`","severity":"refusal","what":"the hostile package that attacks is not beside this program","where":"hostile.zip"}"#);

    let hello = package("Hostler.Samples.Hello");
    let arguments: [&OsStr; 4] = [
        "self-test".as_ref(),
        "--json".as_ref(),
        "--package".as_ref(),
        hello.as_ref(),
    ];
    let other = run(hostler(), &arguments);
    assert_eq!(other.exit, 3);
    insta::assert_snapshot!(other.json["findings"][0], @r#"{"code":"self_test.package","hint":"name the one that comes with this hostler; `cargo xtask packages` makes it","severity":"refusal","what":"it is not the hostile package of this version: it has no verb `arguments`","where":"Hostler.Samples.Hello-1.0.0.zip"}"#);
}
