//! Who is let in, and what is looked at before what.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::{Answer, Client, answer};
use crate::databases::over_each;
use crate::registration::definition;
use crate::server::{Repository, SUBSCRIPTION, certificate};

const VERSION: (&str, &str) = ("x-ms-version", "2014-06-01");
const OTHER: &str = "6b1f5e3c-0000-4000-8000-000000000002";

/// Who sends which method to which path with which headers, and the status and code that it is answered with.
type Case<'a> = (&'a Client, &'a str, &'a str, &'a [(&'a str, &'a str)], u16, &'a str);

/// Status and code of an answer.
fn verdict(answer: &Answer) -> (u16, String) {
    let text = answer.text();
    let code = text
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    (answer.status, code.map(|(code, _)| code.to_owned()).unwrap_or_default())
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(verdict(answer), (status, code.to_owned()), "{}", answer.text());
}

/// 15.11, REP-01: no certificate, one that nobody knows, one of another subscription: the same answer, before any body.
#[test]
fn check_15_11_rep_01_a_certificate_opens_its_subscription_and_no_other() {
    over_each(|database| {
        let repository = database.repository(&[]);
        let (other, reader) = (certificate(), certificate());
        repository.add_subscription(OTHER, &other.0, true);
        repository.add_subscription("reader", &reader.0, false);
        let path = format!("/{SUBSCRIPTION}/services/publisherextensions");
        for client in [
            repository.anyone(),
            repository.client(&certificate()),
            repository.client(&other),
            repository.client(&reader),
        ] {
            refused(&client.send("GET", &path, &[VERSION], b""), 403, "AuthenticationFailed");
            // Nothing of a body is waited for.
            let mut connection = client.connect();
            let path = format!("/{SUBSCRIPTION}/services/extensions");
            let head = client.head("POST", &path, &[VERSION], Some(1000));
            connection.write_all(head.as_bytes()).unwrap();
            refused(&answer(&mut connection).unwrap(), 403, "AuthenticationFailed");
        }
        assert_eq!(repository.publisher().send("GET", &path, &[VERSION], b"").status, 200);
        // Who may only read is told so when it writes, before its body is looked at.
        let reader = repository.client(&reader);
        assert_eq!(reader.send("GET", "/reader", &[VERSION], b"").status, 200);
        for (method, path) in [
            ("POST", "/reader/services/extensions"),
            ("PUT", "/reader/services/extensions?action=update"),
            ("DELETE", "/reader/services/extensions/a.b/c/1.0"),
        ] {
            let answer = reader.send(method, path, &[VERSION], b"no definition");
            refused(&answer, 403, "ForbiddenError");
            assert!(
                answer
                    .text()
                    .contains("This operation is not allowed for this subscription.")
            );
        }
    });
}

/// The order of checks: of several things that are wrong, the first one is told.
#[test]
fn the_first_check_that_fails_decides() {
    let repository = Repository::start(&[]);
    let reader = certificate();
    repository.add_subscription("reader", &reader.0, false);
    let (publisher, reader, anyone) = (repository.publisher(), repository.client(&reader), repository.anyone());
    let root = format!("/{SUBSCRIPTION}");
    let extensions = format!("{root}/services/extensions");
    let old = ("x-ms-version", "2009-09-30");
    let no_date = ("x-ms-version", "today");
    let cases: [Case<'_>; 18] = [
        (&anyone, "GET", "/nobody/x", &[], 400, "MissingOrIncorrectVersionHeader"),
        (
            &anyone,
            "GET",
            "/nobody/x",
            &[no_date],
            400,
            "MissingOrIncorrectVersionHeader",
        ),
        (
            &anyone,
            "GET",
            "/nobody/x",
            &[old],
            400,
            "MissingOrIncorrectVersionHeader",
        ),
        (
            &publisher,
            "GET",
            &format!("{root}/services/resourceextensions"),
            &[("x-ms-version", "2013-10-31")],
            400,
            "MissingOrIncorrectVersionHeader",
        ),
        (&anyone, "GET", "/nobody/x", &[VERSION], 403, "AuthenticationFailed"),
        (&publisher, "GET", "/nobody/x", &[VERSION], 404, "ResourceNotFound"),
        (&publisher, "GET", "/reader", &[VERSION], 403, "AuthenticationFailed"),
        (
            &publisher,
            "GET",
            &format!("{root}/x"),
            &[VERSION],
            404,
            "ResourceNotFound",
        ),
        (&publisher, "PATCH", &extensions, &[VERSION], 400, "InvalidHttpVerb"),
        (&publisher, "GET", &extensions, &[VERSION], 400, "InvalidHttpVerb"),
        (&publisher, "DELETE", &root, &[VERSION], 400, "InvalidHttpVerb"),
        (
            &reader,
            "PUT",
            "/reader/services/extensions",
            &[VERSION],
            400,
            "MissingOrInvalidRequiredQueryParameter",
        ),
        (
            &publisher,
            "PUT",
            &format!("{extensions}?action=create"),
            &[VERSION],
            400,
            "MissingOrInvalidRequiredQueryParameter",
        ),
        (
            &reader,
            "PUT",
            "/reader/services/extensions?action=update",
            &[VERSION],
            403,
            "ForbiddenError",
        ),
        (&publisher, "POST", &extensions, &[VERSION], 400, "InvalidXmlRequest"),
        (
            &publisher,
            "GET",
            &format!("{root}/operations/0123"),
            &[VERSION],
            404,
            "ResourceNotFound",
        ),
        (
            &publisher,
            "GET",
            &format!("{root}/operations"),
            &[VERSION],
            400,
            "MissingOrInvalidRequiredQueryParameter",
        ),
        (
            &publisher,
            "DELETE",
            &format!("{extensions}/a.b/c/1.0"),
            &[VERSION],
            404,
            "ResourceNotFound",
        ),
    ];
    for (client, method, path, headers, status, code) in cases {
        let answer = client.send(method, path, headers, b"");
        assert_eq!(
            verdict(&answer),
            (status, code.to_owned()),
            "{method} {path} {headers:?}: {}",
            answer.text()
        );
    }
}

