//! Protected settings: opened with the certificate's key, handed to their handler, and nowhere else to be found.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hostler_tests::{Secret, run_hostler_in};
use serde_json::{Value, json};

use crate::offered::DEMO;
use crate::sealed::{Sealed, password};
use crate::workbench::shared_cache;

/// What the recorder is told to let slip wherever it can.
fn slips(also: &Value) -> Value {
    let all = "{plain} {base64} {url} {json} {hex}";
    let status = json!([{"version": 1.0, "timestampUTC": "2020-01-01T00:00:00Z", "status": {
        "operation": all, "status": "success", "code": 0,
        "formattedMessage": {"lang": "en-US", "message": all},
        "substatus": [{"name": all, "status": "success", "code": 0,
            "formattedMessage": {"lang": "en-US", "message": all}}],
    }}]);
    let event = json!({
        "Version": "1", "Timestamp": "2020-01-01T00:00:00Z", "TaskName": "slip", "EventLevel": "Warning",
        "Message": "{plain} {base64} {url} {hex}", "EventPid": "1", "EventTid": "1", "OperationId": "1",
    });
    let mut told = json!({
        "protected": true, "stdout": format!("{all}\n"), "stderr": format!("{all}\n"), "log": all,
        "status": status, "data": {"got": "{plain}"},
        "heartbeat": [{"version": 1.0, "heartbeat": {"status": "ready", "code": 0,
            "formattedMessage": {"lang": "en-US", "message": "{base64} {url} {hex}"}}}],
        "events": {"1.json": event},
    });
    for (key, value) in also.as_object().into_iter().flatten() {
        told[key] = value.clone();
    }
    json!({ "enable": told })
}

