//! The calls, one by one: what they answer, and that it is what clients of the old service read.

use hostler_contract::Source;
use hostler_contract::registration::{
    ExtensionImages, Operation, OperationHistory, OperationOutcome, ReplicationStatusList, RequestId,
    ResourceExtensions, ServiceError, Subscription,
};

use crate::client::Answer;
use crate::databases::over_each;
use crate::registration::{definition, package};
use crate::server::{Repository, SUBSCRIPTION};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";
const PUBLIC: &str = "<IsInternalExtension>false</IsInternalExtension>";

#[track_caller]
fn read<T, E: std::fmt::Display>(answer: &Answer, parse: impl Fn(Source<'_>) -> Result<T, E>) -> T {
    assert_eq!(answer.status, 200, "{}", answer.text());
    parse(Source::new("answer", &answer.body)).unwrap_or_else(|refused| panic!("{refused}: {}", answer.text()))
}

/// Versions and flags of the publisher's list.
fn listed(repository: &Repository) -> Vec<(String, bool, bool)> {
    let answer = repository.call("GET", "/services/publisherextensions", "");
    let list = read(&answer, ExtensionImages::parse);
    assert_eq!(list.warnings, []);
    let rows = list.value.images.into_iter().map(|row| {
        assert_eq!(row.package_sha256.as_deref().map(str::len), Some(64));
        let image = row.image;
        let internal = image.is_internal_extension == Some(true);
        (
            image.version.to_string(),
            internal,
            image.replication_completed == Some(true),
        )
    });
    rows.collect()
}

/// 15.3: answers have the shape of those that were recorded, headers in their order.
#[test]
fn check_15_3_answers_are_shaped_as_recorded() {
    let repository = Repository::start(&[]);
    let error = repository.call("GET", "/operations/00000000000000000000000000000000", "");
    assert_eq!(error.status, 404);
    assert!(
        error
            .text()
            .starts_with("<Error xmlns=\"http://schemas.microsoft.com/windowsazure\""),
        "{}",
        error.text()
    );
    let parsed = ServiceError::parse(Source::new("error", &error.body)).unwrap();
    assert_eq!(parsed.code, "ResourceNotFound");
    let id = repository.accept("1.0", &package("a"), INTERNAL);
    assert!(
        id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        "{id}"
    );
    repository.ended(&id);
    // Both forms of the number, in any case; the poll has one of its own.
    let dashed = RequestId::parse(&id).unwrap().dashed();
    for form in [id.clone(), dashed.clone(), dashed.to_uppercase()] {
        let answer = repository.call("GET", &format!("/operations/{form}"), "");
        let operation = read(&answer, Operation::parse);
        assert_eq!(operation.id.dashed(), dashed);
        assert_eq!(operation.outcome, OperationOutcome::Succeeded { http_status: 200 });
        assert_ne!(answer.header("x-ms-request-id"), Some(id.as_str()));
    }
    for answer in [&error, &repository.call("GET", "", "")] {
        let names: Vec<&str> = answer
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split(':').next())
            .collect();
        // Last but for what the client itself asked for.
        let names: Vec<&str> = names.into_iter().filter(|name| *name != "connection").collect();
        assert_eq!(names.last(), Some(&"x-ms-request-id"), "{}", answer.head);
        assert_eq!(answer.header("Content-Type"), Some("application/xml; charset=utf-8"));
        assert_eq!(answer.header("Content-Length").unwrap(), answer.body.len().to_string());
        assert_eq!(answer.header("x-ms-servedbyregion"), Some("local"));
        assert!(answer.header("Date").is_some_and(|date| date.ends_with(" GMT")));
        assert!(!answer.text().contains('\n'));
    }
    let shown = read(&repository.call("GET", "", ""), Subscription::parse);
    assert_eq!((shown.id.as_str(), shown.status.as_str()), (SUBSCRIPTION, "Active"));
}

