//! Several locations: in which order, how often, and what is said when none is good.

use std::{fs, time::Duration};

use hostler_contract::{Finding, Place, Refused, codes};
use hostler_fetch::{AllFailed, Expected, FetchLimits, Fetched, Fetcher, Location, Why};
use insta::assert_snapshot;

use crate::{
    LIMITS, SHORT, location,
    server::{Answer, Server},
    without_ports,
};

fn fetch_any(urls: &[String], limits: FetchLimits, expected: &Expected) -> Result<Vec<u8>, AllFailed> {
    let locations: Vec<Location> = urls.iter().map(|url| location(url)).collect();
    Fetcher::without_proxy().fetch_any(&locations, limits, expected, |_, fetched| Ok(fetched.bytes))
}

/// Everything that was tried, a line each.
fn told(failed: &AllFailed) -> String {
    let lines: Vec<String> = failed
        .attempts()
        .iter()
        .map(|attempt| format!("{}: {}", attempt.round, attempt.why))
        .collect();
    without_ports(&lines.join("\n"))
}

fn no_zip(location: &Location, _: Fetched) -> Result<(), Refused> {
    let name = location.file_name();
    Err(Finding::refusal(codes::PKG_FORMAT, &name, Place::Whole, "it is no zip", "give a zip").into())
}

#[test]
fn the_first_good_one_is_taken() {
    let good = Server::start(vec![Answer::ok("abc")]);
    let urls = [Server::none().url("/a"), good.url("/b"), Server::none().url("/c")];
    assert_eq!(fetch_any(&urls, LIMITS, &Expected::default()).unwrap(), b"abc");
}

#[test]
fn what_may_pass_is_tried_again() {
    for status in ["408 a", "429 a", "500 a", "503 a", "599 a"] {
        let server = Server::start(vec![Answer::status(status), Answer::ok("abc")]);
        let urls = [server.url("/a")];
        assert_eq!(
            fetch_any(&urls, LIMITS, &Expected::default()).unwrap(),
            b"abc",
            "{status}"
        );
    }
    let server = Server::start(vec![Answer::status("503 a"), Answer::Nothing, Answer::ok("abc")]);
    let urls = [server.url("/a")];
    assert_eq!(fetch_any(&urls, LIMITS, &Expected::default()).unwrap(), b"abc");
}

#[test]
fn what_will_not_pass_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there");
    fs::write(&there, "abcd").unwrap();
    let server = Server::start(vec![
        Answer::status("404 a"),
        Answer::status("503 a"),
        Answer::ok("abc"),
        Answer::ok("abcd"),
        Answer::redirect("ftp://x"),
        Answer::status("503 a"),
        Answer::status("503 a"),
    ]);
    let mut urls: Vec<String> = ["/1", "/2", "/3", "/4", "/5"]
        .iter()
        .map(|path| server.url(path))
        .collect();
    urls.push(folder.path().join("none").display().to_string());
    urls.push(there.display().to_string());
    let expected = Expected {
        sha256: Some([0; 32]),
        size: Some(4),
    };
    let failed = fetch_any(&urls, LIMITS, &expected).unwrap_err();
    let folder = folder.path().display().to_string();
    assert_snapshot!(told(&failed).replace(&folder, "DIR"), @"
    1: http://SERVER/1: the server answered with status 404
    1: http://SERVER/2: the server answered with status 503
    1: http://SERVER/3: it has 3 bytes, and 4 were declared
    1: http://SERVER/4: its SHA-256 is 88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589, and 0000000000000000000000000000000000000000000000000000000000000000 was declared
    1: http://SERVER/5: redirect refused: the scheme ftp is not supported
    1: DIR/none: the file cannot be read: No such file or directory (os error 2)
    1: DIR/there: its SHA-256 is 88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589, and 0000000000000000000000000000000000000000000000000000000000000000 was declared
    2: http://SERVER/2: the server answered with status 503
    3: http://SERVER/2: the server answered with status 503
    ");
    // As it stands after `Failed to download H-V from all URIs. Last error: `.
    assert_eq!(
        without_ports(&failed.to_string()),
        "http://SERVER/2: the server answered with status 503"
    );
    assert_eq!(failed.code(), codes::DOWNLOAD_STATUS);
    assert_snapshot!(without_ports(&failed.finding().to_string()), @"http://SERVER/2: the server answered with status 503 [download.status]; only status 200 counts");
}

