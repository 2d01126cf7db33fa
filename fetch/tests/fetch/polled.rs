//! Asking again, and putting.

use hostler_fetch::{FetchLimits, Fetcher, Location, Validator};

use crate::server::{Answer, Server};
use crate::{LIMITS, location};

/// Asks once more; what came, if it is not the same.
fn ask(url: &str, known: Option<&Validator>) -> Option<(String, Option<Validator>)> {
    let polled = Fetcher::without_proxy().poll(&location(url), LIMITS, known).unwrap()?;
    Some((String::from_utf8(polled.fetched.bytes).unwrap(), polled.validator))
}

/// The line of the last request that asks for what differs only.
fn asked_for(server: &Server) -> Option<String> {
    let request = server.requests().pop().unwrap();
    let mut lines = request.lines();
    lines.find(|line| line.starts_with("if-none-match")).map(str::to_owned)
}

#[test]
fn what_is_the_same_is_not_sent_again() {
    let server = Server::start(vec![
        Answer::new("200 OK", "ETag: \"one\"\r\n", "first"),
        Answer::Bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
        Answer::new("200 OK", "ETag: W/\"two\"\r\n", "second"),
        Answer::ok("third"),
    ]);
    let url = server.url("/goal.json");
    let (text, one) = ask(&url, None).unwrap();
    assert_eq!((text.as_str(), asked_for(&server)), ("first", None));
    assert_eq!(ask(&url, one.as_ref()), None);
    assert_eq!(asked_for(&server).unwrap(), "if-none-match: \"one\"");
    let (text, two) = ask(&url, one.as_ref()).unwrap();
    assert_eq!(text, "second");
    let (text, none) = ask(&url, two.as_ref()).unwrap();
    assert_eq!((text.as_str(), none), ("third", None));
    assert_eq!(asked_for(&server).unwrap(), "if-none-match: W/\"two\"");
}

/// What one place calls something is told to no other, and "the same" is believed only of what was asked about.
#[test]
fn a_tag_is_for_the_place_that_gave_it() {
    let other = Server::start(vec![Answer::new("200 OK", "ETag: \"secret\"\r\n", "other")]);
    let (_, validator) = ask(&other.url("/goal.json"), None).unwrap();
    let server = Server::start(vec![
        Answer::ok("here"),
        Answer::Bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
    ]);
    let url = server.url("/goal.json");
    assert_eq!(ask(&url, validator.as_ref()).unwrap().0, "here");
    assert_eq!(asked_for(&server), None);
    let error = Fetcher::without_proxy()
        .poll(&location(&url), LIMITS, validator.as_ref())
        .unwrap_err();
    assert_eq!(error.code().name(), "download.status");
}

/// A tag too long to be sent back again and again is none.
#[test]
fn a_long_tag_is_not_kept() {
    let long = format!("ETag: \"{}\"\r\n", "x".repeat(2000));
    let server = Server::start(vec![Answer::new("200 OK", &long, "text")]);
    assert_eq!(ask(&server.url("/goal.json"), None), Some(("text".to_owned(), None)));
}

#[test]
fn what_is_put() {
    let server = Server::start(vec![
        Answer::new("201 Created", "", ""),
        Answer::redirect("/elsewhere"),
        Answer::status("403 Forbidden"),
        Answer::Nothing,
    ]);
    let put = |location: &Location| {
        let put = Fetcher::without_proxy().put(location, b"{}".to_vec(), FetchLimits { max_bytes: 0, ..LIMITS });
        put.map_err(|error| error.code().name())
    };
    let url = location(&server.url("/report.json?sig=secret"));
    assert_eq!(put(&url), Ok(()));
    let request = server.requests().remove(0);
    assert!(
        request.starts_with("PUT /report.json?sig=secret HTTP/1.1\r\n"),
        "{request}"
    );
    for line in [
        "content-type: application/json",
        "content-length: 2",
        "x-ms-blob-type: BlockBlob",
    ] {
        assert!(request.lines().any(|found| found == line), "{line}: {request}");
    }
    let codes: Vec<_> = (0..3).map(|_| put(&url).unwrap_err()).collect();
    assert_eq!(codes, ["download.status", "download.status", "download.incomplete"]);
    let file = Location::parse("file:///report.json", None).unwrap();
    assert_eq!(put(&file), Err("download.unreachable"));
}
