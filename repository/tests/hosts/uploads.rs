//! Uploads: all of it or nothing, for who may, and never something else under the same name.

use std::io::Write as _;
use std::thread;

use hostler_package::PackageDigest;

use crate::client::answer;
use crate::registration::package;
use crate::server::{Repository, certificate, files, wait};

const PATH: &str = "/blob/extensions/demo.zip";
const LIST: &str = "/blob/extensions?restype=container&comp=list";

/// What is kept of packages in a repository with one region.
fn kept(repository: &Repository) -> usize {
    files(&repository.path("data/store/packages")).len()
}

#[test]
fn rep_01_an_upload_needs_the_certificate_of_a_publisher() {
    let repository = Repository::start(&[]);
    let reader = certificate();
    repository.add_subscription("reader", &reader.0, false);
    for (client, status, code) in [
        (repository.anyone(), 403, "AuthenticationFailed"),
        (repository.client(&certificate()), 403, "AuthenticationFailed"),
        (repository.client(&reader), 403, "ForbiddenError"),
    ] {
        // Not a byte of the body is sent: the answer must not wait for it.
        let mut connection = client.connect();
        let head = client.head("PUT", PATH, &[], Some(1000));
        connection.write_all(head.as_bytes()).unwrap();
        let refused = answer(&mut connection).unwrap();
        assert_eq!(refused.status, status, "{}", refused.text());
        assert!(refused.text().contains(code), "{}", refused.text());
    }
    assert_eq!(repository.anyone().get(LIST).status, 403);
    assert_eq!(kept(&repository), 0);
}

#[test]
fn rep_03_rep_04_a_name_has_the_same_bytes_for_ever() {
    let repository = Repository::start(&[]);
    let (first, other) = (package("one"), package("two"));
    let put = |bytes: &[u8]| repository.upload("demo.zip", bytes);
    let created = put(&first);
    assert_eq!(created.status, 201, "{}", created.text());
    let tag = format!("\"{}\"", PackageDigest::of(&first));
    assert_eq!(created.header("ETag"), Some(tag.as_str()));
    let again = put(&first);
    assert_eq!((again.status, again.header("ETag")), (201, Some(tag.as_str())));
    let refused = put(&other);
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(repository.publisher().get(PATH).body, first);
    // Another publisher neither sees nor replaces it.
    let stranger = certificate();
    repository.add_subscription("stranger", &stranger.0, true);
    let stranger = repository.client(&stranger);
    assert_eq!(stranger.get(PATH).status, 404);
    assert_eq!(stranger.send("PUT", PATH, &[], &first).status, 409);
    assert!(!stranger.get(LIST).text().contains("demo.zip"));
}

#[test]
fn rep_05_what_is_not_what_was_announced_is_refused() {
    let repository = Repository::start(&[]);
    let bytes = package("one");
    let put = |digest: &str| {
        let headers = [("x-hostler-sha256", digest)];
        repository.publisher().send("PUT", PATH, &headers, &bytes)
    };
    let refused = put(&PackageDigest::of(b"something else").to_string());
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("was announced"), "{}", refused.text());
    assert_eq!(put("abc").status, 400);
    assert_eq!(kept(&repository), 0);
    assert_eq!(put(&PackageDigest::of(&bytes).to_string()).status, 201);
}

#[test]
fn rep_06_an_upload_that_breaks_off_leaves_nothing() {
    let repository = Repository::start(&[]);
    let bytes = package(&"x".repeat(100_000));
    for sixteenth in 0..16 {
        let client = repository.publisher();
        let mut connection = client.connect();
        let head = client.head("PUT", PATH, &[], Some(bytes.len()));
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(&bytes[..bytes.len() * sixteenth / 16]).unwrap();
        connection.flush().unwrap();
        drop(connection);
    }
    // The server has answered what came before when it answers this.
    assert_eq!(repository.publisher().get(PATH).status, 404);
    assert!(!repository.publisher().get(LIST).text().contains("demo.zip"));
    assert_eq!(files(&repository.path("data/incoming")), [""; 0]);
    assert_eq!(kept(&repository), 0);
    assert_eq!(repository.upload("demo.zip", &bytes).status, 201);
}

