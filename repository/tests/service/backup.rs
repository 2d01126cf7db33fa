//! A backup is a repository again: the same records, the same packages, over the same database or another.

use std::fs;

use crate::databases::{Database, over_each};
use crate::registration::{EXTENSION, package};
use crate::server::Repository;

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";

/// All that a publisher and a host can see.
fn everything(repository: &Repository) -> Vec<String> {
    let operations = "/operations?StartTime=2000-01-01&EndTime=2999-01-01";
    let mut all: Vec<String> = [
        "/services/publisherextensions",
        "/services/resourceextensions",
        operations,
        "",
    ]
    .iter()
    .map(|path| repository.call("GET", path, "").text())
    .collect();
    all.push(format!("{:?}", repository.offered("local")));
    all.push(format!("{:?}", repository.publisher().get("/blob/extensions").text()));
    let name = format!("{}__{}__1.1.0", EXTENSION.0, EXTENSION.1);
    all.push(format!("{:?}", repository.published("local", &name).body));
    all
}

#[test]
fn a_backup_that_was_taken_from_a_running_server_goes_on_elsewhere() {
    over_each(|from| {
        let repository = from.repository(&[]);
        repository.register("1.0.0", &package("a"), INTERNAL);
        repository.register(
            "1.1.0",
            &package("b"),
            "<IsInternalExtension>false</IsInternalExtension>",
        );
        repository.upload("later.zip", &package("c"));
        let backup = repository.path("backup");
        let said = repository.command(&["backup", backup.to_str().unwrap()]);
        assert!(said.contains("rows and"), "{said}");
        let before = everything(&repository);
        over_each(|to| {
            let restored = to.restored(&repository, &backup);
            assert_eq!(everything(&restored), before, "from {} to {}", from.name, to.name);
            // And it goes on from there.
            restored.register("1.2.0", &package("d"), INTERNAL);
        });
    });
}

#[test]
fn a_backup_is_restored_whole_or_not_at_all() {
    let repository = Database::sqlite().repository(&[]);
    repository.register("1.0.0", &package("a"), INTERNAL);
    let backup = repository.path("backup");
    repository.command(&["backup", backup.to_str().unwrap()]);
    let again = repository.try_command(&["backup", backup.to_str().unwrap()], "data");
    assert!(
        again.contains("the backup in") && again.contains("name a folder that is not there yet"),
        "{again}"
    );
    // Into a folder that has something in it.
    let there = repository.try_command(&["restore", backup.to_str().unwrap()], "data");
    assert!(there.contains("there is something in"), "{there}");
    // Cut off, and not a backup at all.
    let records = backup.join("records.jsonl");
    let text = fs::read_to_string(&records).unwrap();
    let whole: Vec<&str> = text.lines().collect();
    for (number, (records_text, says)) in [
        (whole[..whole.len() - 1].join("\n"), "the file ends too early"),
        (whole[..whole.len() - 2].join("\n"), "the file ends too early"),
        (text.replacen("records 1", "records 9", 1), "a later version"),
        ("{}".to_owned(), "no backup of records"),
        ("text".to_owned(), "line 1"),
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(&records, records_text).unwrap();
        let data = format!("cut-{number}");
        let said = repository.try_command(&["restore", backup.to_str().unwrap()], &data);
        assert!(said.contains(says), "{said}");
        let listed = repository.command_in(&["subscription", "list"], &data);
        assert_eq!(listed, "", "{says}");
    }
}
