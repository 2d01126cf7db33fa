//! Uploads that no version has are removed when they are old; what is needed stays.

use std::fs;

use hostler_package::PackageDigest;
use serde_json::Value;

use crate::databases::over_each;
use crate::registration::package;
use crate::server::{Repository, files, wait};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";

/// A server over a copy of `repository`, in a new database like `database`, in which all uploads named `old...`, those of
/// versions, and the operation `id` are of long ago.
fn aged(database: &crate::databases::Database, repository: &Repository, id: &str, arguments: &[&str]) -> Repository {
    let backup = repository.path(&format!("backup{}", arguments.len()));
    repository.command(&["backup", backup.to_str().unwrap()]);
    let records = backup.join("records.jsonl");
    let text = fs::read_to_string(&records).unwrap();
    let lines = text.lines().map(|line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        let name = row[1][0].as_str().unwrap_or_default().to_owned();
        match row[0].as_str() {
            Some("blobs") if !name.starts_with("new") => row[1][4] = 0.into(),
            // When it ended: what is so old is forgotten, after uploads were looked at.
            Some("operations") if name == id => row[1][16] = 1.into(),
            _ => return line.to_owned(),
        }
        row.to_string()
    });
    let aged: Vec<String> = lines.collect();
    fs::write(&records, aged.join("\n") + "\n").unwrap();
    let restored = database.another().restored_with(repository, &backup, arguments);
    wait("the end of its first round", || {
        let answer = restored.call("GET", &format!("/operations/{id}"), "");
        (answer.status == 404).then_some(())
    });
    restored
}

/// Which of these there is, by their names.
fn there(repository: &Repository, names: &[&str]) -> Vec<u16> {
    let publisher = repository.publisher();
    let statuses = names
        .iter()
        .map(|name| publisher.get(&format!("/blob/extensions/{name}")).status);
    statuses.collect()
}

/// Whether a package is kept.
fn is_kept(repository: &Repository, bytes: &[u8]) -> bool {
    let digest = PackageDigest::of(bytes).to_string();
    files(&repository.path("data/store/packages"))
        .iter()
        .any(|name| name.ends_with(&digest))
}

#[test]
fn what_no_version_has_goes_when_it_is_old_unless_it_is_to_stay() {
    let names = ["old.zip", "old-twin.zip", "new-twin.zip", "new.zip", "demo-1.0.zip"];
    over_each(|database| {
        let repository = database.repository(&[]);
        let id = repository.accept("1.0", &package("version"), INTERNAL);
        repository.ended(&id);
        let (old, twin, new) = (package("old"), package("twin"), package("new"));
        for (name, bytes) in names.iter().zip([&old, &twin, &twin, &new]) {
            assert_eq!(repository.upload(name, bytes).status, 201, "{name}");
        }
        let kept = [&old, &twin, &new, &package("version")];

        let swept = aged(database, &repository, &id, &[]);
        assert_eq!(there(&swept, &names), [404, 404, 200, 200, 200]);
        assert_eq!(kept.map(|bytes| is_kept(&swept, bytes)), [false, true, true, true]);
        // The name is free again, and so are the bytes.
        assert_eq!(swept.upload("old.zip", &new).status, 201);
        assert_eq!(swept.upload("older.zip", &old).status, 201);
        assert_eq!(swept.publisher().get("/blob/extensions/older.zip").body, old);
    });
    over_each(|database| {
        let repository = database.repository(&[]);
        let id = repository.accept("1.0", &package("version"), INTERNAL);
        repository.ended(&id);
        assert_eq!(repository.upload("old.zip", &package("old")).status, 201);
        let left = aged(database, &repository, &id, &["--unused-uploads", "0"]);
        assert_eq!(there(&left, &["old.zip"]), [200]);
        assert!(is_kept(&left, &package("old")));
    });
}

/// An operation that is under way may be about any upload of its publisher: nothing of it goes meanwhile.
#[test]
fn nothing_goes_while_an_operation_is_under_way() {
    use hostler_repository::records::{By, NewOperation, OperationKind, Records};
    use hostler_repository::surroundings::Surroundings;

    let folder = tempfile::tempdir().unwrap();
    let url = hostler_repository::records::Dialect::sqlite_url(&folder.path().join("records.sqlite"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let records = Records::open(&url, Surroundings::default()).await.unwrap();
        let by = |request: &str| By {
            subscription: "publisher".to_owned(),
            actor: "thumbprint".to_owned(),
            caller_ip: String::new(),
            request_id: request.to_owned(),
        };
        let blob = hostler_repository::records::Blob {
            name: "a.zip".to_owned(),
            sha256: "ab".repeat(32),
            size: 1,
            subscription: "publisher".to_owned(),
            created_ms: 0,
        };
        records.put_blob(&blob, &by("put")).await.unwrap();
        let new = NewOperation {
            by: by("register"),
            kind: OperationKind::Register,
            namespace: "Contoso".to_owned(),
            extension_type: "Demo".to_owned(),
            version: "1.0".to_owned(),
            request_sha256: String::new(),
        };
        records
            .submit(&new, |_| Ok::<_, ()>((OperationKind::Register, "payload".to_owned())))
            .await
            .unwrap();
        assert_eq!(records.forget_unused_blobs(i64::MAX, 10).await.unwrap(), 0);
        let (lease, operation) = records.take_operation("server").await.unwrap().unwrap();
        records.end_operation(&lease, &operation, &Ok(())).await.unwrap();
        assert_eq!(records.forget_unused_blobs(i64::MAX, 10).await.unwrap(), 1);
        assert_eq!(records.leftovers().await.unwrap(), [blob.sha256]);
    });
}
