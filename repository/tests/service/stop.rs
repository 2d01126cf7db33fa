//! Told to stop: what was begun comes to its end, what is new is not taken, and nothing is left behind.

use std::io::{Read as _, Write as _};
use std::process::Command;

use crate::client::answer;
use crate::databases::over_each;
use crate::registration::{definition, package};
use crate::server::{Repository, SUBSCRIPTION, wait};

fn terminate(repository: &Repository) {
    let id = repository.process().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}

#[test]
fn a_request_that_was_begun_is_answered_and_then_the_server_ends() {
    over_each(|database| {
        let mut repository = database.repository(&[]);
        assert_eq!(repository.upload("a.zip", &package("a")).status, 201);
        let client = repository.publisher();
        // Half of a registration is there when the server is told to stop.
        let body = definition(
            "1.0",
            &repository.media("a.zip"),
            "<IsInternalExtension>true</IsInternalExtension>",
        );
        let mut connection = client.connect();
        let path = format!("/{SUBSCRIPTION}/services/extensions");
        let headers = [("x-ms-version", "2014-06-01"), ("expect", "100-continue")];
        let head = client.head("POST", &path, &headers, Some(body.len()));
        let (begun, rest) = body.as_bytes().split_at(body.len() / 2);
        connection.write_all(head.as_bytes()).unwrap();
        connection.flush().unwrap();
        // A connection alone is no request yet: the server says itself that it has begun to read this one.
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection.read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
        assert!(said.starts_with(b"HTTP/1.1 100 "), "{}", said.escape_ascii());
        connection.write_all(begun).unwrap();
        connection.flush().unwrap();
        // One that is connected and says nothing does not keep it.
        let mut idle = client.connect();
        idle.flush().unwrap();
        wait("both connections", || {
            let text = repository.anyone().get("/metrics").text();
            let line = text
                .lines()
                .find(|line| line.starts_with("hostler_repository_connections "))?
                .to_owned();
            line.rsplit(' ').next()?.parse::<u32>().ok().filter(|count| *count >= 3)
        });
        terminate(&repository);
        wait("the word of stopping", || {
            repository.log().contains("told to stop").then_some(())
        });
        connection.write_all(rest).unwrap();
        let accepted = answer(&mut connection).unwrap();
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        assert_eq!(repository.exited(), Some(0));
        let mut left = Vec::new();
        let _ = idle.read_to_end(&mut left);
        assert_eq!(left, b"");
        assert!(repository.log().contains("stopped"), "{}", repository.log());
        // What was accepted at the last moment is carried out by the next one.
        repository.run();
        let ended = repository.ended(accepted.header("x-ms-request-id").unwrap());
        assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    });
}

#[test]
fn it_is_ready_while_its_database_answers() {
    let Some(database) = crate::databases::Database::postgres() else {
        return;
    };
    let repository = database.repository(&[]);
    let status = |path: &str| repository.anyone().get(path).status;
    assert_eq!((status("/healthz"), status("/readyz")), (200, 200));
    let text = repository.anyone().get("/metrics").text();
    for line in [
        "hostler_repository_requests_total{route=\"readyz\",status=\"200\"} 1",
        "# TYPE hostler_repository_request_seconds histogram",
        "hostler_repository_connections ",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    database.end();
    wait("not ready", || (status("/readyz") == 503).then_some(()));
    assert_eq!(status("/healthz"), 200);
    let answer = repository.call("GET", "", "");
    assert!(matches!(answer.status, 500 | 503), "{}", answer.text());
    assert!(
        answer.text().contains("Error>") && !answer.text().contains("postgres"),
        "{}",
        answer.text()
    );
}
