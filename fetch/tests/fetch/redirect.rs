//! Redirects: how many, and where to.

use insta::assert_snapshot;

use crate::{
    LIMITS, fetch, refusal,
    server::{Answer, Server},
};

fn chain(redirects: usize) -> Vec<Answer> {
    let mut script: Vec<Answer> = (1..=redirects).map(|n| Answer::redirect(&format!("/{n}"))).collect();
    script.push(Answer::ok("abc"));
    script
}

/// Code and text of what one redirect ends with.
fn refused(answer: Answer) -> String {
    let server = Server::start(vec![answer]);
    refusal(&fetch(&server.url("/a.zip"), LIMITS).unwrap_err())
}

#[test]
fn five_are_followed_and_a_sixth_is_not() {
    let server = Server::start(chain(5));
    let fetched = fetch(&server.url("/folder/a?sig=x"), LIMITS).unwrap();
    assert_eq!(fetched.bytes, b"abc");
    assert_eq!(fetched.location.display(), server.url("/5"));

    let server = Server::start(chain(6));
    let error = fetch(&server.url("/a"), LIMITS).unwrap_err();
    assert_snapshot!(refusal(&error), @"[download.redirect] http://SERVER/a (redirected to http://SERVER/6): more than 5 redirects");
    assert!(!error.may_pass());
}

#[test]
fn a_loop_ends() {
    let server = Server::start((0..6).map(|_| Answer::redirect("/a")).collect());
    let error = fetch(&server.url("/a"), LIMITS).unwrap_err();
    assert_snapshot!(refusal(&error), @"[download.redirect] http://SERVER/a: more than 5 redirects");
    // A seventh request would have been refused a connection, and that would be the error.
}

#[test]
fn every_kind_of_redirect_is_followed() {
    for status in ["301 a", "302 a", "303 a", "307 a", "308 a"] {
        let redirect = Answer::new(status, "Location: b/c?d=e#f\r\n", "");
        let server = Server::start(vec![redirect, Answer::ok("abc")]);
        let fetched = fetch(&server.url("/x/a"), LIMITS).unwrap();
        assert_eq!(fetched.location.exact(), server.url("/x/b/c?d=e"), "{status}");
    }
}

#[test]
fn a_redirect_leads_to_another_server() {
    let second = Server::start(vec![Answer::ok("abc")]);
    let first = Server::start(vec![Answer::redirect(&second.url("/b"))]);
    let fetched = fetch(&first.url("/a"), LIMITS).unwrap();
    assert_eq!(fetched.location.exact(), second.url("/b"));
}

#[test]
fn an_error_says_where_the_redirect_led() {
    let server = Server::start(vec![Answer::redirect("/b?sig=S3CR3T"), Answer::status("404 Not Found")]);
    let error = fetch(&server.url("/a"), LIMITS).unwrap_err();
    assert_snapshot!(refusal(&error), @"[download.status] http://SERVER/a (redirected to http://SERVER/b?<redacted>): the server answered with status 404");
    assert_eq!(error.location().display(), server.url("/a"));
}

#[test]
fn only_http_and_https_may_be_led_to() {
    assert_snapshot!(refused(Answer::redirect("file:///etc/hostname")), @"[download.redirect] http://SERVER/a.zip: redirect refused: a document that came over the network may not name a file of this machine");
    assert_snapshot!(refused(Answer::redirect("gopher://127.0.0.1/x")), @"[download.redirect] http://SERVER/a.zip: redirect refused: the scheme gopher is not supported");
    assert_snapshot!(refused(Answer::redirect("data:text/plain,abc")), @"[download.redirect] http://SERVER/a.zip: redirect refused: the scheme data is not supported");
    assert_snapshot!(refused(Answer::redirect("http:///x")), @"[download.redirect] http://SERVER/a.zip: redirect refused: the URL has no host");
    assert_snapshot!(refused(Answer::redirect("")), @"[download.redirect] http://SERVER/a.zip: redirect refused: the location is empty");
    assert_snapshot!(refused(Answer::redirect(&format!("/{}", "a".repeat(8192)))), @"[download.redirect] http://SERVER/a.zip: redirect refused: the location is longer than 8192 bytes");
    assert_snapshot!(refused(Answer::status("302 Found")), @"[download.redirect] http://SERVER/a.zip: redirect refused: it does not say where to");
    assert_snapshot!(
        refused(Answer::Bytes(b"HTTP/1.1 302 Found\r\nLocation: /\xff\r\nContent-Length: 0\r\n\r\n".to_vec())),
        @"[download.redirect] http://SERVER/a.zip: redirect refused: its target is not text"
    );
}
