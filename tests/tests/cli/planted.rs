//! What somebody else puts in the way of a handler's files, while a root is kept.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::made::{COMPONENT, IDENTITY, done, manifest_entry, manifest_with, with};
use crate::workbench::Workbench;
use hostler_tests::{ZipEntry, ZipForge};

/// A status that says `success`, and something that no other file says.
const SUCCESS: &str = r#"[{"status": {"status": "success", "operation": "planted", "code": 0}}]"#;

/// What is planted, and how.
type Plant = (&'static str, fn(&Path));

fn pipe(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
}

/// STA-10: a pipe where the status should be is not waited for: whoever writes to it never comes.
#[test]
fn a_pipe_in_place_of_the_status() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let settings = bench.write("0.settings", "{}");
    let options = ["--json", "--settings", settings.to_str().unwrap()];
    bench.run(&package, &options);
    pipe(&bench.handler(IDENTITY).join("status/0.status"));
    let said = bench.run(&package, &options);
    assert!(said.codes().contains(&"status.file_type".to_owned()), "{}", said.all());
    assert_eq!(
        (&said.status()["status"], &said.status()["code"]),
        (&json!("error"), &json!(1012))
    );
}

/// HB-04: neither a pipe nor a link nor a folder is taken for a heartbeat.
#[test]
fn something_else_in_place_of_the_heartbeat() {
    let plants: [Plant; 3] = [
        ("pipe", pipe),
        ("link", |path| symlink("/etc/hostname", path).unwrap()),
        ("folder", |path| fs::create_dir(path).unwrap()),
    ];
    for (what, plant) in plants {
        let bench = Workbench::new();
        let manifest = manifest_entry(manifest_with("reportHeartbeat", json!(true)).to_string());
        let package = bench.package(&ZipForge::of([manifest, ZipEntry::stored(COMPONENT, done())]));
        let missing = bench.run(&package, &["--json"]);
        assert_eq!(missing.codes(), ["heartbeat.missing"], "{what}");
        plant(&bench.handler(IDENTITY).join("heartbeat/heartbeat.log"));
        let said = bench.run(&package, &["--json"]);
        assert_eq!(said.codes(), ["heartbeat.file_type"], "{what}");
        let handler = said.handler();
        assert_eq!(
            (&handler["status"], &handler["code"]),
            (&json!("NotReady"), &json!(-1)),
            "{what}"
        );
    }
}

/// STA-11 and STA-17: a file, a link, a folder and nothing at all take turns while the host reads. What is reported is
/// a whole status or an error, never what the link leads to.
#[test]
fn a_status_that_changes_while_it_is_read() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let settings = bench.write("0.settings", "{}");
    let options = ["--json", "--settings", settings.to_str().unwrap()];
    bench.run(&package, &options);
    let foreign = bench.write("foreign", SUCCESS.replace("planted", "foreign"));
    let status = bench.handler(IDENTITY).join("status/0.status");
    let done = AtomicBool::new(false);
    let mut seen: Vec<(Value, Value)> = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let aside = status.with_extension("aside");
            while !done.load(Ordering::Relaxed) {
                fs::write(&aside, SUCCESS).unwrap();
                fs::rename(&aside, &status).unwrap();
                fs::remove_file(&status).unwrap();
                symlink(&foreign, &status).unwrap();
                fs::remove_file(&status).unwrap();
                fs::create_dir(&status).unwrap();
                fs::remove_dir(&status).unwrap();
            }
        });
        for _ in 0..20 {
            let said = bench.run(&package, &options);
            seen.push((said.status()["operation"].clone(), said.status()["status"].clone()));
        }
        done.store(true, Ordering::Relaxed);
    });
    for (operation, word) in seen {
        let whole = operation == "planted" && word == "success";
        let error = operation != "foreign" && word == "error";
        assert!(whole || error, "{operation} {word}");
    }
}

/// FSX-10: a link in the place of one of the handler's folders is not followed.
#[test]
fn a_link_in_place_of_a_folder() {
    for folder in ["status", "config", "heartbeat"] {
        let bench = Workbench::new();
        let package = bench.package(&with([]));
        assert_eq!(bench.run(&package, &[]).exit, 0);
        let outside = bench.path("outside");
        fs::create_dir(&outside).unwrap();
        fs::remove_dir_all(bench.handler(IDENTITY).join(folder)).unwrap();
        symlink(&outside, bench.handler(IDENTITY).join(folder)).unwrap();
        let said = bench.run(&package, &["--json"]);
        assert_eq!(said.exit, 4, "{folder}: {}", said.all());
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{folder}");
    }
}