/// 6.1 to 6.7: from registering to unregistering, over both databases.
#[test]
fn versions_are_registered_updated_listed_and_removed() {
    over_each(|database| {
        let stores = tempfile::tempdir().unwrap();
        let west = format!("West US={}", stores.path().join("west").display());
        let north = format!("North Europe={}", stores.path().join("north").display());
        let repository = database.repository(&["--region", &west, "--region", &north]);
        let conflict = |answer: Answer| assert_eq!(answer.status, 409, "{}", answer.text());
        // An update of what is not there, and a first version.
        let body = definition("1.0", "https://media.example/x.zip", INTERNAL);
        let missing = repository.call("PUT", "/services/extensions?action=update", &body);
        assert_eq!(missing.status, 404, "{}", missing.text());
        repository.register("1.0.0", &package("a"), INTERNAL);
        // The same identity again, by POST.
        conflict(repository.call("POST", "/services/extensions", &body));
        repository.register("1.10.0", &package("b"), PUBLIC);
        repository.register("1.9.0", &package("c"), PUBLIC);
        let done = |version: &str, internal| (version.to_owned(), internal, true);
        assert_eq!(
            listed(&repository),
            [done("1.0.0", true), done("1.9.0", false), done("1.10.0", false)]
        );
        // Another package for a version that is there.
        let other = definition("1.0.0", "https://media.example/other.zip", INTERNAL);
        conflict(repository.call("PUT", "/services/extensions?action=update", &other));
        // What consumers see: public ones, and of each extension the newest.
        let answer = repository.call("GET", "/services/resourceextensions/Contoso.Linux/Demo", "");
        let rows = read(&answer, ResourceExtensions::parse).extensions;
        let versions: Vec<&str> = rows.iter().map(|row| row.version.as_str()).collect();
        assert_eq!(versions, ["1.9.0", "1.10.0"]);
        let all = read(
            &repository.call("GET", "/services/resourceextensions", ""),
            ResourceExtensions::parse,
        );
        let rows: Vec<_> = all
            .extensions
            .iter()
            .map(|row| (row.name.as_str(), row.version.as_str()))
            .collect();
        assert_eq!(rows, [("Demo", "1.10")]);
        let unknown = repository.call("GET", "/services/resourceextensions/Contoso.Linux/Unknown", "");
        assert_eq!(unknown.status, 404);
        // Replication, region by region.
        let path = "/services/extensions/Contoso.Linux/Demo/1.9.0.0/replicationstatus";
        let list = read(&repository.call("GET", path, ""), ReplicationStatusList::parse);
        let regions: Vec<&str> = list.regions.iter().map(|region| region.location.as_str()).collect();
        assert_eq!(regions, ["North Europe", "West US"]);
        assert!(list.is_completed());
        // A metadata change keeps what it does not say, and only an internal version goes.
        let path = "/services/extensions/Contoso.Linux/Demo/1.9.0";
        let refused = repository.call("DELETE", path, "");
        assert_eq!(refused.status, 400, "{}", refused.text());
        let sparse = "<ExtensionImage xmlns=\"http://schemas.microsoft.com/windowsazure\"><ProviderNameSpace>Contoso.Linux\
                      </ProviderNameSpace><Type>Demo</Type><Version>1.9.0</Version><IsInternalExtension>true\
                      </IsInternalExtension><IsJsonExtension>true</IsJsonExtension></ExtensionImage>";
        let accepted = repository.call("PUT", "/services/extensions?action=update", sparse);
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        assert_eq!(accepted.header("Content-Length"), Some("0"));
        repository.ended(accepted.header("x-ms-request-id").unwrap());
        let text = repository.call("GET", "/services/publisherextensions", "").text();
        assert_eq!(
            text.matches("<Description>A handler for tests</Description>").count(),
            3,
            "{text}"
        );
        assert_eq!(repository.offered("westus"), repository.offered("northeurope"));
        assert!(repository.offered("westus").contains(&("1.9.0".to_owned(), false)));
        let accepted = repository.call("DELETE", path, "");
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        let ended = repository.ended(accepted.header("x-ms-request-id").unwrap());
        assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
        assert_eq!(listed(&repository), [done("1.0.0", true), done("1.10.0", false)]);
        assert_eq!(repository.call("DELETE", path, "").status, 404);
        assert!(
            !repository
                .offered("northeurope")
                .iter()
                .any(|(version, _)| version == "1.9.0")
        );
    });
}

/// 15.10: a version is the same with three numbers and with four.
#[test]
fn check_15_10_a_version_goes_by_its_numbers() {
    over_each(|database| {
        let repository = database.repository(&[]);
        repository.register("1.2.3", &package("a"), INTERNAL);
        let body = definition("1.2.3.0", "https://media.example/other.zip", INTERNAL);
        assert_eq!(
            repository
                .call("PUT", "/services/extensions?action=update", &body)
                .status,
            409
        );
        for (registered, named) in [("1.2.3", "1.2.3.0"), ("2.0.0.0", "2"), ("3", "3.0.0.0")] {
            if registered != "1.2.3" {
                repository.register(registered, &package(registered), INTERNAL);
            }
            let path = format!("/services/extensions/Contoso.Linux/Demo/{named}");
            let status = repository.call("GET", &format!("{path}/replicationstatus"), "");
            assert_eq!(status.status, 200, "{}", status.text());
            let accepted = repository.call("DELETE", &path, "");
            assert_eq!(accepted.status, 202, "{named}: {}", accepted.text());
            repository.ended(accepted.header("x-ms-request-id").unwrap());
            assert_eq!(listed(&repository), []);
        }
    });
}

