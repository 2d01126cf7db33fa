//! Servers that die: what they accepted is ended by whoever comes next, and never half of it is seen.

use std::time::Duration;
use std::{fs, thread};

use crate::client::Client;
use crate::databases::{Database, over_each};
use crate::registration::package;
use crate::server::{Repository, SUBSCRIPTION, wait};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";

/// After how many milliseconds a server is killed. Where that finds it differs from run to run; what has to hold does not.
const AFTER: [u64; 6] = [0, 3, 10, 30, 80, 200];

/// 15.7: killed between 202 and the end, over either database: after a restart the operation ends.
#[test]
fn check_15_7_rep_20_what_was_accepted_comes_to_its_end_after_a_crash() {
    over_each(|database| {
        let mut repository = database.repository(&[]);
        for (number, after) in AFTER.into_iter().enumerate() {
            let version = format!("1.0.{number}");
            let id = repository.accept(&version, &package(&"x".repeat(100_000 + number)), INTERNAL);
            thread::sleep(Duration::from_millis(after));
            repository.kill();
            repository.run();
            // Half of it is never seen: a version that is listed as complete is offered.
            let listed = repository.call("GET", "/services/publisherextensions", "").text();
            if listed
                .matches("<ReplicationCompleted>true</ReplicationCompleted>")
                .count()
                > number
            {
                wait("the manifest", || {
                    let answer = repository.published("local", &crate::registration::manifest_name("local"));
                    answer
                        .text()
                        .contains(&format!("<Version>{version}</Version>"))
                        .then_some(())
                });
            }
            let ended = repository.ended(&id);
            assert!(ended.contains("<Status>Succeeded</Status>"), "{after} ms: {ended}");
            assert!(repository.offered("local").contains(&(version, false)));
        }
        // An unregistration is carried on with as well.
        let accepted = repository.call("DELETE", "/services/extensions/Contoso.Linux/Demo/1.0.0", "");
        repository.kill();
        repository.run();
        repository.ended(accepted.header("x-ms-request-id").unwrap());
        assert!(
            !repository
                .offered("local")
                .iter()
                .any(|(version, _)| version == "1.0.0")
        );
    });
}

/// Two servers over one PostgreSQL: one is killed in the middle of an operation, and the other one ends it.
#[test]
fn check_15_7_another_server_ends_what_one_began() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let stores = tempfile::tempdir().unwrap();
    let region = format!("West US={}", stores.path().join("west").display());
    let mut first = database.repository(&["--region", &region]);
    let mut second = database.second(&first, &["--region", &region]);
    // Nothing can be copied to the region as long as there is a file in the place of its folder.
    let published = stores.path().join("west/published");
    let _ = fs::remove_dir_all(&published);
    fs::write(&published, "in the way").unwrap();
    let id = first.accept("1.0.0", &package("a"), INTERNAL);
    let answer = |client: &Client| {
        let path = format!("/{SUBSCRIPTION}/operations/{id}");
        client.send("GET", &path, &[("x-ms-version", "2014-06-01")], b"").text()
    };
    // Both know of it.
    let client = second.client(first.certificate());
    assert!(answer(&client).contains("<Status>InProgress</Status>"));
    // One of the two is at it: it dies. Whichever it is, the other one goes on.
    wait("an attempt", || {
        let tried = |repository: &Repository| repository.log().contains("operation taken");
        (tried(&first) || tried(&second)).then_some(())
    });
    let survivor = match first.log().contains("operation taken") {
        true => {
            first.kill();
            &second
        }
        false => {
            second.kill();
            &first
        }
    };
    fs::remove_file(&published).unwrap();
    let client = survivor.client(first.certificate());
    let ended = wait("the end of the operation", || {
        let text = answer(&client);
        (!text.contains("<Status>InProgress</Status>")).then_some(text)
    });
    assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    assert_eq!(survivor.offered("westus"), [("1.0.0".to_owned(), false)]);
}

/// Two servers over one PostgreSQL share the work: of operations accepted by either, each is carried out once.
#[test]
fn two_servers_share_the_work() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let stores = tempfile::tempdir().unwrap();
    let region = format!("West US={}", stores.path().join("west").display());
    let arguments = ["--region", &region, "--version-quota", "1000"];
    let first = database.repository(&arguments);
    let second = database.second(&first, &arguments);
    let clients = [first.publisher(), second.client(first.certificate())];
    let headers = [("x-ms-version", "2014-06-01")];
    assert_eq!(first.upload("a.zip", &package("a")).status, 201);
    let accepted: Vec<String> = (0..20)
        .map(|number| {
            let body = crate::registration::definition("1.0", &first.media("a.zip"), INTERNAL);
            let body = body.replace("<Type>Demo<", &format!("<Type>Demo{number}<"));
            let path = format!("/{SUBSCRIPTION}/services/extensions");
            let answer = clients[number % 2].send("POST", &path, &headers, body.as_bytes());
            assert_eq!(answer.status, 202, "{}", answer.text());
            answer.header("x-ms-request-id").unwrap().to_owned()
        })
        .collect();
    for id in &accepted {
        assert!(first.ended(id).contains("<Status>Succeeded</Status>"));
        let ends = [&first, &second].map(|repository| {
            let said = format!("operation succeeded id=\"{id}\"");
            repository.log().matches(&said).count()
        });
        assert_eq!(ends.iter().sum::<usize>(), 1, "{id} {ends:?}");
    }
}
