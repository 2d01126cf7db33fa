//! Which texts are locations, what they are relative to, and who may name them.

use std::{env, path::Path};

use hostler_contract::Place;
use hostler_fetch::{Location, LocationError};
use insta::assert_snapshot;

use crate::location;

/// What a text means in a document, in one line.
fn meaning(text: &str, base: Option<&str>) -> String {
    let base = base.map(location);
    match Location::parse(text, base.as_ref()) {
        Ok(location) => location.exact(),
        Err(error) => format!("! {error}"),
    }
}

#[track_caller]
fn assert_meanings(base: Option<&str>, table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(meaning(text, base), *expected, "{text:?} in {base:?}");
    }
}

const NOT_TO_FILES: &str = "! a document that came over the network may not name a file of this machine";
const NOT_TO_HTTP: &str = "! a document that came over https may not name a place that is reached over http";

#[test]
fn without_a_document_only_absolute_ones_mean_something() {
    assert_meanings(
        None,
        &[
            ("http://host", "http://host/"),
            (" \n\thttps://Host:443/a%20b?c#d\r\n", "https://host/a%20b?c"),
            ("HTTPS://user:pw@host:8443/a/../b", "https://user:pw@host:8443/b"),
            ("https://h\u{f6}st/\u{e4}", "https://xn--hst-sna/%C3%A4"),
            ("https://[::1]/a", "https://[::1]/a"),
            ("/a/b.json", "file:///a/b.json"),
            ("//a", "file:////a"),
            ("/a b?c#d%41", "file:///a%20b%3Fc%23d%2541"),
            ("/a/../b", "file:///a/../b"),
            ("file:///a%20b", "file:///a%20b"),
            ("File://LocalHost/a", "file:///a"),
            ("file:/a", "file:///a"),
            ("file:///a%0Ab%FF", "file:///a%0Ab%FF"),
            (
                "a.json",
                "! the location is relative, and there is no document that it could be relative to",
            ),
        ],
    );
}

#[test]
fn what_is_no_location_is_told() {
    let long = format!("https://host/{}", "a".repeat(8192));
    let long_when_escaped = format!("/{}", "\u{e4}".repeat(2000));
    for base in [
        None,
        Some("/d/goal.json"),
        Some("http://h/goal.json"),
        Some("https://h/goal.json"),
    ] {
        assert_meanings(
            base,
            &[
                ("", "! the location is empty"),
                (" \n ", "! the location is empty"),
                (
                    "https://host/a\nb",
                    "! the location has a control character at position 15",
                ),
                ("/a\0", "! the location has a control character at position 3"),
                (
                    "https://host/\u{85}a",
                    "! the location has a control character at position 14",
                ),
                (&long, "! the location is longer than 8192 bytes"),
                (&long_when_escaped, "! the location is longer than 8192 bytes"),
                ("ftp://host/a", "! the scheme ftp is not supported"),
                ("Gopher://host", "! the scheme gopher is not supported"),
                ("data:text/plain,abc", "! the scheme data is not supported"),
                ("C:\\a", "! the scheme c is not supported"),
                ("http:a", "! the URL has no host"),
                ("https:/a", "! the URL has no host"),
                ("https://", "! the URL has no host"),
                ("https:///a", "! the URL has no host"),
                ("https://?a", "! the URL has no host"),
                ("https://host:99999/", "! the URL cannot be read: invalid port number"),
                (
                    "https://a b/",
                    "! the URL cannot be read: invalid international domain name",
                ),
                ("https://user@/a", "! the URL cannot be read: empty host"),
                ("file:///a?b", "! the file: URL has a query or a fragment"),
                ("file:///a#b", "! the file: URL has a query or a fragment"),
                ("file://server/a", "! the file: URL names a machine"),
                ("file://a", "! the file: URL has no absolute path"),
                ("file:a", "! the file: URL has no absolute path"),
                ("file:", "! the file: URL has no absolute path"),
                ("file:///a%00", "! the location has a control character at position 3"),
            ],
        );
    }
}

#[test]
fn in_a_file_paths_are_relative_to_its_folder() {
    assert_meanings(
        Some("/d/goal.json"),
        &[
            ("a.zip", "file:///d/a.zip"),
            ("./a.zip", "file:///d/./a.zip"),
            ("sub/a b#c", "file:///d/sub/a%20b%23c"),
            ("../a", "file:///d/../a"),
            ("./b:c", "file:///d/./b%3Ac"),
            ("b:c", "! the scheme b is not supported"),
            ("?x", "file:///d/%3Fx"),
            ("/e/a", "file:///e/a"),
            ("//host/a", "file:////host/a"),
            ("file:///e/a", "file:///e/a"),
            ("http://host/a", "http://host/a"),
            ("https://host/a", "https://host/a"),
        ],
    );
    assert_meanings(Some("/"), &[("a", "file:///a")]);
    assert_meanings(Some("file:///d%20e/"), &[("a", "file:///a")]);
}