/// A package that is bad fails its operation, and leaves nothing: the same version can be tried again.
#[test]
fn a_failed_registration_leaves_nothing() {
    over_each(|database| {
        let repository = database.repository(&[]);
        let id = repository.accept("1.0", b"this is no zip", INTERNAL);
        let ended = repository.ended(&id);
        assert!(
            ended.contains("<Status>Failed</Status><HttpStatusCode>400</HttpStatusCode><Error><Code>BadRequest<"),
            "{ended}"
        );
        assert_eq!(listed(&repository), []);
        let other = "demo-again.zip";
        assert_eq!(repository.upload(other, &package("a")).status, 201);
        let body = definition("1.0", &repository.media(other), INTERNAL);
        let accepted = repository.call("POST", "/services/extensions", &body);
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        let ended = repository.ended(accepted.header("x-ms-request-id").unwrap());
        assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
        // A MediaLink that leads nowhere.
        let body = definition("1.1", &repository.media("unknown.zip"), INTERNAL);
        let accepted = repository.call("PUT", "/services/extensions?action=update", &body);
        let ended = repository.ended(accepted.header("x-ms-request-id").unwrap());
        assert!(
            ended.contains("<Status>Failed</Status>") && ended.contains("no upload named"),
            "{ended}"
        );
    });
}

/// 6.9: a trail of operations, page by page, with who asked.
#[test]
fn operations_are_listed_page_by_page() {
    over_each(|database| {
        let repository = database.repository(&["--version-quota", "1000"]);
        let mut ids = vec![repository.accept("1.0", &package("a"), INTERNAL)];
        repository.ended(&ids[0]);
        // Changes that change nothing are quick.
        for _ in 0..104 {
            let accepted = repository.call("PUT", "/services/extensions?action=update", &definition("1.0", "", ""));
            assert_eq!(accepted.status, 202, "{}", accepted.text());
            ids.push(accepted.header("x-ms-request-id").unwrap().to_owned());
            repository.ended(ids.last().unwrap());
        }
        let path = "/operations?StartTime=2000-01-01T00:00:00Z&EndTime=2999-01-01T00:00:00Z";
        let first = read(&repository.call("GET", path, ""), OperationHistory::parse);
        assert_eq!(first.operations.len(), 100);
        let token = first.continuation_token.unwrap();
        let next = format!("{path}&ContinuationToken={token}");
        let second = read(&repository.call("GET", &next, ""), OperationHistory::parse);
        assert_eq!(second.continuation_token, None);
        let found: Vec<String> = first
            .operations
            .iter()
            .chain(&second.operations)
            .map(|row| row.operation.id.to_string())
            .collect();
        let (mut found, mut expected) = (found, ids.clone());
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        let row = &first.operations[0];
        assert_eq!(row.name, "RegisterExtension");
        assert_eq!(row.caller.client_ip, "127.0.0.1");
        assert_eq!(row.caller.certificate_thumbprint.len(), 40);
        assert!(row.completed.is_some());
        let none = read(
            &repository.call("GET", "/operations?StartTime=2000-01-01&EndTime=2000-01-02", ""),
            OperationHistory::parse,
        );
        assert_eq!(none.operations.len(), 0);
        let odd = repository.call("GET", &format!("{path}&ContinuationToken=odd"), "");
        assert_eq!(odd.status, 400);
    });
}

/// Which version a machine is given, by the rules of the documented era.
#[test]
fn a_version_is_resolved_on_the_server() {
    over_each(|database| {
        let repository = database.repository(&[]);
        for (version, rest) in [
            ("1.0.0", PUBLIC),
            ("1.0.1", PUBLIC),
            ("1.1.0", PUBLIC),
            ("1.2.0", INTERNAL),
            ("2.0.0", PUBLIC),
        ] {
            repository.register(version, &package(version), rest);
        }
        for (query, version) in [
            ("requested=1.0", Some("1.0.1")),
            ("requested=1.0&autoUpgrade=true", Some("1.1.0")),
            ("requested=1.2", Some("1.2.0")),
            ("requested=2.0&installed=1.0.1", Some("2.0.0")),
            ("requested=1.0&installed=1.1.0", Some("1.1.0")),
            ("requested=3.0", None),
        ] {
            let answer = repository.call("GET", &format!("/services/resolve/Contoso.Linux/Demo?{query}"), "");
            let text = answer.text();
            match version {
                Some(version) => assert!(
                    text.contains(&format!("<Version>{version}</Version>")),
                    "{query}: {text}"
                ),
                None => assert_eq!(answer.status, 404, "{query}: {text}"),
            }
        }
        for query in ["", "requested=x", "requested=1&autoUpgrade=maybe"] {
            let answer = repository.call("GET", &format!("/services/resolve/Contoso.Linux/Demo?{query}"), "");
            assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        }
    });
}

/// A quota is named with its limit and count; an operator raises it.
#[test]
fn a_quota_is_kept_and_raised() {
    over_each(|database| {
        let repository = database.repository(&["--version-quota", "1"]);
        repository.register("1.0", &package("a"), INTERNAL);
        let body = definition("1.1", &repository.media("demo-1.0.zip"), INTERNAL);
        let refused = repository.call("PUT", "/services/extensions?action=update", &body);
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(
            refused.text().contains("has 1 versions") && refused.text().contains("quota is 1"),
            "{}",
            refused.text()
        );
        repository.command(&["subscription", "approve", SUBSCRIPTION, "--versions", "2"]);
        let accepted = repository.call("PUT", "/services/extensions?action=update", &body);
        assert_eq!(accepted.status, 202, "{}", accepted.text());
    });
}
