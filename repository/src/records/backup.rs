//! All records as lines of JSON, and back: the same file for every database, so that a small repository can grow from
//! a file into a server.
//!
//! The first line names the form; each one after it is a row: `["table", [values]]`, bytes in hexadecimal. The last one
//! counts them, so that a file that was cut off is not taken for a whole one.

use std::io::{self, BufRead, Write};

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::{Records, RecordsError};

/// The form of the file.
const FORM: &str = "hostler-repository records 1";

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Text,
    Number,
    Bytes,
}
use Holds::{Bytes, Number, Text};

/// A table, and its columns.
type Table = (&'static str, &'static [(&'static str, Holds)]);

/// All tables whose rows outlive a server, those that others refer to first.
const TABLES: [Table; 9] = [
    (
        "subscriptions",
        &[
            ("id", Text),
            ("name", Text),
            ("status", Text),
            ("approved", Number),
            ("version_quota", Number),
            ("created_ms", Number),
        ],
    ),
    (
        "certificates",
        &[
            ("subscription", Text),
            ("sha256", Text),
            ("sha1", Text),
            ("der", Bytes),
            ("created_ms", Number),
        ],
    ),
    (
        "namespaces",
        &[("name", Text), ("subscription", Text), ("created_ms", Number)],
    ),
    (
        "versions",
        &[
            ("id", Text),
            ("namespace", Text),
            ("type", Text),
            ("version", Text),
            ("version_key", Text),
            ("subscription", Text),
            ("definition", Text),
            ("package_sha256", Text),
            ("package_size", Number),
            ("visibility", Text),
            ("regions", Text),
            ("state", Text),
            ("published_ms", Number),
            ("changed_ms", Number),
            ("asks", Text),
        ],
    ),
    (
        "region_states",
        &[
            ("version", Text),
            ("region", Text),
            ("status", Text),
            ("attempts", Number),
            ("not_before_ms", Number),
            ("error", Text),
            ("changed_ms", Number),
        ],
    ),
    (
        "operations",
        &[
            ("id", Text),
            ("subscription", Text),
            ("kind", Text),
            ("namespace", Text),
            ("type", Text),
            ("version", Text),
            ("payload", Text),
            ("request_sha256", Text),
            ("caller_ip", Text),
            ("thumbprint", Text),
            ("step", Text),
            ("status", Text),
            ("http_status", Number),
            ("error_code", Text),
            ("error_message", Text),
            ("created_ms", Number),
            ("ended_ms", Number),
            ("attempts", Number),
            ("not_before_ms", Number),
            // Not who had it: whoever restores is another server.
            ("lease_until_ms", Number),
        ],
    ),
    (
        "blobs",
        &[
            ("name", Text),
            ("sha256", Text),
            ("size", Number),
            ("subscription", Text),
            ("created_ms", Number),
        ],
    ),
    (
        "audit",
        &[
            ("number", Number),
            ("at_ms", Number),
            ("subscription", Text),
            ("actor", Text),
            ("caller_ip", Text),
            ("request_id", Text),
            ("action", Text),
            ("subject", Text),
            ("outcome", Text),
        ],
    ),
    ("counters", &[("name", Text), ("value", Number)]),
];

/// Why records were not written to a file or read from one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The file.
    #[error("the file could not be read or written")]
    Io(#[from] io::Error),
    /// The file is none that was written here, or not a whole one.
    #[error("line {line}: {what}")]
    Form {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// There is something in the database already.
    #[error("the database is not empty: it has {subscriptions} subscriptions and {versions} versions")]
    NotEmpty {
        /// Subscriptions in it.
        subscriptions: i64,
        /// Versions in it.
        versions: i64,
    },
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Records(error.into())
    }
}

/// What was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Rows.
    pub rows: u64,
}

impl Records {
    /// Writes all records, as they are at one moment, beside a server that goes on working; how many rows.
    ///
    /// # Errors
    /// When the database or the file fails.
    pub async fn back_up(&self, out: &mut (dyn Write + Send)) -> Result<u64, BackupError> {
        let mut snapshot = self.snapshot().await?;
        writeln!(out, "{}", json!({ "form": FORM }))?;
        let mut count = 0u64;
        for (table, columns) in TABLES {
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            let query = format!("SELECT {} FROM {table} ORDER BY {}", names.join(", "), names[0]);
            let mut rows = sqlx::query(AssertSqlSafe(query)).fetch(&mut *snapshot);
            while let Some(row) = rows.try_next().await? {
                let values: Vec<Value> = columns
                    .iter()
                    .map(|column| value(&row, *column))
                    .collect::<Result<_, _>>()?;
                writeln!(out, "{}", json!([table, values]))?;
                count += 1;
            }
        }
        writeln!(out, "{}", json!({ "rows": count }))?;
        out.flush()?;
        Ok(count)
    }

    /// Reads what [`Self::back_up`] wrote into an empty database: all of it or nothing.
    ///
    /// # Errors
    /// A database with something in it, a file of another form or one that was cut off; when either fails.
    pub async fn restore(&self, input: &mut (dyn BufRead + Send)) -> Result<Restored, BackupError> {
        let mut change = self.change().await?;
        let subscriptions: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM subscriptions")
            .fetch_one(change.connection())
            .await?;
        let versions: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM versions")
            .fetch_one(change.connection())
            .await?;
        if subscriptions > 0 || versions > 0 {
            return Err(BackupError::NotEmpty {
                subscriptions,
                versions,
            });
        }
        // What a server wrote of itself before anybody used it.
        for (table, _) in TABLES.iter().rev() {
            sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}")))
                .execute(change.connection())
                .await?;
        }
        let (mut line, mut rows, mut whole) = (0u64, 0u64, false);
        let mut text = String::new();
        while input.read_line(&mut text)? > 0 {
            line += 1;
            let wrong = |what: &str| BackupError::Form {
                line,
                what: what.to_owned(),
            };
            let value: Value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
            text.clear();
            if line == 1 {
                if value["form"] != FORM {
                    return Err(wrong("this is no backup of records, or one of a later version"));
                }
            } else if let Some(counted) = value["rows"].as_u64() {
                whole = counted == rows;
            } else {
                let (statement, values) = insert(&value).ok_or_else(|| wrong("this is no row of a table"))?;
                let mut query = sqlx::query(AssertSqlSafe(statement));
                for (held, value) in values {
                    query = match held {
                        Text => query.bind(value.as_str().map(str::to_owned)),
                        Number => query.bind(value.as_i64()),
                        Bytes => query.bind(value.as_str().and_then(|text| hex::decode(text).ok())),
                    };
                }
                query.execute(change.connection()).await?;
                rows += 1;
            }
        }
        if !whole {
            let what = "the file ends too early: its last line does not count its rows".to_owned();
            return Err(BackupError::Form { line, what });
        }
        if let Some(statement) = self.dialect.after_restore() {
            sqlx::query(statement).execute(change.connection()).await?;
        }
        change.commit().await?;
        Ok(Restored { rows })
    }
}

fn value(row: &AnyRow, (name, holds): (&'static str, Holds)) -> Result<Value, sqlx::Error> {
    Ok(match holds {
        Text => row.try_get::<Option<String>, _>(name)?.into(),
        Number => row.try_get::<Option<i64>, _>(name)?.into(),
        Bytes => row.try_get::<Option<Vec<u8>>, _>(name)?.map(hex::encode).into(),
    })
}

/// The statement for a line, and what is bound to it.
fn insert(line: &Value) -> Option<(String, Vec<(Holds, &Value)>)> {
    let [table, values] = line.as_array()?.as_slice() else {
        return None;
    };
    let (table, columns) = TABLES.iter().find(|(name, _)| table == name)?;
    let values = values.as_array().filter(|values| values.len() == columns.len())?;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
    let statement = format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        places.join(", ")
    );
    let held = columns.iter().map(|(_, holds)| *holds);
    Some((statement, held.zip(values).collect()))
}