/// The examples of RFC 3986, 5.4, but those whose result has a fragment or another scheme.
#[test]
fn in_a_url_they_are_relative_to_it() {
    assert_meanings(
        Some("http://a/b/c/d;p?q"),
        &[
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("g..", "http://a/b/c/g.."),
            ("./../g", "http://a/b/g"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            // A token of the document's own URL is not handed on.
            ("https://b/", "https://b/"),
            ("/etc/passwd", "http://a/etc/passwd"),
        ],
    );
    assert_meanings(
        Some("https://u:p@a/b?sig=x"),
        &[("c", "https://u:p@a/c"), ("//d/c", "https://d/c")],
    );
}

#[test]
fn nobody_names_what_is_nearer_than_himself() {
    let downgrades = [
        ("/d/goal.json", "file:///a", "file:///a"),
        ("/d/goal.json", "http://h/a", "http://h/a"),
        ("/d/goal.json", "https://h/a", "https://h/a"),
        ("http://g/", "file:///a", NOT_TO_FILES),
        ("http://g/", "FILE:/a", NOT_TO_FILES),
        ("http://g/", "http://h/a", "http://h/a"),
        ("http://g/", "https://h/a", "https://h/a"),
        ("https://g/", "file:///a", NOT_TO_FILES),
        ("https://g/", "http://h/a", NOT_TO_HTTP),
        ("https://g/", "HTTP://g/a", NOT_TO_HTTP),
        ("https://g/", "https://h/a", "https://h/a"),
    ];
    for (base, text, expected) in downgrades {
        assert_meanings(Some(base), &[(text, expected)]);
    }
}

#[test]
fn a_path_becomes_absolute() {
    let here = env::current_dir().unwrap();
    assert_eq!(
        Location::of_path(Path::new("a/b")).unwrap(),
        Location::of_path(&here.join("a/b")).unwrap()
    );
    assert_eq!(Location::of_path(Path::new("/a")).unwrap().display(), "/a");
    assert!(Location::of_path(Path::new("")).is_err());
    assert!(Location::of_path(Path::new("/a\0")).is_err());
}

#[test]
fn people_see_no_secrets_and_nothing_that_acts_on_a_terminal() {
    for (text, shown) in [
        (
            "https://user:pw@host:8443/a/b?sv=1&sig=x",
            "https://host:8443/a/b?<redacted>",
        ),
        ("http://token@host/a?X-Amz-Signature=x", "http://host/a?<redacted>"),
        ("https://host/\u{202e}a", "https://host/%E2%80%AEa"),
        ("file:///a%1B%5B2J%E2%80%AEb", "/a\\x1b[2J\\u{202e}b"),
        ("file:///%FF", "/\u{fffd}"),
    ] {
        assert_eq!(location(text).display(), shown);
        assert_eq!(format!("{:?}", location(text)), format!("Location({shown})"));
    }
    let long = location(&format!("https://host/{}?sig=S3CR3T", "a".repeat(4000)));
    assert!(long.display().len() < 1100 && long.display().ends_with(" ...?<redacted>"));
}

#[test]
fn a_file_name_is_the_last_part_and_nothing_more() {
    for (text, name) in [
        ("https://host/a/b%20c.zip?sig=x", "b c.zip"),
        ("https://host/a/", ""),
        ("https://host", ""),
        ("https://host/%2e%2e%2fetc%2fpasswd", "passwd"),
        ("https://host/a%5C..", ""),
        ("https://host/%2e%2e", ""),
        ("https://host/%1b%E2%80%AEa%ff", "\\x1b\\u{202e}a\u{fffd}"),
        ("/a/b.zip", "b.zip"),
        ("/a/b/", "b"),
        ("/a/..", ""),
        ("/", ""),
    ] {
        assert_eq!(location(text).file_name(), name, "{text}");
    }
}

#[test]
fn a_refusal_is_a_finding_without_the_text() {
    let error = Location::parse("ftp://host/?sig=S3CR3T", None).unwrap_err();
    assert_eq!(error, LocationError::Scheme("ftp".to_owned()));
    assert_snapshot!(error.finding("goal.json", Place::Json("$.location".to_owned())), @"goal.json: $.location: the scheme ftp is not supported [download.location]; give an https:, http: or file: URL, an absolute path, or one relative to the document");
}
