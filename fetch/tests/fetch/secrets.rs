//! What gives access to a location stands in no error, whatever goes wrong.

use std::{thread, time::Duration};

use hostler_contract::{Finding, Place, codes};
use hostler_fetch::{Expected, FetchLimits, Fetcher};

use crate::{
    LIMITS, SHORT, location,
    server::{Answer, Server},
};

const SECRET: &str = "S3CR3T";

#[test]
fn no_error_shows_what_gives_access() {
    let limits = FetchLimits {
        idle: SHORT,
        budget: Duration::from_secs(5),
        ..LIMITS
    };
    let with_secret = format!("/b?sv=1&sig={SECRET}");
    let answers: Vec<fn() -> Answer> = vec![
        || Answer::Nothing,
        || Answer::status("404 S3CR3T"),
        || Answer::Silence(Vec::new()),
        || Answer::Bytes(b"not HTTP".to_vec()),
        || Answer::Bytes(Answer::head("Content-Length: 10\r\n")),
        || Answer::Endless(Answer::head("")),
        || Answer::ok("other than declared"),
        || Answer::redirect("file:///a?sig=S3CR3T"),
        || Answer::redirect("ftp://user:S3CR3T@host/?sig=S3CR3T"),
        || Answer::redirect("https://S3CR3T:x/?sig=S3CR3T"),
        || Answer::redirect("http://S3CR3T@127.0.0.1:1/?sig=S3CR3T"),
    ];
    let expected = Expected {
        sha256: Some([0; 32]),
        size: None,
    };
    let mut urls = vec![format!("http://user:{SECRET}@hostler.invalid{with_secret}")];
    let mut servers = Vec::new();
    for answer in answers {
        // A server for each round.
        let server = Server::start(vec![answer(), answer(), answer()]);
        urls.push(server.url(&with_secret).replace("//", &format!("//user:{SECRET}@")));
        servers.push(server);
    }
    // Rounds and their pauses side by side.
    thread::scope(|scope| {
        for url in &urls {
            scope.spawn(move || {
                let location = location(url);
                assert!(location.exact().contains(SECRET));
                let fetcher = Fetcher::without_proxy();
                let failed = fetcher
                    .fetch_any(std::slice::from_ref(&location), limits, &expected, |_, _| Ok(()))
                    .unwrap_err();
                let finding = failed.finding();
                let shown = format!("{failed} {failed:?} {failed:#?} {finding} {finding:?}");
                assert!(!shown.contains(SECRET), "{shown}");
            });
        }
    });
}

#[test]
fn neither_does_what_came_or_was_refused() {
    let server = Server::start(vec![Answer::ok(SECRET)]);
    let location = location(&server.url(&format!("/a?sig={SECRET}")));
    let failed = Fetcher::without_proxy()
        .fetch_any(
            std::slice::from_ref(&location),
            LIMITS,
            &Expected::default(),
            |listed, fetched| {
                assert!(!format!("{listed:?} {fetched:?}").contains(SECRET));
                let name = listed.display();
                Err::<(), _>(Finding::refusal(codes::PKG_FORMAT, &name, Place::Whole, "no zip", "give a zip").into())
            },
        )
        .unwrap_err();
    let shown = format!("{failed} {failed:?}");
    assert!(!shown.contains(SECRET), "{shown}");
}