#[test]
fn rep_07_rep_09_lengths_that_lie_and_bodies_without_end() {
    let repository = Repository::start(&[]);
    let client = repository.publisher();
    // One that says itself that it is too large is refused before any of it is sent.
    let mut connection = client.connect();
    let head = client.head("PUT", PATH, &[], Some(1 << 30));
    connection.write_all(head.as_bytes()).unwrap();
    let refused = answer(&mut connection).unwrap();
    assert_eq!(refused.status, 413, "{}", refused.text());
    // One that says nothing is refused once it is too large.
    let mut connection = client.connect();
    let head = client.head("PUT", PATH, &[("Transfer-Encoding", "chunked")], None);
    connection.write_all(head.as_bytes()).unwrap();
    let piece = vec![0; 1 << 20];
    let mut sent = 0;
    while sent < 80 {
        let chunk = connection
            .write_all(b"100000\r\n")
            .and_then(|()| connection.write_all(&piece))
            .and_then(|()| connection.write_all(b"\r\n"));
        if chunk.is_err() {
            break;
        }
        sent += 1;
    }
    if let Ok(refused) = answer(&mut connection) {
        assert_eq!(refused.status, 413, "{}", refused.text());
    }
    assert_eq!(kept(&repository), 0);
    assert_eq!(files(&repository.path("data/incoming")), [""; 0]);
    // A length of no meaning.
    let odd = client.send("PUT", PATH, &[("Content-Length", "7")], b"1234567890");
    assert_eq!(odd.status, 400, "{}", odd.text());
}

#[test]
fn rep_13_rep_19_names_lead_nowhere_else() {
    let repository = Repository::start(&[]);
    let client = repository.publisher();
    let long = "x".repeat(300);
    for name in [
        "../x",
        "%2e%2e%2fx",
        "a%00b",
        "a%2fb",
        "..",
        ".hidden",
        "caf%c3%a9",
        "%ff",
        "",
        &long,
    ] {
        let path = format!("/blob/extensions/{name}");
        let refused = client.send("PUT", &path, &[], b"x");
        assert!(
            (400..500).contains(&refused.status),
            "{name}: {} {}",
            refused.status,
            refused.text()
        );
    }
    for path in [
        "/published/local/../../records.sqlite",
        "/published/local/..%2f..%2frecords.sqlite",
        "/published/local/%2e%2e/x",
        "/published/../data/records.sqlite",
        "/published//etc/passwd",
        "/published/local//etc/passwd",
        "/published/nowhere/hostler-index.json",
        "/published/local/",
        "/published/local",
    ] {
        let refused = repository.anyone().get(path);
        assert!(
            matches!(refused.status, 400 | 403 | 404),
            "{path}: {} {}",
            refused.status,
            refused.text()
        );
    }
    assert_eq!(kept(&repository), 0);
}

#[test]
fn rep_14_of_fifty_uploads_of_one_name_one_wins() {
    let repository = Repository::start(&[]);
    let client = repository.publisher();
    let statuses: Vec<(usize, u16)> = thread::scope(|scope| {
        let uploads: Vec<_> = (0..50)
            .map(|number| {
                let client = client.clone();
                scope.spawn(move || {
                    let bytes = package(&number.to_string());
                    // One that is told to come again does.
                    let status = wait("an answer that is final", || {
                        let status = client.send("PUT", PATH, &[], &bytes).status;
                        (status != 503).then_some(status)
                    });
                    (number, status)
                })
            })
            .collect();
        uploads.into_iter().map(|upload| upload.join().unwrap()).collect()
    });
    let won: Vec<usize> = statuses
        .iter()
        .filter(|(_, status)| *status == 201)
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(won.len(), 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|(_, status)| matches!(status, 201 | 409)),
        "{statuses:?}"
    );
    assert_eq!(client.get(PATH).body, package(&won[0].to_string()));
}

#[test]
fn a_list_says_which_versions_an_upload_became() {
    let repository = Repository::start(&[]);
    repository.upload("b.zip", &package("b"));
    repository.register(
        "1.0.0",
        &package("a"),
        "<IsInternalExtension>true</IsInternalExtension>",
    );
    let list = repository.publisher().get(LIST).text();
    assert!(
        list.contains("<Name>b.zip</Name>") && list.contains("<Name>demo-1.0.0.zip</Name>"),
        "{list}"
    );
    assert_eq!(
        list.matches("<versions>Contoso.Linux.Demo 1.0.0</versions>").count(),
        1,
        "{list}"
    );
    let page = repository.publisher().get(&format!("{LIST}&maxresults=1")).text();
    assert!(
        page.contains("<NextMarker>b.zip</NextMarker>") && !page.contains("demo-1"),
        "{page}"
    );
    let next = repository
        .publisher()
        .get(&format!("{LIST}&maxresults=1&marker=b.zip"))
        .text();
    assert!(
        next.contains("demo-1.0.0.zip") && next.contains("<NextMarker></NextMarker>"),
        "{next}"
    );
}
