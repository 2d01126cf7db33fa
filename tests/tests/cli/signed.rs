//! Signatures: whose a package is, and what becomes of one that is nobody's.

use std::fs;

use hostler_package::PackageDigest;
use hostler_tests::{Identity, OpenSsl, publish, recorder_package, version_manifest};
use serde_json::{Value, json};

use crate::offered::DEMO;
use crate::server::{Answer, Server};
use crate::workbench::{Said, Workbench};

/// A root, an authority below it, and a publisher; others that nobody named; and the package that they sign.
struct Signers {
    bench: Workbench,
    ssl: OpenSsl,
    authority: Identity,
    publisher: Identity,
    package: Vec<u8>,
}

fn behaviour() -> Value {
    json!({"signingInfo": {"publisher": "contoso", "type": "Demo", "version": "1.0.0"}})
}

impl Signers {
    fn new() -> Option<Self> {
        let ssl = OpenSsl::find()?;
        let bench = Workbench::new();
        let here = bench.path(".");
        let constraints = bench.write("ca.ext", "basicConstraints = critical, CA:TRUE\n");
        let ca = ["-days", "2", "-extfile", constraints.to_str().unwrap()];
        let root = ssl.identity(&here, "root", None, &ca);
        let authority = ssl.identity(&here, "authority", Some(&root), &ca);
        let keyid = bench.write("keyid.ext", "subjectKeyIdentifier = hash\n");
        let options = ["-days", "2", "-extfile", keyid.to_str().unwrap()];
        let publisher = ssl.identity(&here, "publisher", Some(&authority), &options);
        Some(Self {
            bench,
            ssl,
            authority,
            publisher,
            package: recorder_package(DEMO, &behaviour()),
        })
    }

    fn sign(&self) -> String {
        self.ssl
            .sign(&self.publisher, Some(&self.authority), &[], &self.package)
    }

    /// A policy that names `root` as the root of `contoso`, and has `rule`.
    fn policy(&self, root: &str, rule: &str) -> String {
        let root = self.bench.path(root).display().to_string();
        let text = format!(
            "[[signer]]\nname = \"contoso\"\nroots = [\"{root}\"]\n\n[[rule]]\nname = \"demo\"\npublisher = \"Contoso\"\n{rule}\n"
        );
        self.bench.write("policy.toml", text).display().to_string()
    }

    fn apply(&self, policy: &str, signature: Option<&str>) -> Said {
        let mut entry = self.bench.offer(DEMO, &json!({}));
        publish(&self.bench.path("source"), DEMO, &[("1.0.0", behaviour())]);
        if let Some(signature) = signature {
            entry["encodedSignature"] = json!(signature);
        }
        let _ = fs::remove_dir_all(self.bench.path("root"));
        self.bench.apply(&[entry], &["--json", "--policy", policy])
    }
}

fn package(said: &Said) -> Value {
    said.handler()["hostler"]["package"].clone()
}

