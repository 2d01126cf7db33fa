//! `hostler sign`, and who may sign as a policy names it.

use std::fs;

use hostler_tests::recorder_package;
use serde_json::json;

use crate::offered::DEMO;
use crate::signed::{Signers, package};

/// `hostler sign` makes what `hostler` and `openssl` verify.
#[test]
fn packages_are_signed() {
    let Some(signers) = Signers::new() else { return };
    let bench = &signers.bench;
    let zip = bench
        .write(&format!("{DEMO}-1.0.0.zip"), &signers.package)
        .display()
        .to_string();
    let chain = [&signers.publisher, &signers.authority]
        .map(|one| fs::read(&one.certificate).unwrap())
        .concat();
    let chain = bench.write("chain.pem", chain).display().to_string();
    let key = signers.publisher.key.display().to_string();
    let made = bench.hostler(&["sign", &zip, "--cert", &chain, "--key", &key]);
    assert_eq!(made.exit, 0, "{}", made.all());
    let signature = bench.write("package.sig", made.stdout()).display().to_string();
    let policy = signers.policy("root.crt", "require-signature = \"always\"");
    let said = bench.hostler(&[
        "inspect",
        &zip,
        "--policy",
        &policy,
        "--signature",
        &signature,
        "--json",
    ]);
    let json = said.json();
    assert_eq!(
        (&json["signature"], &json["signer"]),
        (&json!("verified"), &json!("contoso")),
        "{}",
        said.all()
    );
    let said = bench.hostler(&["inspect", &zip, "--policy", &policy, "--signature", &signature]);
    assert!(
        said.stdout().contains("signed by contoso (O=Test, CN=publisher)"),
        "{}",
        said.all()
    );
    let said = bench.hostler(&["inspect", &zip, "--policy", &policy, "--json"]);
    assert_eq!((said.exit, &said.json()["signature"]), (3, &json!("unsigned")));
    let said = bench.run(
        zip.as_ref(),
        &["--json", "--policy", &policy, "--signature", &signature],
    );
    assert_eq!(
        (said.exit, &package(&said)["signature"]),
        (0, &json!("verified")),
        "{}",
        said.all()
    );

    let der = signers
        .ssl
        .run(&["base64", "-d", "-A"], made.stdout().trim().as_bytes());
    let der = bench.write("package.der", der).display().to_string();
    let root = bench.path("root.crt").display().to_string();
    signers.ssl.run(
        &[
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "der",
            "-in",
            &der,
            "-content",
            &zip,
            "-purpose",
            "any",
            "-CAfile",
            &root,
            "-out",
            "/dev/null",
        ],
        b"",
    );

    let stranger = signers
        .ssl
        .identity(&bench.path("."), "stranger", None, &["-days", "2"]);
    let other = stranger.key.display().to_string();
    for (cert, key, exit) in [(&chain, &other, 2), (&zip, &key, 2), (&chain, &chain, 2)] {
        let said = bench.hostler(&["sign", &zip, "--cert", cert, "--key", key]);
        assert_eq!(said.exit, exit, "{}", said.all());
    }
    let plain = bench.write("Contoso.Plain-1.0.0.zip", recorder_package("Contoso.Plain", &json!({})));
    let said = bench.hostler(&["sign", plain.to_str().unwrap(), "--cert", &chain, "--key", &key]);
    assert_eq!(
        (said.exit, said.codes_of_refusal()),
        (3, vec!["pkg.signature".to_owned()]),
        "{}",
        said.all()
    );
}

/// A root that cannot be read, or that others could change, is no policy.
#[test]
fn roots_are_files_that_nobody_else_can_change() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(signers) = Signers::new() else { return };
    let open = signers
        .bench
        .write("open.crt", fs::read(signers.bench.path("root.crt")).unwrap());
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    signers.bench.write("text.crt", "no certificate");
    for root in ["missing.crt", "open.crt", "text.crt", "."] {
        let said = signers.apply(&signers.policy(root, ""), None);
        assert_eq!(
            (said.exit, said.codes()),
            (3, vec!["policy.signer".to_owned()]),
            "{root}: {}",
            said.all()
        );
    }
}