#[test]
fn what_is_refused_is_passed_over_and_not_tried_again() {
    let server = Server::start(vec![Answer::ok("no zip"), Answer::redirect("/c"), Answer::ok("zip")]);
    let locations = [location(&server.url("/a")), location(&server.url("/b"))];
    let mut seen = Vec::new();
    let accepted = Fetcher::without_proxy().fetch_any(&locations, LIMITS, &Expected::default(), |listed, fetched| {
        seen.push((listed.file_name(), fetched.location.file_name()));
        if fetched.bytes == b"zip" {
            Ok("accepted")
        } else {
            no_zip(listed, fetched).map(|()| "")
        }
    });
    assert_eq!(accepted.unwrap(), "accepted");
    assert_eq!(
        seen,
        [("a".to_owned(), "a".to_owned()), ("b".to_owned(), "c".to_owned())]
    );

    let server = Server::start(vec![Answer::ok("no zip"), Answer::ok("neither")]);
    let locations = [location(&server.url("/a")), location(&server.url("/b?sig=S3CR3T"))];
    let failed = Fetcher::without_proxy()
        .fetch_any(&locations, LIMITS, &Expected::default(), no_zip)
        .unwrap_err();
    assert_snapshot!(told(&failed), @"
    1: http://SERVER/a: a: it is no zip [pkg.format]; give a zip
    1: http://SERVER/b?<redacted>: b: it is no zip [pkg.format]; give a zip
    ");
    assert_eq!(failed.code(), codes::PKG_FORMAT);
    assert!(matches!(&failed.attempts()[1].why, Why::Refused { refused, .. } if *refused.first() == failed.finding()));
}

#[test]
fn the_budget_is_for_all_together() {
    let server = Server::start(vec![Answer::Silence(Vec::new())]);
    let good = Server::start(vec![Answer::ok("abc")]);
    let limits = FetchLimits {
        budget: SHORT,
        ..LIMITS
    };
    let failed = fetch_any(&[server.url("/a"), good.url("/b")], limits, &Expected::default()).unwrap_err();
    assert_snapshot!(told(&failed), @"1: http://SERVER/a: not done within 0.2 s");
    assert_eq!(failed.code(), codes::DOWNLOAD_TIMEOUT);
}

#[test]
fn what_the_caller_does_counts_too() {
    // Where the first one does not come in time, because the machine has much else to do, more time is given.
    let mut budgets = [1, 4, 16, 64].into_iter().map(Duration::from_secs);
    let (failed, budget) = loop {
        let limits = FetchLimits {
            budget: budgets.next().expect("enough time"),
            ..LIMITS
        };
        let server = Server::start(vec![Answer::ok("abc")]);
        let locations = [location(&server.url("/a")), location(&server.url("/b"))];
        let mut came = false;
        let failed = Fetcher::without_proxy()
            .fetch_any(&locations, limits, &Expected::default(), |listed, fetched| {
                came = true;
                std::thread::sleep(limits.budget);
                no_zip(listed, fetched)
            })
            .unwrap_err();
        if came {
            break (failed, limits.budget.as_secs());
        }
    };
    let said = told(&failed).replace(&format!("within {budget} s"), "within [BUDGET]");
    assert_snapshot!(said, @"
    1: http://SERVER/a: a: it is no zip [pkg.format]; give a zip
    1: http://SERVER/b: not done within [BUDGET]
    ");
}

#[test]
fn no_round_starts_that_the_budget_does_not_reach() {
    let limits = FetchLimits {
        budget: Duration::from_millis(400),
        ..LIMITS
    };
    let failed = fetch_any(&[Server::none().url("/a")], limits, &Expected::default()).unwrap_err();
    assert_eq!(failed.attempts().len(), 1, "{}", told(&failed));
}

#[test]
fn what_is_declared_too_large_is_not_asked_for() {
    let expected = Expected {
        sha256: None,
        size: Some(LIMITS.max_bytes + 1),
    };
    let failed = fetch_any(&[Server::none().url("/a")], LIMITS, &expected).unwrap_err();
    assert_eq!(
        told(&failed),
        "1: http://SERVER/a: it has 1001 bytes or more, and at most 1000 are read"
    );
}

#[test]
fn no_location_is_an_error_too() {
    let failed = fetch_any(&[], LIMITS, &Expected::default()).unwrap_err();
    assert!(failed.attempts().is_empty());
    assert_eq!(failed.code(), codes::DOWNLOAD_LOCATION);
    assert_snapshot!(failed, @"there is no location to fetch from");
    assert_snapshot!(failed.finding(), @"locations: there is no location to fetch from [download.location]; name at least one");
}