/// SET-01, SET-02, SET-03, SET-04, SET-05, SET-16 and SET-17 from a goal state: one clear error each, nothing fetched, nothing run, nothing shown.
#[test]
fn what_cannot_be_opened_is_refused_before_anything_starts() {
    let Some(sealed) = Sealed::new() else { return };
    let secret = Secret::of("refused");
    let other = sealed
        .ssl
        .identity(&sealed.bench.path("."), "other", None, &["-days", "2"]);
    let good = sealed.seal(&password(&secret));
    let foreign = sealed.ssl.encrypt("cms", &["-aes256"], &other, &password(&secret));
    let unknown = sealed.ssl.thumbprint(&other);
    let array = sealed.seal(json!([secret.text()]).to_string().as_bytes());
    let latin = sealed.seal(&[b"{\"password\": \"\xe9", secret.text().as_bytes(), b"\"}"].concat());
    let huge = sealed.seal(&password(&Secret::of(&"x".repeat(70_000))));
    let own = &*sealed.thumbprint;
    let cases = [
        ("../../../etc/shadow", &*good, "settings.thumbprint"),
        (&own[1..], &good, "settings.thumbprint"),
        (&own.to_lowercase(), &good, "settings.thumbprint"),
        ("", &good, "settings.protected_pair"),
        (&unknown, &foreign, "settings.key_not_found"),
        (own, "not base64!", "settings.cms"),
        (own, "Z2FyYmFnZQ==", "settings.cms"),
        (own, &good[..good.len() / 2 / 4 * 4], "settings.cms"),
        (own, &foreign, "settings.cms"),
        (own, &sealed.seal(secret.text().as_bytes()), "settings.protected_json"),
        (own, &array, "settings.protected_json"),
        (own, &latin, "settings.protected_json"),
        (own, &huge, "settings.protected_size"),
    ];
    for (thumbprint, protected, code) in cases {
        let mut entry = sealed.entry(DEMO, &slips(&json!({})), protected);
        entry["settings"][0]["protectedSettingsCertThumbprint"] = json!(thumbprint);
        let said = sealed.apply(&[entry]);
        let codes = said.codes();
        assert!(
            codes.iter().any(|said| said == code),
            "{code}: {codes:?} {}",
            said.all()
        );
        assert_eq!(said.exit, 1, "{code}");
        let printed = [&*said.ran.stdout, &said.ran.stderr].concat();
        assert_eq!(secret.found_in(&printed), None, "{code}: {}", said.all());
        assert!(
            !sealed
                .bench
                .path("root/handlers")
                .join(format!("{DEMO}-1.0.0"))
                .exists(),
            "{code}"
        );
        let found = secret.found_below(&sealed.bench.path("root"), &[]);
        assert!(found.is_empty(), "{code}: {found:?}");
        if code == "settings.key_not_found" {
            let text = said.all();
            for part in [&*unknown, own, "[HERE]/keys"] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }
}

/// SEC-01, SEC-02, SEC-03, SEC-06: a handler that lets its secret slip wherever it can, and ends well, badly or in a panic.
/// What it wrote itself, in its own data, log, status, heartbeat and events, is its own; nothing else has it.
#[test]
fn a_secret_is_found_nowhere() {
    let Some(sealed) = Sealed::new() else { return };
    let secret = Secret::of("nowhere");
    let protected = sealed.seal(&password(&secret));
    for (case, also) in [
        ("well", json!({"waits": true})),
        ("badly", json!({"exit": 7})),
        ("panic", json!({"trap": true})),
        ("cut", json!({"repeat": 20_000})),
    ] {
        let entry = sealed.entry(DEMO, &slips(&also), &protected);
        let goal_state = sealed
            .bench
            .write("source/goal-state.json", hostler_tests::goal_state(&[entry]));
        let root = sealed.bench.path("root");
        let over = AtomicBool::new(false);
        let (ran, workers) = thread::scope(|scope| {
            let logs = root.join("logs").join(DEMO);
            let over = &over;
            let looks = scope.spawn(move || look_at_workers(over, &logs));
            let path = |path: &Path| path.display().to_string();
            let arguments = [
                "apply",
                &path(&goal_state),
                "--json",
                "--root",
                &path(&root),
                "--keys",
                &sealed.keys(),
                "--cache",
                &path(&shared_cache()),
            ];
            let patience = Duration::from_secs(120);
            let ran = run_hostler_in(&arguments, &sealed.bench.path("."), patience, |command| {
                command.env("HOSTLER_LOG", "trace");
            });
            over.store(true, Ordering::SeqCst);
            (ran, looks.join().unwrap())
        });
        assert_eq!(sealed.data(DEMO, "got"), secret.text(), "{case}: the handler has it");
        if case == "well" {
            assert!(
                String::from_utf8_lossy(&workers).contains("__worker"),
                "no worker was seen"
            );
        }
        for (place, bytes) in [
            ("stdout", &ran.stdout),
            ("stderr", &ran.stderr),
            ("visible", &ran.visible),
            ("workers", &workers),
        ] {
            assert_eq!(
                secret.found_in(bytes),
                None,
                "{case}: {place}: {}",
                String::from_utf8_lossy(bytes)
            );
        }
        assert!(
            ran.stdout.windows(3).any(|three| three == b"***"),
            "{case}: what it said is shown without it"
        );
        let handler = root.join(format!("handlers/{DEMO}-1.0.0"));
        let own = [
            root.join("data"),
            root.join(format!("logs/{DEMO}/handler.log")),
            root.join(format!("logs/{DEMO}/events")),
            handler.join("status"),
            handler.join("heartbeat"),
        ];
        let found = secret.found_below(&root, &own);
        assert!(found.is_empty(), "{case}: {found:?}");
        let cores: Vec<PathBuf> = fs::read_dir(sealed.bench.path("."))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().contains("core"))
            })
            .collect();
        assert!(cores.is_empty(), "{cores:?}");
        for (command, options) in [
            ("status", &[][..]),
            ("status", &["--json"]),
            ("logs", &[DEMO]),
            ("logs", &[DEMO, "--json"]),
        ] {
            let said = sealed
                .bench
                .look(command, &[options, &["--keys", &sealed.keys()]].concat());
            let printed = [&*said.ran.stdout, &said.ran.stderr].concat();
            assert_eq!(
                secret.found_in(&printed),
                None,
                "{case}: {command} {options:?}: {}",
                said.all()
            );
        }
    }
}

/// Arguments and environment of every worker that runs until it is `over`, as everybody may see them.
fn look_at_workers(over: &AtomicBool, logs: &Path) -> Vec<u8> {
    let mut seen = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let record = fs::read_to_string(logs.join("record.jsonl")).unwrap_or_default();
        let enable_runs = record.contains(r#""command":"enable""#);
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let arguments = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            if arguments.windows(8).any(|word| word == b"__worker") && seen.len() < 16 << 20 {
                seen.extend(arguments);
                seen.extend(fs::read(entry.path().join("environ")).unwrap_or_default());
            }
        }
        if enable_runs {
            // It waited to be looked at.
            fs::write(logs.join("go"), "").unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    }
    seen
}

