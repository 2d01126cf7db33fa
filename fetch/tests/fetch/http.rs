//! One location over HTTP: what is taken, and every way in which it is not.

use std::time::Duration;

use hostler_fetch::{FetchLimits, Fetcher};
use insta::assert_snapshot;

use crate::{LIMITS, SHORT, fetch, location, refusal, server::Answer, server::Server};

/// What fetching from a server with one answer comes to.
fn outcome(answer: Answer, limits: FetchLimits) -> String {
    let server = Server::start(vec![answer]);
    match fetch(&server.url("/a.zip"), limits) {
        Ok(fetched) => format!("{} bytes", fetched.bytes.len()),
        Err(error) => refusal(&error),
    }
}

#[test]
fn bytes_come_as_they_are_and_hashed() {
    let server = Server::start(vec![Answer::new(
        "200 OK",
        "Content-Encoding: gzip\r\nContent-Type: text/plain; charset=utf-16\r\n",
        "abc",
    )]);
    let fetched = fetch(&server.url("/a?b=c#d"), LIMITS).unwrap();
    assert_eq!(fetched.bytes, b"abc");
    // The example of FIPS 180.
    assert_snapshot!(format!("{fetched:?}").replace(&server.port().to_string(), "PORT"), @r#"Fetched { size: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", location: Location(http://127.0.0.1:PORT/a?<redacted>) }"#);
}

#[test]
fn the_request_says_who_asks_and_no_more() {
    let server = Server::start(vec![Answer::ok("")]);
    fetch(&server.url("/a%20b?c=d&e#f").replace("//", "//user:p%40ss@"), LIMITS).unwrap();
    let request = server.requests().remove(0);
    let request = request
        .replace(&server.port().to_string(), "PORT")
        .replace(env!("CARGO_PKG_VERSION"), "VERSION")
        .replace("\r\n", "\n");
    assert_snapshot!(request.trim_end(), @"
    GET /a%20b?c=d&e HTTP/1.1
    authorization: Basic dXNlcjpwQHNz
    accept: */*
    user-agent: hostler/VERSION
    host: 127.0.0.1:PORT
    ");
}

#[test]
fn only_status_200_counts() {
    for status in [
        "204 No Content",
        "206 Partial",
        "304 Not Modified",
        "404 Not Found",
        "500 Oh",
    ] {
        let code = status.split(' ').next().unwrap();
        assert_eq!(
            outcome(Answer::status(status), LIMITS),
            format!("[download.status] http://SERVER/a.zip: the server answered with status {code}")
        );
    }
}

#[test]
fn a_body_ends_at_the_limit() {
    let at_limit = FetchLimits { max_bytes: 3, ..LIMITS };
    assert_eq!(outcome(Answer::ok("abc"), at_limit), "3 bytes");
    assert_eq!(
        outcome(Answer::Bytes(b"HTTP/1.1 200 OK\r\n\r\nabc".to_vec()), at_limit),
        "3 bytes"
    );

    // Refused by its length: of the body not a byte is there to be read.
    let head = Answer::head("Content-Length: 1099511627776\r\n");
    assert_snapshot!(outcome(Answer::Silence(head), LIMITS), @"[download.size] http://SERVER/a.zip: it has 1099511627776 bytes or more, and at most 1000 are read");

    // Without a length, in chunks and as it comes.
    let large = FetchLimits {
        max_bytes: 100_000,
        ..LIMITS
    };
    let endless = Answer::Endless(Answer::head(""));
    assert!(outcome(endless, large).ends_with("and at most 100000 are read"));
    let chunk = [b"FFFFFFFF\r\n".as_slice()].concat();
    let endless = Answer::Endless([Answer::head("Transfer-Encoding: chunked\r\n"), chunk].concat());
    assert!(outcome(endless, large).starts_with("[download.size] http://SERVER/a.zip: it has "));
}

#[test]
fn a_connection_that_ends_early_is_noticed() {
    let short = [Answer::head("Content-Length: 10\r\n"), b"abc".to_vec()].concat();
    assert_snapshot!(outcome(Answer::Bytes(short), LIMITS), @"[download.incomplete] http://SERVER/a.zip: the connection ended early, after 3 bytes: end of file before message length reached");
    let chunked = [Answer::head("Transfer-Encoding: chunked\r\n"), b"3\r\nabc\r\n".to_vec()].concat();
    assert_snapshot!(outcome(Answer::Bytes(chunked), LIMITS), @"[download.incomplete] http://SERVER/a.zip: the connection ended early, after 3 bytes: unexpected EOF during chunk size line");
    assert_snapshot!(outcome(Answer::Nothing, LIMITS), @"[download.incomplete] http://SERVER/a.zip: the connection gave no answer: connection closed before message completed");
    assert_snapshot!(outcome(Answer::Bytes(b"HTTP/1.1 200 O".to_vec()), LIMITS), @"[download.incomplete] http://SERVER/a.zip: the connection gave no answer: connection closed before message completed");
    assert_snapshot!(outcome(Answer::Bytes(b"220 smtp.example ESMTP\r\n".to_vec()), LIMITS), @"[download.incomplete] http://SERVER/a.zip: the connection gave no answer: invalid HTTP version parsed");
}

#[test]
fn a_server_that_is_not_there_cannot_be_reached() {
    let error = fetch(&Server::none().url("/a.zip"), LIMITS).unwrap_err();
    assert_snapshot!(refusal(&error), @"[download.unreachable] http://SERVER/a.zip: no connection: Connection refused (os error 111)");
    assert!(error.may_pass());
    // RFC 2606 promises that there is no such name.
    let error = fetch("http://hostler.invalid/a.zip", LIMITS).unwrap_err();
    assert_eq!(error.code().name(), "download.unreachable", "{error}");
    assert_snapshot!(fetch("http://127.0.0.1:1/", LIMITS).unwrap_err().finding(), @"http://127.0.0.1:1/: no connection: Connection refused (os error 111) [download.unreachable]; check the name, the network and the proxy (HTTPS_PROXY, NO_PROXY)");
}

#[test]
fn silence_is_not_waited_for() {
    let limits = FetchLimits { idle: SHORT, ..LIMITS };
    let one_byte = [Answer::head("Content-Length: 2\r\n"), b"a".to_vec()].concat();
    for silence in [Vec::new(), b"HTTP/1.1 2".to_vec(), one_byte] {
        assert_eq!(
            outcome(Answer::Silence(silence), limits),
            "[download.timeout] http://SERVER/a.zip: nothing came for 0.2 s"
        );
    }
}

#[test]
fn the_budget_ends_what_never_ends() {
    let limits = FetchLimits {
        max_bytes: u64::MAX,
        budget: SHORT,
        ..LIMITS
    };
    assert_snapshot!(outcome(Answer::Silence(Vec::new()), limits), @"[download.timeout] http://SERVER/a.zip: not done within 0.2 s");
    // Bytes come all the time, so only the budget can end it.
    let drip = Answer::Endless(Answer::head(""));
    let little = FetchLimits {
        budget: Duration::from_millis(50),
        ..limits
    };
    assert!(outcome(drip, little).starts_with("[download.timeout]"));
    let none = FetchLimits {
        budget: Duration::ZERO,
        ..LIMITS
    };
    assert_snapshot!(outcome(Answer::ok("abc"), none), @"[download.timeout] http://SERVER/a.zip: not done within 0 s");
}

#[test]
fn a_budget_that_no_clock_can_hold_is_fine() {
    let limits = FetchLimits {
        max_bytes: u64::MAX,
        budget: Duration::MAX,
        idle: Duration::MAX,
    };
    assert_eq!(outcome(Answer::ok("abc"), limits), "3 bytes");
}

#[test]
fn a_fetcher_serves_many_threads_and_calls() {
    let fetcher = Fetcher::without_proxy();
    let server = Server::start((0..8).map(|_| Answer::ok("abc")).collect());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2 {
                    let fetched = fetcher.fetch(&location(&server.url("/a")), LIMITS).unwrap();
                    assert_eq!(fetched.bytes, b"abc");
                }
            });
        }
    });
}