/// REP-02: a namespace belongs to whom used it first. Another's attempt is refused, and on record.
#[test]
fn rep_02_a_namespace_is_its_first_publishers() {
    over_each(|database| {
        let repository = database.repository(&[]);
        let other = certificate();
        repository.add_subscription(OTHER, &other.0, true);
        repository.register("1.0", &crate::registration::package("a"), "");
        let path = format!("/{OTHER}/services/extensions");
        let body = definition("9.9", "https://media.example/x.zip", "");
        for (method, path) in [("POST", path.clone()), ("PUT", format!("{path}?action=update"))] {
            let answer = repository
                .client(&other)
                .send(method, &path, &[VERSION], body.as_bytes());
            refused(&answer, 403, "ForbiddenError");
        }
        let answer =
            repository
                .client(&other)
                .send("DELETE", &format!("{path}/Contoso.Linux/Demo/1.0"), &[VERSION], b"");
        refused(&answer, 404, "ResourceNotFound");
        // Another type in it is the owner's as well.
        let body = body.replace("<Type>Demo<", "<Type>Other<");
        let answer = repository
            .client(&other)
            .send("POST", &path, &[VERSION], body.as_bytes());
        refused(&answer, 403, "ForbiddenError");
        let page = repository.publisher().get("/").text();
        assert!(page.contains("belongs to another subscription"), "{page}");
    });
}

/// A subscription that is switched off may not even read; on again it may.
#[test]
fn a_subscription_is_switched_off_and_on_and_its_certificates_come_and_go() {
    over_each(|database| {
        let repository = database.repository(&[]);
        let client = repository.publisher();
        let root = format!("/{SUBSCRIPTION}");
        let get = |client: &Client| client.send("GET", &root, &[VERSION], b"");
        assert_eq!(get(&client).status, 200);
        repository.command(&["subscription", "disable", SUBSCRIPTION]);
        refused(&get(&client), 403, "SubscriptionDisabled");
        repository.command(&["subscription", "enable", SUBSCRIPTION]);
        assert_eq!(get(&client).status, 200);
        // A second certificate, while the first one goes.
        let second = certificate();
        let pem = repository.path("second.pem");
        std::fs::write(&pem, format!("{}{}", second.1, second.0)).unwrap();
        let listed = repository.command(&["subscription", "list"]);
        let thumbprint = listed
            .split("certificate ")
            .nth(1)
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned();
        repository.command(&[
            "subscription",
            "certificate",
            "add",
            SUBSCRIPTION,
            "--certificate",
            pem.to_str().unwrap(),
        ]);
        repository.command(&[
            "subscription",
            "certificate",
            "remove",
            SUBSCRIPTION,
            "--thumbprint",
            &thumbprint,
        ]);
        refused(&get(&client), 403, "AuthenticationFailed");
        assert_eq!(get(&repository.client(&second)).status, 200);
        repository.command(&["subscription", "approve", SUBSCRIPTION, "--revoke"]);
        let extensions = format!("{root}/services/extensions");
        let answer = repository.client(&second).send("POST", &extensions, &[VERSION], b"");
        refused(&answer, 403, "ForbiddenError");
        repository.command(&["subscription", "remove", SUBSCRIPTION]);
        refused(&get(&repository.client(&second)), 403, "AuthenticationFailed");
        assert_eq!(repository.command(&["subscription", "list"]), "");
    });
}

/// A certificate is no secret: who has it without its key is not let in.
#[test]
fn a_certificate_without_its_key_opens_nothing() {
    let repository = Repository::start(&[]);
    let (known, key) = repository.certificate().clone();
    let stranger = certificate();
    for (signing, is_let_in) in [(&key, true), (&stranger.1, false)] {
        let said = with_key(&repository, &known, signing);
        assert_eq!(said.is_ok_and(|said| said.starts_with("HTTP/1.1 200 ")), is_let_in);
    }
}

/// What is answered to a client that shows `certificate` and signs with `key`, whether they belong together or not.
fn with_key(repository: &Repository, certificate: &str, key: &str) -> std::io::Result<String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
    let mut roots = RootCertStore::empty();
    for trusted in CertificateDer::pem_file_iter(repository.path("data/tls/cert.pem")).unwrap() {
        roots.add(trusted.unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(shown));
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(repository.authority()).unwrap());
    let head =
        format!("GET /{SUBSCRIPTION} HTTP/1.1\r\nHost: x\r\nx-ms-version: 2014-06-01\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut said = Vec::new();
    let read = stream.read_to_end(&mut said);
    match said.is_empty() {
        true => read.map(|_| String::new()),
        false => Ok(String::from_utf8_lossy(&said).into_owned()),
    }
}
