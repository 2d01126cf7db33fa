//! Which servers are trusted, and what those may do.

use std::{fs, io::Write as _, sync::Arc};

use insta::assert_snapshot;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer};

use crate::{
    child::{fetch_if_child, outcome_in_child},
    server::{Answer, Server},
};

/// A server with a certificate for 127.0.0.1 that is signed by itself, and the certificate as PEM.
fn server(script: Vec<Answer>) -> (Server, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let server = Server::serve(script, move |answer, stream, requests| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let given = answer.give(&mut stream, requests);
        stream.conn.send_close_notify();
        let _ = stream.flush();
        given
    });
    (server, cert.pem())
}

#[test]
fn trust_comes_from_the_file_that_the_environment_names() {
    if fetch_if_child() {
        return;
    }
    let name = "tls::trust_comes_from_the_file_that_the_environment_names";
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    let roots = roots.to_str().unwrap();
    let plain = Server::start(vec![Answer::ok("abc")]);
    let (server, certificate) = server(vec![
        Answer::ok("abc"),
        Answer::redirect("/b"),
        Answer::ok("abc"),
        Answer::redirect(&plain.url("/c")),
        // For those who do not trust it.
        Answer::ok("abc"),
        Answer::ok("abc"),
        Answer::ok("abc"),
    ]);
    let url = server.url("/a").replace("http:", "https:");

    fs::write(roots, certificate).unwrap();
    let trusting = [("SSL_CERT_FILE", roots)];
    assert_snapshot!(outcome_in_child(name, &url, &trusting), @"3 bytes from https://SERVER/a");
    assert_snapshot!(outcome_in_child(name, &url, &trusting), @"3 bytes from https://SERVER/b");
    assert_snapshot!(outcome_in_child(name, &url, &trusting), @"[download.redirect] https://SERVER/a: redirect refused: a document that came over https may not name a place that is reached over http");
    assert_snapshot!(outcome_in_child(name, &url.replace("127.0.0.1", "localhost"), &trusting).replace(&server.port().to_string(), "PORT"), @r#"[download.unreachable] https://localhost:PORT/a: the server's certificate is not accepted: invalid peer certificate: certificate not valid for name "localhost"; certificate is only valid for IpAddress(127.0.0.1)"#);

    // Another one's certificate, and no certificate at all.
    let CertifiedKey { cert: other, .. } = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    fs::write(roots, other.pem()).unwrap();
    assert_snapshot!(outcome_in_child(name, &url, &trusting), @"[download.unreachable] https://SERVER/a: the server's certificate is not accepted: invalid peer certificate: BadSignature");
    fs::write(roots, "").unwrap();
    assert_snapshot!(outcome_in_child(name, &url, &trusting), @"[download.unreachable] https://SERVER/a: the server's certificate is not accepted: invalid peer certificate: UnknownIssuer");
}

#[test]
fn without_any_certificate_what_needs_none_still_works() {
    if fetch_if_child() {
        return;
    }
    let name = "tls::without_any_certificate_what_needs_none_still_works";
    let server = Server::start(vec![Answer::ok("abc")]);
    let environment = [("SSL_CERT_FILE", "/nothing/there")];
    assert_snapshot!(outcome_in_child(name, &server.url("/a"), &environment), @"3 bytes from http://SERVER/a");
}
