//! A repository with many versions on record, made as one is restored from a backup.

use std::fmt::Write as _;
use std::fs;

use serde_json::json;

use crate::databases::Database;
use crate::registration::definition;
use crate::server::{Repository, SUBSCRIPTION};

/// A repository in a new database like `database`, with `count` versions, ten of each extension, whose definitions end with
/// `rest`.
pub(crate) fn repository(database: &Database, count: usize, rest: &str) -> Repository {
    // What a subscription with its certificate looks like is seen from one.
    let empty = Database::sqlite().repository(&[]);
    let backup = empty.path("backup");
    empty.command(&["backup", backup.to_str().unwrap()]);
    let records = backup.join("records.jsonl");
    let text = fs::read_to_string(&records).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (last, rows) = lines.split_last().unwrap();
    let before: serde_json::Value = serde_json::from_str(last).unwrap();
    let mut filled = rows.join("\n") + "\n";
    for number in 0..count {
        let (extension, version) = (number / 10, number % 10);
        let name = format!("Demo{extension}");
        let text = definition(&format!("1.{version}.0"), "https://media.example/x.zip", rest);
        let text = text.replace("<Type>Demo<", &format!("<Type>{name}<"));
        let key = format!("0000000001.{version:010}.0000000000.0000000000");
        let row = json!([
            "versions",
            [
                format!("{number:032x}"),
                "Contoso.Linux",
                name,
                format!("1.{version}.0"),
                key,
                SUBSCRIPTION,
                text,
                format!("{number:064x}"),
                1000,
                "public",
                null,
                "Available",
                0,
                0,
                null
            ]
        ]);
        writeln!(filled, "{row}").unwrap();
    }
    // Nothing is to be copied: there are no packages.
    for number in 0..count {
        let row = json!([
            "region_states",
            [format!("{number:032x}"), "Local", "Completed", 1, 0, null, 0]
        ]);
        writeln!(filled, "{row}").unwrap();
    }
    let rows = before["rows"].as_u64().unwrap() + 2 * u64::try_from(count).unwrap();
    writeln!(filled, "{}", json!({ "rows": rows })).unwrap();
    fs::write(&records, filled).unwrap();
    database.another().restored(&empty, &backup)
}
