//! Several at once: what must happen once happens once.

use std::thread;

use crate::client::Client;
use crate::databases::over_each;
use crate::registration::{definition, package};
use crate::server::{Repository, SUBSCRIPTION, wait};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";
const HEADERS: [(&str, &str); 1] = [("x-ms-version", "2014-06-01")];

/// All of these requests, sent at the same time: their statuses. One that is told to come again, since the server is busy,
/// does.
fn at_once(client: &Client, requests: &[(&str, String, String)]) -> Vec<u16> {
    let barrier = std::sync::Barrier::new(requests.len());
    thread::scope(|scope| {
        let sent: Vec<_> = requests
            .iter()
            .map(|(method, path, body)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    wait("an answer that is final", || {
                        let status = client.send(method, path, &HEADERS, body.as_bytes()).status;
                        (status != 503).then_some(status)
                    })
                })
            })
            .collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// Regions that cannot be copied to, so that an operation stays where it is until a folder is made.
fn held(database: &crate::databases::Database, stores: &tempfile::TempDir) -> (Repository, std::path::PathBuf) {
    let west = format!("West US={}", stores.path().join("west").display());
    let east = stores.path().join("east");
    let repository = database.repository(&["--region", &west, "--region", &format!("East US={}", east.display())]);
    (repository, east)
}

/// 15.6, REP-14: of many registrations of one identity one is accepted; different identities do not hinder each other.
#[test]
fn check_15_6_rep_14_one_operation_on_an_identity_at_a_time() {
    over_each(|database| {
        let repository = database.repository(&["--version-quota", "1000"]);
        let path = format!("/{SUBSCRIPTION}/services/extensions");
        for number in 0..50 {
            let name = format!("p{number}.zip");
            assert_eq!(repository.upload(&name, &package(&name)).status, 201);
        }
        let client = repository.publisher();
        let one = |number: usize| definition("1.0", &repository.media(&format!("p{number}.zip")), INTERNAL);
        let requests: Vec<_> = (0..50).map(|number| ("POST", path.clone(), one(number))).collect();
        let statuses = at_once(&client, &requests);
        let accepted = statuses.iter().filter(|status| **status == 202).count();
        assert_eq!(accepted, 1, "{statuses:?}");
        assert!(
            statuses.iter().all(|status| matches!(status, 202 | 409)),
            "{statuses:?}"
        );
        // Different types of one namespace: all of them.
        let types: Vec<_> = (0..4)
            .map(|number| {
                let body = one(number).replace("<Type>Demo<", &format!("<Type>Demo{number}<"));
                ("POST", path.clone(), body)
            })
            .collect();
        assert_eq!(at_once(&client, &types), [202; 4]);
    });
}

/// While an operation runs, another on the same extension is refused at once; a client that says that it sends a request
/// again is told of the first one.
#[test]
fn check_15_6_a_running_operation_refuses_the_next_one_and_knows_itself_again() {
    over_each(|database| {
        let stores = tempfile::tempdir().unwrap();
        let (repository, east) = held(database, &stores);
        // A file where a folder should be: nothing can be copied there.
        let published = east.join("published");
        let _ = std::fs::remove_dir_all(&published);
        std::fs::create_dir_all(&east).unwrap();
        std::fs::write(&published, "in the way").unwrap();
        let id = repository.accept("1.0", &package("a"), INTERNAL);
        let path = format!("/{SUBSCRIPTION}/services/extensions");
        let body = definition("1.0", &repository.media("demo-1.0.zip"), INTERNAL);
        let client = repository.publisher();
        let refused = client.send("POST", &path, &HEADERS, body.as_bytes());
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(
            refused.text().contains("<Code>ConflictError</Code>"),
            "{}",
            refused.text()
        );
        let again = [HEADERS[0], ("x-hostler-retry", "1")];
        let known = client.send("POST", &path, &again, body.as_bytes());
        assert_eq!(
            (known.status, known.header("x-ms-request-id")),
            (202, Some(id.as_str()))
        );
        let other = client.send("POST", &path, &again, body.replace("A handler", "Another").as_bytes());
        assert_eq!(other.status, 409, "{}", other.text());
        // The extension next to it is free.
        let next = body.replace("<Type>Demo<", "<Type>Other<");
        assert_eq!(client.send("POST", &path, &HEADERS, next.as_bytes()).status, 202);
        // Nothing of it is visible before every region has it.
        let shown = repository.call("GET", "/services/publisherextensions", "").text();
        assert!(
            !shown.contains("<ReplicationCompleted>true</ReplicationCompleted>"),
            "{shown}"
        );
        std::fs::remove_file(&published).unwrap();
        assert!(repository.ended(&id).contains("<Status>Succeeded</Status>"));
    });
}