/// SEC-04, SEC-08: each handler gets its own, and what lies in `config` is what was delivered.
#[test]
fn each_handler_gets_its_own() {
    let Some(sealed) = Sealed::new() else { return };
    let names = ["Contoso.One", "Contoso.Two", "Contoso.None"];
    let secrets = names.map(Secret::of);
    let public = json!({"enable": {"protected": true, "data": {"got": "{plain}"}}});
    let mut entries = vec![];
    let mut delivered = vec![];
    for (name, secret) in names.iter().zip(&secrets).take(2) {
        let protected = sealed.seal(&password(secret));
        entries.push(sealed.entry(name, &public, &protected));
        delivered.push(protected);
    }
    // One without any: its standard input is empty.
    entries.push(sealed.bench.offer("Contoso.None", &public));
    let said = sealed.apply(&entries);
    let none = &said.json()["aggregateStatus"]["handlerAggregateStatus"][2];
    assert!(none.to_string().contains("protected settings are not JSON"), "{none}");
    for (at, name) in names.iter().enumerate().take(2) {
        assert_eq!(sealed.data(name, "got"), secrets[at].text());
        let other = &secrets[1 - at];
        for folder in [
            format!("data/{name}"),
            format!("logs/{name}"),
            format!("handlers/{name}-1.0.0"),
        ] {
            let found = other.found_below(&sealed.bench.path("root").join(folder), &[]);
            assert!(found.is_empty(), "{found:?}");
        }
        let file = sealed
            .bench
            .path(&format!("root/handlers/{name}-1.0.0/config/0.settings"));
        let settings = fs::read_to_string(file).unwrap();
        let expected = format!(
            "\"protectedSettings\": \"{}\", \"protectedSettingsCertThumbprint\": \"{}\"}}}}]}}",
            delivered[at], sealed.thumbprint
        );
        assert!(settings.ends_with(&expected), "{settings}");
    }
}

/// A component that can ask gets them through `hostler:handler/secrets`, typed by the SDK; its other commands run though the
/// key is gone.
#[test]
fn a_component_asks_for_them() {
    let Some(sealed) = Sealed::new() else { return };
    let name = "Hostler.Samples.FileConfig";
    let secret = Secret::of("asked");
    let plain = json!({"files": [{"path": "key", "content": secret.text()}]}).to_string();
    let mut entry = sealed
        .bench
        .offer_sample(name, &json!({"files": [{"path": "motd", "content": "hi"}]}));
    entry["settings"][0]["protectedSettings"] = json!(sealed.seal(plain.as_bytes()));
    entry["settings"][0]["protectedSettingsCertThumbprint"] = json!(sealed.thumbprint);
    let said = sealed.apply(&[entry.clone()]);
    assert_eq!(said.exit, 0, "{}", said.all());
    assert_eq!(sealed.data(name, "files/key"), secret.text());
    let found = secret.found_below(&sealed.bench.path("root"), &[sealed.bench.path("root/data")]);
    assert!(found.is_empty(), "{found:?}");
    fs::remove_dir_all(sealed.bench.path("keys")).unwrap();
    assert_eq!(sealed.apply(&[entry.clone()]).codes(), ["settings.key_not_found"]);
    entry["state"] = json!("uninstall");
    let said = sealed.apply(&[entry]);
    assert_eq!(said.exit, 0, "{}", said.all());
    assert_eq!(sealed.data(name, "files/key"), "");
}

/// SET-14: settings that come again are enabled again, others under the same number too, as in the agent (design 6).
#[test]
fn settings_that_come_again_are_opened_again() {
    let Some(sealed) = Sealed::new() else { return };
    let public = json!({"enable": {"protected": true, "data": {"got": "{plain}"}}});
    for secret in [Secret::of("first"), Secret::of("second")] {
        let entry = sealed.entry(DEMO, &public, &sealed.seal(&password(&secret)));
        for _ in 0..2 {
            assert_eq!(sealed.apply(std::slice::from_ref(&entry)).exit, 0);
            assert_eq!(sealed.data(DEMO, "got"), secret.text());
        }
    }
}
