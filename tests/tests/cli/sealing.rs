//! Making protected settings, by `openssl` and by `hostler`, and never by the command line itself.

use std::fs;

use hostler_tests::Secret;
use serde_json::json;

use crate::offered::DEMO;
use crate::sealed::{Sealed, password};
use crate::workbench::Workbench;

/// Contract 4.5: what `openssl cms` and `openssl smime` make with each cipher, in DER and in BER, is opened.
#[test]
fn what_openssl_makes_opens() {
    let Some(sealed) = Sealed::new() else { return };
    let secret = Secret::of("opens");
    let public = json!({"enable": {"protected": true, "data": {"got": "{plain}"}}});
    let mut number = 0;
    let mut entries = vec![];
    for tool in ["cms", "smime"] {
        for cipher in ["-aes128", "-aes256", "-des3"] {
            for form in [&[cipher][..], &[cipher, "-stream"]] {
                let protected = sealed.ssl.encrypt(tool, form, &sealed.identity, &password(&secret));
                number += 1;
                entries.push(sealed.entry(&format!("Contoso.Demo{number}"), &public, &protected));
            }
        }
    }
    let keyid = sealed
        .ssl
        .encrypt("cms", &["-aes256", "-keyid"], &sealed.identity, &password(&secret));
    entries.push(sealed.entry("Contoso.Keyid", &public, &keyid));
    let said = sealed.apply(&entries);
    assert_eq!(said.exit, 0, "{}", said.all());
    for entry in &entries {
        let name = entry["name"].as_str().unwrap();
        assert_eq!(sealed.data(name, "got"), secret.text(), "{name}");
    }
}

/// `hostler settings seal` makes what opens here and in `openssl`; `hostler run` seals for itself.
#[test]
fn settings_are_sealed() {
    let Some(sealed) = Sealed::new() else { return };
    let secret = Secret::of("sealed");
    let plain = sealed.bench.write("plain.json", password(&secret));
    let plain = plain.display().to_string();
    let certificate = sealed.identity.certificate.display().to_string();
    let public = json!({"enable": {"protected": true, "data": {"got": "{plain}"}}}).to_string();
    let public = sealed.bench.write("public.json", public).display().to_string();
    let made = sealed.bench.hostler(&[
        "settings",
        "seal",
        "--cert",
        &certificate,
        "--in",
        &plain,
        "--public",
        &public,
    ]);
    assert_eq!(
        (made.exit, secret.found_in(&made.ran.stdout)),
        (0, None),
        "{}",
        made.all()
    );
    let settings = sealed.bench.write("0.settings", &made.ran.stdout).display().to_string();
    sealed.bench.offer(DEMO, &json!({}));
    let package = sealed.bench.path(&format!("source/{DEMO}-1.0.0.zip"));
    let said = sealed
        .bench
        .run(&package, &["--json", "--settings", &settings, "--keys", &sealed.keys()]);
    assert_eq!(
        (said.exit, sealed.data(DEMO, "got")),
        (0, secret.text().to_owned()),
        "{}",
        said.all()
    );

    let other = Workbench::new();
    let said = other.run(
        &package,
        &["--json", "--settings", &public, "--protected-settings", &plain],
    );
    assert_eq!(said.exit, 0, "{}", said.all());
    let got = fs::read_to_string(other.path(&format!("root/data/{DEMO}/got"))).unwrap();
    assert_eq!(got, secret.text());
    let found = secret.found_below(&other.path("root"), &[other.path("root/data")]);
    assert!(found.is_empty(), "{found:?}");

    let said = sealed
        .bench
        .hostler(&["settings", "seal", "--cert", &plain, "--in", &plain]);
    assert_eq!(
        (said.exit, secret.found_in(&said.ran.stderr)),
        (2, None),
        "{}",
        said.all()
    );
    let bad = sealed.bench.write("bad.json", secret.text()).display().to_string();
    let said = sealed
        .bench
        .hostler(&["settings", "seal", "--cert", &certificate, "--in", &bad]);
    assert_eq!(
        (said.exit, secret.found_in(&said.ran.stderr)),
        (3, None),
        "{}",
        said.all()
    );
}

/// SET-15: a key that stands twice could be read in two ways.
#[test]
fn protected_settings_that_stand_twice_are_refused() {
    let bench = Workbench::new();
    let file = bench.write(
        "0.settings",
        r#"{"runtimeSettings": [{"handlerSettings": {"protectedSettings": "a", "protectedSettings": "b"}}]}"#,
    );
    let said = bench.hostler(&["check", file.to_str().unwrap(), "--json"]);
    assert!(
        said.codes().contains(&"settings.duplicate_key".to_owned()),
        "{:?}",
        said.codes()
    );
}

/// SEC-05: what is secret comes from a file or standard input; no option takes it itself.
#[test]
fn no_option_takes_a_secret() {
    let bench = Workbench::new();
    for command in [&["settings", "seal"][..], &["run"], &["apply"], &["agent"], &["sign"]] {
        let said = bench.hostler(&[command, &["--help"]].concat());
        let help = said.stdout();
        for line in help.lines().filter(|line| line.trim_start().starts_with("--")) {
            let is_secret = ["secret", "password", "protected", "--key ", "--keys", "--in "]
                .iter()
                .any(|word| line.contains(word));
            assert!(
                !is_secret || line.contains("<FILE>") || line.contains("<DIR>"),
                "{command:?}: {line}"
            );
        }
        assert!(!help.contains("[env:"), "{command:?}");
    }
}
