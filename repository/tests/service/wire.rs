//! What clients send that they should not: too much, too slowly, too cleverly. The others are served all the same.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use hostler_tests::not_run;

use crate::client::{Connection, answer};
use crate::registration::definition;
use crate::server::{PATIENCE, Repository, SUBSCRIPTION, wait};

const VERSION: (&str, &str) = ("x-ms-version", "2014-06-01");

fn extensions() -> String {
    format!("/{SUBSCRIPTION}/services/extensions")
}

/// The most memory that the server had at one time, in KiB.
fn peak(repository: &Repository) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", repository.process())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Whether the server has ended this connection, within the patience of a test.
fn is_ended(connection: &mut Connection) -> bool {
    let mut rest = Vec::new();
    match connection.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn rep_07_rep_09_bodies_that_lie_about_their_length_or_have_no_end() {
    let repository = Repository::start(&[]);
    let client = repository.publisher();
    let before = peak(&repository);
    // One that says itself that it is too large is refused before any of it is sent.
    let mut connection = client.connect();
    let head = client.head("POST", &extensions(), &[VERSION], Some(1 << 30));
    connection.write_all(head.as_bytes()).unwrap();
    let refused = answer(&mut connection).unwrap();
    assert_eq!(refused.status, 413, "{}", refused.text());
    assert!(
        refused.text().contains("<Code>RequestBodyTooLarge</Code>"),
        "{}",
        refused.text()
    );
    // One without a length is refused once it is too large, and its client gets to see that.
    let mut connection = client.connect();
    let head = client.head(
        "POST",
        &extensions(),
        &[VERSION, ("Transfer-Encoding", "chunked")],
        None,
    );
    connection.write_all(head.as_bytes()).unwrap();
    let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 1 << 16], b"\r\n"].concat();
    let mut sent = 0u64;
    while sent < 1 << 30 && connection.write_all(&chunk).is_ok() {
        sent += 1 << 16;
    }
    assert!(sent < 1 << 30, "a GiB was taken");
    assert!(
        peak(&repository) < before + 64 * 1024,
        "{before} KiB before, {} KiB now",
        peak(&repository)
    );
    // A few pieces too many are answered. Who takes longer between them than the server has patience finds the connection
    // closed, and tries again.
    let mut tries = (0..10).filter_map(|_| {
        let mut connection = client.connect();
        let whole = [head.as_bytes(), &chunk, &chunk].concat();
        connection
            .write_all(&whole)
            .and_then(|()| connection.flush())
            .and_then(|()| answer(&mut connection))
            .ok()
    });
    assert_eq!(tries.next().expect("an answer").status, 413);
    // Fewer bytes than announced, and then the end: nothing is registered, and nobody waits for ever.
    let body = definition("1.0", &repository.media("a.zip"), "");
    let mut connection = client.connect();
    let head = client.head("POST", &extensions(), &[VERSION], Some(body.len() + 100));
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(body.as_bytes()).unwrap();
    connection.flush().unwrap();
    let refused = answer(&mut connection).unwrap();
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(
        refused.text().contains("the body did not come in time"),
        "{}",
        refused.text()
    );
    // More bytes than announced: the rest is no request.
    let cut = client.send(
        "POST",
        &extensions(),
        &[VERSION, ("Content-Length", "10")],
        body.as_bytes(),
    );
    assert_eq!(cut.status, 400, "{}", cut.text());
    assert!(
        !repository
            .call("GET", "/services/publisherextensions", "")
            .text()
            .contains("<Version>")
    );
}

