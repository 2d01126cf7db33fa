//! What opens, and what is said of what does not.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::secrets::ThrowAwayKey;

const PLAIN: &[u8] = br#"{"password": "correct horse battery"}"#;

/// A folder with a key, settings sealed for it, and their thumbprint.
fn sealed() -> (tempfile::TempDir, Keys, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let key = ThrowAwayKey::generate().unwrap();
    let keys = key.put_in(folder.path()).unwrap();
    let sealed = key.seal(&Secret::new(PLAIN.to_vec()).unwrap()).unwrap();
    (folder, keys, sealed.protected, sealed.thumbprint)
}

fn said(keys: &Keys, protected: &str, thumbprint: &str) -> (&'static str, String) {
    match keys.open(protected, thumbprint) {
        Ok(_) => ("opened", String::new()),
        Err(failure) => (failure.code().name(), failure.to_string()),
    }
}

#[test]
fn what_was_sealed_opens() {
    let (_folder, keys, protected, thumbprint) = sealed();
    assert_eq!(keys.open(&protected, &thumbprint).ok().unwrap().expose(), PLAIN);
    let broken: Vec<&str> = protected
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    assert!(
        keys.open(&broken.join("\n"), &thumbprint).is_ok(),
        "base64 as tools print it"
    );
    assert_eq!(keys.thumbprints(), [thumbprint]);
}

/// SET-01: a thumbprint that is none is in no path.
#[test]
fn thumbprints_are_forty_upper_case_digits() {
    let (_folder, keys, protected, thumbprint) = sealed();
    for bad in [
        "../../../etc/shadow",
        &thumbprint[1..],
        &format!("{thumbprint}0"),
        &thumbprint.to_lowercase(),
        "",
        "\u{ff21}",
    ] {
        let (code, text) = said(&keys, &protected, bad);
        assert_eq!(code, "settings.thumbprint", "{bad}: {text}");
    }
}

/// SET-02: what was wanted, what is there, and where was looked.
#[test]
fn a_key_that_is_not_there_is_named() {
    let (folder, keys, protected, thumbprint) = sealed();
    let other = "0123456789ABCDEF0123456789ABCDEF01234567";
    let (code, text) = said(&keys, &protected, other);
    assert_eq!(code, "settings.key_not_found");
    for part in [
        other,
        &format!("{other}.crt"),
        &thumbprint,
        folder.path().to_str().unwrap(),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    fs::remove_file(folder.path().join(format!("{thumbprint}.prv"))).unwrap();
    let (code, text) = said(&keys, &protected, &thumbprint);
    assert_eq!(code, "settings.key_not_found");
    assert!(
        text.contains(&format!("{thumbprint}.prv")) && text.contains("no certificate with its key"),
        "{text}"
    );
    let nowhere = Keys::open_folder(&folder.path().join("nowhere"));
    assert_eq!(said(&nowhere, &protected, &thumbprint).0, "settings.key_not_found");
}

/// SET-03, SET-04: whatever is wrong with the envelope, the words are the same.
#[test]
fn no_envelope_and_another_ones_read_the_same() {
    let (_folder, keys, protected, thumbprint) = sealed();
    let (_other, _, foreign, _) = sealed();
    let blob = STANDARD.decode(&protected).unwrap();
    let mut cases = vec!["!".to_owned(), String::new(), STANDARD.encode("garbage"), foreign];
    cases.extend((1..16).map(|part| STANDARD.encode(&blob[..blob.len() * part / 16])));
    let texts: Vec<_> = cases.iter().map(|case| said(&keys, case, &thumbprint)).collect();
    for (code, text) in &texts {
        assert_eq!((*code, text), ("settings.cms", &texts[0].1));
    }
    // Each byte of the wrapped key and of the content; what still opens has to be what it was.
    for at in (0..blob.len()).step_by(7) {
        let mut blob = blob.clone();
        blob[at] ^= 0x55;
        match keys.open(&STANDARD.encode(blob), &thumbprint) {
            Ok(secret) => assert!(!secret.expose().is_empty()),
            Err(failure) => assert!(!failure.to_string().contains("horse"), "{failure}"),
        }
    }
}

/// A file that is another one than its name says, or that others reach, is not used.
#[test]
fn files_are_what_they_should_be() {
    type Spoil = fn(&Path, &Path, &Path);
    let spoils: [(&str, Spoil); 9] = [
        ("not a certificate", |crt, _, _| fs::write(crt, "x").unwrap()),
        ("not a private key", |_, prv, _| fs::write(prv, "x").unwrap()),
        ("has the thumbprint", |crt, _, _| {
            let other = tempfile::tempdir().unwrap();
            ThrowAwayKey::generate().unwrap().put_in(other.path()).unwrap();
            let file = fs::read_dir(other.path()).unwrap().map(|entry| entry.unwrap().path());
            fs::copy(
                file.into_iter()
                    .find(|path| path.extension().unwrap() == "crt")
                    .unwrap(),
                crt,
            )
            .unwrap();
        }),
        ("not that of the certificate", |_, prv, _| {
            let other = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
            fs::write(prv, other.private_key_to_pem_pkcs8().unwrap()).unwrap();
        }),
        ("it is a link", |_, prv, _| {
            let elsewhere = prv.with_extension("real");
            fs::rename(prv, &elsewhere).unwrap();
            symlink(elsewhere, prv).unwrap();
        }),
        ("others can write to it", |crt, _, _| {
            fs::set_permissions(crt, fs::Permissions::from_mode(0o622)).unwrap();
        }),
        ("others can read it", |_, prv, folder| {
            fs::set_permissions(prv, fs::Permissions::from_mode(0o644)).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }),
        ("others can write in the folder", |_, _, folder| {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o1777)).unwrap();
        }),
        ("larger than 64 KiB", |crt, _, _| {
            fs::write(crt, vec![b'x'; 70_000]).unwrap()
        }),
    ];
    for (words, spoil) in spoils {
        let (folder, keys, protected, thumbprint) = sealed();
        let file = |extension| folder.path().join(format!("{thumbprint}.{extension}"));
        spoil(&file("crt"), &file("prv"), folder.path());
        let (code, text) = said(&keys, &protected, &thumbprint);
        assert_eq!(code, "settings.key", "{words}: {text}");
        assert!(text.contains(words), "{words}: {text}");
    }
    // As the native agent leaves them: readable, in a folder that only it can enter.
    let (folder, keys, protected, thumbprint) = sealed();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(
        folder.path().join(format!("{thumbprint}.prv")),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    assert_eq!(said(&keys, &protected, &thumbprint).0, "opened");
}