/// PKG-39: a signature that holds is reported, whoever of the chain is named as the root of its signer.
#[test]
fn a_good_signature_is_reported() {
    let Some(signers) = Signers::new() else { return };
    let required = "require-signature = \"always\"";
    for (root, signature) in [
        ("root.crt", signers.sign()),
        ("authority.crt", signers.sign()),
        (
            "publisher.crt",
            signers.ssl.sign(&signers.publisher, None, &[], &signers.package),
        ),
        (
            "root.crt",
            signers.ssl.sign(
                &signers.publisher,
                Some(&signers.authority),
                &["-keyid"],
                &signers.package,
            ),
        ),
        (
            "root.crt",
            signers.ssl.sign(
                &signers.publisher,
                Some(&signers.authority),
                &["-noattr"],
                &signers.package,
            ),
        ),
    ] {
        let said = signers.apply(&signers.policy(root, required), Some(&signature));
        assert_eq!(said.exit, 0, "{root}: {}", said.all());
        let package = package(&said);
        assert_eq!(
            (&package["signature"], &package["signer"]),
            (&json!("verified"), &json!("contoso")),
            "{root}"
        );
    }
    let root = signers.bench.path("root").display().to_string();
    let audit = signers
        .bench
        .hostler(&["audit", "show", "--json", "--root", &root])
        .stdout();
    let accepted = audit
        .lines()
        .find(|line| line.contains("\"package-accepted\""))
        .unwrap();
    assert!(
        accepted.contains(r#""signature":"verified","signer":"contoso""#),
        "{accepted}"
    );
    // What was verified stays known when nothing is fetched any more, and a stricter policy asks for it again.
    let entry = signers.bench.offer(DEMO, &json!({}));
    let policy = signers.policy("root.crt", required);
    let again = signers.bench.apply(&[entry], &["--json", "--policy", &policy]);
    assert_eq!((again.exit, &package(&again)["signature"]), (0, &json!("verified")));
}

/// PKG-39: one clear error for each, and nothing of the package is in place.
#[test]
fn a_bad_signature_refuses_the_package() {
    let Some(signers) = Signers::new() else { return };
    let here = signers.bench.path(".");
    let stranger = signers.ssl.identity(&here, "stranger", None, &["-days", "2"]);
    let ended = ["-not_before", "20200101000000Z", "-not_after", "20200201000000Z"];
    let help = std::process::Command::new("openssl")
        .args(["x509", "-help"])
        .output()
        .unwrap();
    let has_dates = String::from_utf8_lossy(&help.stderr).contains("-not_after");
    // Older ones can make no certificate of the past, but one that ends as it begins.
    let ended: &[&str] = if has_dates { &ended } else { &["-days", "0"] };
    let expired = signers.ssl.identity(&here, "expired", Some(&signers.authority), ended);
    let other_bytes = signers
        .ssl
        .sign(&signers.publisher, Some(&signers.authority), &[], b"another package");
    let foreign = signers.ssl.sign(&stranger, None, &[], &signers.package);
    let without_chain = signers.ssl.sign(&signers.publisher, None, &[], &signers.package);
    let of_the_past = signers
        .ssl
        .sign(&expired, Some(&signers.authority), &[], &signers.package);
    let good = signers.sign();
    let cases = [
        ("other bytes", &*other_bytes, "over other bytes"),
        ("foreign", &foreign, "leads to no root of contoso"),
        ("no chain", &without_chain, "leads to no root of contoso"),
        ("expired", &of_the_past, "is not valid at this time"),
        ("garbage", "Z2FyYmFnZQ==", "is not base64 of CMS"),
        ("no base64", "!", "is not base64 of CMS"),
        ("cut", &good[..good.len() / 2 / 4 * 4], "is not base64 of CMS"),
    ];
    let policy = signers.policy("root.crt", "");
    for (case, signature, words) in cases {
        let said = signers.apply(&policy, Some(signature));
        let text = said.all();
        assert_eq!(said.exit, 1, "{case}: {text}");
        assert!(said.codes().contains(&"pkg.signature".to_owned()), "{case}: {text}");
        assert!(text.contains(words), "{case}: {text}");
        signers.bench.assert_nothing_of(DEMO, case);
    }
    // As the native agent has it, where the operator says so for that signer.
    let lenient = signers.policy("root.crt", "");
    let text = fs::read_to_string(&lenient)
        .unwrap()
        .replace("\n\n[[rule]]", "\ncheck-time = false\n\n[[rule]]");
    fs::write(&lenient, text).unwrap();
    let said = signers.apply(&lenient, Some(&of_the_past));
    assert_eq!(
        (said.exit, &package(&said)["signature"]),
        (0, &json!("verified")),
        "{}",
        said.all()
    );
}

/// PKG-39: unsigned where a signature is required, unless its digest is named; or a rule that takes a bad one.
#[test]
fn the_rule_says_what_is_required() {
    let Some(signers) = Signers::new() else { return };
    let digest = PackageDigest::of(&signers.package);
    let bad = signers
        .ssl
        .sign(&signers.publisher, Some(&signers.authority), &[], b"other bytes");
    let good = signers.sign();
    let pinned = format!("require-signature = \"always\"\nunsigned-digests = [\"{digest}\"]");
    let cases = [
        ("", None, 0, "unsigned"),
        ("require-signature = \"network\"", None, 0, "unsigned"),
        ("require-signature = \"always\"", None, 1, ""),
        (&pinned, None, 0, "unsigned"),
        (&pinned, Some(&bad), 1, ""),
        ("accept-bad-signature = true", Some(&bad), 0, "bad"),
        ("require-signature = \"always\"", Some(&good), 0, "verified"),
        // Only what is signed by that one: an unsigned one goes on to the next rule, and there is none.
        ("signer = \"contoso\"\nrefuse = true", None, 0, "unsigned"),
        ("signer = \"contoso\"\nrefuse = true", Some(&good), 1, ""),
    ];
    for (rule, signature, exit, word) in cases {
        let said = signers.apply(&signers.policy("root.crt", rule), signature.map(String::as_str));
        assert_eq!(said.exit, exit, "{rule}: {}", said.all());
        if exit == 0 {
            assert_eq!(package(&said)["signature"], json!(word), "{rule}");
        } else {
            signers.bench.assert_nothing_of(DEMO, rule);
        }
    }
    let said = signers.apply(&signers.policy("root.crt", "accept-bad-signature = true"), Some(&bad));
    assert!(
        said.codes().contains(&"pkg.signature".to_owned()),
        "it is said all the same: {}",
        said.all()
    );
    // Without a policy nobody is named who could have signed: it is taken, and said.
    let mut entry = signers.bench.offer(DEMO, &json!({}));
    entry["encodedSignature"] = json!(bad);
    let _ = fs::remove_dir_all(signers.bench.path("root"));
    let said = signers.bench.apply(&[entry], &["--json"]);
    assert_eq!(
        (said.exit, &package(&said)["signature"]),
        (0, &json!("unchecked")),
        "{}",
        said.all()
    );
}

/// PKG-39: what comes over a network has to be signed where the rule says so.
#[test]
fn what_comes_over_a_network() {
    let Some(signers) = Signers::new() else { return };
    let server = Server::start([
        (
            "/m",
            Answer::Whole(version_manifest(&[("1.0.0", &["/p.zip".to_owned()], "")]).into_bytes()),
        ),
        ("/p.zip", Answer::Whole(signers.package.clone())),
    ]);
    let policy = signers.policy("root.crt", "require-signature = \"network\"");
    let mut entry = signers.bench.offer(DEMO, &json!({}));
    entry["location"] = json!(server.url("/m"));
    let said = signers.bench.apply(&[entry.clone()], &["--json", "--policy", &policy]);
    assert_eq!(said.exit, 1, "{}", said.all());
    assert!(said.codes().contains(&"pkg.signature".to_owned()), "{}", said.all());
    entry["encodedSignature"] = json!(signers.sign());
    let said = signers.bench.apply(&[entry], &["--json", "--policy", &policy]);
    assert_eq!(
        (said.exit, &package(&said)["signature"]),
        (0, &json!("verified")),
        "{}",
        said.all()
    );
}

/// Who signed one handler has not signed another: the manifest says which it is.
#[test]
fn a_signature_is_for_one_handler() {
    let Some(signers) = Signers::new() else { return };
    let policy = signers.policy("root.crt", "");
    let good = json!({"publisher": "Contoso", "type": "Demo", "version": "1.0.0"});
    let with = |key: &str, value: Value| {
        let mut info = good.clone();
        info[key] = value;
        json!({ "signingInfo": info })
    };
    for (behaviour, words) in [
        (json!({}), "has no `signingInfo`"),
        (with("publisher", json!("Other")), "another publisher"),
        (with("type", json!("Demos")), "another type"),
        (with("version", json!("1.0.1")), "another version"),
        (with("version", json!(1)), "another version"),
    ] {
        let bytes = recorder_package(DEMO, &behaviour);
        let mut entry = signers.bench.offer(DEMO, &json!({}));
        publish(&signers.bench.path("source"), DEMO, &[("1.0.0", behaviour)]);
        let signature = signers
            .ssl
            .sign(&signers.publisher, Some(&signers.authority), &[], &bytes);
        entry["encodedSignature"] = json!(signature);
        let said = signers.bench.apply(&[entry], &["--json", "--policy", &policy]);
        assert_eq!(said.exit, 1, "{words}: {}", said.all());
        assert!(said.all().contains(words), "{words}: {}", said.all());
    }
}

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