#[test]
fn rep_08_who_is_slow_or_silent_is_left_and_the_others_do_not_notice() {
    let repository = Repository::start(&[]);
    let client = repository.publisher();
    // A handshake without end, requests without end, and many that say nothing at all.
    let mut handshake = std::net::TcpStream::connect(repository.authority()).unwrap();
    handshake.write_all(b"\x16\x03\x01").unwrap();
    let mut slow = client.connect();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").unwrap();
    slow.flush().unwrap();
    let mut idle: Vec<Connection> = (0..500)
        .map(|_| {
            let mut connection = client.connect();
            connection
                .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                .unwrap();
            connection.flush().unwrap();
            connection
        })
        .collect();
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        assert_eq!(repository.call("GET", "", "").status, 200);
        // One byte of a header at a time, for as long as the server takes it.
        if slow.write_all(b"x").and_then(|()| slow.flush()).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    assert!(begun.elapsed() < PATIENCE, "headers without end were taken");
    for connection in &mut idle {
        assert!(is_ended(connection), "a silent connection was kept");
    }
    handshake.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut rest = Vec::new();
    let ended = handshake.read_to_end(&mut rest);
    assert!(ended.is_ok() || ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    wait("the end of all connections", || {
        let text = repository.anyone().get("/metrics").text();
        text.lines()
            .any(|line| line == "hostler_repository_connections 1")
            .then_some(())
    });
}

#[test]
fn rep_10_rep_11_a_document_type_is_refused_and_nothing_of_it_is_looked_at() {
    let repository = Repository::start(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let before = peak(&repository);
    let laughs: String = (1..10)
        .map(|number| format!("<!ENTITY l{number} \"{}\">", format!("&l{};", number - 1).repeat(10)))
        .collect();
    let good = definition("1.0", "https://media.example/x.zip", "");
    let with = |doctype: &str, text: &str| format!("{doctype}{}", good.replace("A handler for tests", text));
    for body in [
        with(&format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]>"), "&l9;"),
        with("<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>", "&f;"),
        with(
            &format!("<!DOCTYPE x [<!ENTITY % p SYSTEM \"http://{address}/x\"> %p;]>"),
            "x",
        ),
        with(&format!("<!DOCTYPE x SYSTEM \"http://{address}/x.dtd\">"), "x"),
        with("<!DOCTYPE x>", "x"),
    ] {
        let refused = repository.call("POST", "/services/extensions", &body);
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(
            refused.text().contains("<Code>InvalidXmlRequest</Code>"),
            "{}",
            refused.text()
        );
        assert!(!refused.text().contains("root:"), "{}", refused.text());
    }
    assert!(
        listener
            .accept()
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    );
    assert!(
        peak(&repository) < before + 16 * 1024,
        "{before} KiB before, {} KiB now",
        peak(&repository)
    );
}

#[test]
fn rep_13_names_that_lead_elsewhere_are_refused_by_their_fields() {
    let repository = Repository::start(&[]);
    let long = "x".repeat(300);
    for name in [
        "..",
        "../x",
        "a/b",
        "%2e%2e%2fx",
        "a&#0;b",
        "a_b",
        "caf\u{e9}",
        "",
        "a..b",
        ".a",
        &long,
    ] {
        for field in ["ProviderNameSpace", "Type"] {
            let good = definition("1.0", "https://media.example/x.zip", "");
            let given = if field == "Type" { "Demo" } else { "Contoso.Linux" };
            let body = good.replace(&format!("<{field}>{given}<"), &format!("<{field}>{name}<"));
            let refused = repository.call("POST", "/services/extensions", &body);
            assert_eq!(refused.status, 400, "{field} {name}: {}", refused.text());
            assert!(
                refused.text().contains(field) || name.contains('&'),
                "{field} {name}: {}",
                refused.text()
            );
        }
    }
    for version in [
        "..",
        "1.0/../..",
        "1.2.3.4.5",
        "-1",
        "1.0-beta",
        "99999999999",
        "",
        "1.0beta1",
    ] {
        let body = definition(version, "https://media.example/x.zip", "");
        let refused = repository.call("POST", "/services/extensions", &body);
        assert_eq!(refused.status, 400, "{version}: {}", refused.text());
        assert!(refused.text().contains("Version"), "{version}: {}", refused.text());
    }
}

#[test]
fn rep_19_paths_that_lead_elsewhere() {
    let repository = Repository::start(&[]);
    let client = repository.publisher();
    let long = format!("/{SUBSCRIPTION}/{}", "x".repeat(8000));
    let root = format!("/{SUBSCRIPTION}");
    for path in [
        "//etc/passwd",
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        &format!("{root}/..%2f..%2fetc"),
        &format!("{root}/services/extensions/..%2f/x/1.0/replicationstatus"),
        &format!("{root}/services/extensions/%00/x/1.0/replicationstatus"),
        &format!("{root}//services"),
        "https://elsewhere.example/x",
        &long,
        &format!("{root}/operations/{}", "0".repeat(33)),
    ] {
        let refused = client.send("GET", path, &[VERSION], b"");
        assert!(
            matches!(refused.status, 400 | 404 | 414),
            "{path}: {} {}",
            refused.status,
            refused.text()
        );
    }
    // Too many headers, and too large ones.
    let large = "x".repeat(20 << 10);
    assert_eq!(
        client.send("GET", &root, &[VERSION, ("x-large", &large)], b"").status,
        431
    );
    let many: Vec<(&str, &str)> = vec![("x-many", "x"); 200];
    assert_eq!(client.send("GET", &root, &many, b"").status, 431);
}

/// Certificates as old tools make them (X.509 version 1), and TLS 1.2.
#[test]
fn old_certificates_and_old_tls_are_let_in() {
    for program in ["curl", "openssl"] {
        if Command::new(program).arg("version").output().is_err() {
            return not_run(program);
        }
    }
    let repository = Repository::start(&[]);
    let openssl = |arguments: &[&str]| {
        let done = Command::new("openssl")
            .args(arguments)
            .current_dir(repository.path("."))
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    };
    for (name, kind) in [("rsa", ["rsa:2048", "-batch"]), ("ec", ["ec", "-batch"])] {
        let (request, key, pem) = (format!("{name}.csr"), format!("{name}.key"), format!("{name}.pem"));
        let mut making = vec!["req", "-new", "-nodes", "-subj", "/CN=old", "-newkey"];
        making.extend(kind);
        if name == "ec" {
            making.extend(["-pkeyopt", "ec_paramgen_curve:prime256v1"]);
        }
        making.extend(["-keyout", &key, "-out", &request]);
        openssl(&making);
        openssl(&[
            "x509", "-req", "-in", &request, "-signkey", &key, "-days", "1", "-out", &pem,
        ]);
        let both =
            fs::read_to_string(repository.path(&pem)).unwrap() + &fs::read_to_string(repository.path(&key)).unwrap();
        let file = repository.path(&format!("{name}-both.pem"));
        fs::write(&file, both).unwrap();
        let file = file.to_str().unwrap();
        repository.command(&[
            "subscription",
            "certificate",
            "add",
            SUBSCRIPTION,
            "--certificate",
            file,
        ]);
        for tls in [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]] {
            let done = Command::new("curl")
                .args(tls)
                .args([
                    "-sS",
                    "-E",
                    file,
                    "-H",
                    "x-ms-version: 2014-06-01",
                    "-w",
                    "%{http_code}",
                    "-o",
                    "/dev/null",
                ])
                .arg("--cacert")
                .arg(repository.path("data/tls/cert.pem"))
                .arg(format!("https://{}/{SUBSCRIPTION}", repository.authority()))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&done.stderr);
            assert_eq!(String::from_utf8_lossy(&done.stdout), "200", "{name} {tls:?}: {said}");
        }
    }
}
