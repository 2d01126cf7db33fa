//! The database file: opened, looked over, and put aside where it is damaged.

use std::io::{self, Read as _};
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::checksum::checksum;

/// Name of the database in `ROOT/state`.
pub(super) const FILE: &str = "hostler.sqlite";

/// The form of the database that this version writes (`PRAGMA user_version`).
pub(super) const SCHEMA_VERSION: i64 = 1;

/// The tables, as SQLite keeps their statements.
const TABLES: [&str; 2] = [
    // What was found damaged, for people to look at.
    "CREATE TABLE damaged (kind BLOB, key BLOB, body BLOB, checksum BLOB) STRICT",
    "CREATE TABLE record (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, checksum BLOB NOT NULL, \
     UNIQUE (kind, key)) STRICT",
];

/// Why the database was not opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// It is no database, or not a whole one.
    Damaged(String),
    /// A later hostler wrote it, in this form.
    Later(i64),
    /// It cannot be written: its own word, or the system's.
    ReadOnly(sqlx::Error),
    /// Anything else.
    Other(sqlx::Error),
}

impl From<sqlx::Error> for OpenError {
    /// All statements here are fixed and right: what SQLite has against one of them lies in the file.
    fn from(error: sqlx::Error) -> Self {
        const ERROR: u32 = 1;
        const READ_ONLY: u32 = 8;
        const CORRUPT: u32 = 11;
        const NOT_A_DATABASE: u32 = 26;
        const SHORT_READ: u32 = 522;
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        let Some(code) = code.and_then(|code| code.parse::<u32>().ok()) else {
            return Self::Other(error);
        };
        // The lower byte of an extended code is the code.
        match code & 0xff {
            READ_ONLY => Self::ReadOnly(error),
            ERROR | CORRUPT | NOT_A_DATABASE => Self::Damaged(error.to_string()),
            _ if code == SHORT_READ => Self::Damaged(error.to_string()),
            _ => Self::Other(error),
        }
    }
}

/// Opens the database at `path` for writing, makes it where it is missing, looks it over, and moves records whose
/// checksum is wrong out of the way; their kinds and keys.
pub(super) async fn open(path: &Path) -> Result<(SqliteConnection, Vec<String>), OpenError> {
    match open_to_write(path).await {
        // Where no descriptor or no room is left, SQLite takes a whole file for one that can only be read.
        Err(OpenError::ReadOnly(error)) => Err(match says_that_it_is_read_only(path) {
            true => OpenError::Damaged(error.to_string()),
            false => OpenError::Other(error),
        }),
        other => other,
    }
}

/// Whether the file at `path` says of itself that it cannot be written, which none of ours does: its version for writers
/// is beyond those that there are (SQLite's file format, 1.3.3).
fn says_that_it_is_read_only(path: &Path) -> bool {
    const AT: usize = 18;
    const LAST: u8 = 2;
    let mut head = [0; AT + 1];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.last().is_some_and(|version| *version > LAST)
}

async fn open_to_write(path: &Path) -> Result<(SqliteConnection, Vec<String>), OpenError> {
    let mut connection = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await?;
    if form(&mut connection).await? == 0 && tables(&mut connection).await?.is_empty() {
        let mut transaction = connection.begin().await?;
        for table in TABLES {
            sqlx::query(table).execute(&mut *transaction).await?;
        }
        let set = format!("PRAGMA user_version = {SCHEMA_VERSION}");
        sqlx::query(sqlx::AssertSqlSafe(set)).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
    look_over(&mut connection).await?;
    let aside = put_damaged_records_aside(&mut connection).await?;
    Ok((connection, aside))
}

/// Opens the database at `path` for reading, beside one that may be writing; `None` for one in which there is nothing yet.
pub(super) async fn open_to_read(path: &Path) -> Result<Option<SqliteConnection>, OpenError> {
    let options = options(path).create_if_missing(false).read_only(true);
    let opened = match options.clone().connect().await {
        Ok(mut connection) => form(&mut connection).await.map(|form| (connection, form)),
        Err(error) => Err(error),
    };
    let (mut connection, form) = match opened {
        Ok(opened) => opened,
        // Where nothing can be written, nobody writes: it can be read without the files that writers share.
        Err(_) => {
            let mut connection = options.immutable(true).connect().await?;
            let form = form(&mut connection).await?;
            (connection, form)
        }
    };
    if form == 0 && tables(&mut connection).await?.is_empty() {
        return Ok(None);
    }
    look_over(&mut connection).await?;
    Ok(Some(connection))
}

async fn form(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await
}

/// The statements that its tables were made with; as bytes, since what is damaged need not be text.
async fn tables(connection: &mut SqliteConnection) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .fetch_all(connection)
        .await
}

/// Whether it is whole, as far as its form goes: pages, indexes and the statements that its tables were made with.
async fn look_over(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    match form(connection).await? {
        SCHEMA_VERSION => {}
        later if later > SCHEMA_VERSION => return Err(OpenError::Later(later)),
        earlier => {
            return Err(OpenError::Damaged(format!(
                "it has the form {earlier}, which never was"
            )));
        }
    }
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut *connection)
        .await?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(verdict));
    }
    if tables(connection).await? != TABLES.map(|table| table.as_bytes().to_vec()) {
        return Err(OpenError::Damaged("its tables are not those that were made".to_owned()));
    }
    Ok(())
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        // A commit that was reported is on the disk.
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
}

/// Moves records whose checksum is wrong out of the way; their kinds and keys.
async fn put_damaged_records_aside(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    // As bytes: a flipped bit may have made something else than text of them.
    let query =
        "SELECT rowid, CAST(kind AS BLOB), CAST(key AS BLOB), CAST(body AS BLOB), CAST(checksum AS BLOB) FROM record";
    let rows = sqlx::query(query).fetch_all(&mut *connection).await?;
    let mut damaged = Vec::new();
    let mut transaction = connection.begin().await?;
    // A file that says of itself that it cannot be written is found out here, and not in the middle of a handler.
    let set = format!("PRAGMA user_version = {SCHEMA_VERSION}");
    sqlx::query(sqlx::AssertSqlSafe(set)).execute(&mut *transaction).await?;
    for row in &rows {
        let bytes = |column: usize| row.try_get::<Vec<u8>, _>(column).unwrap_or_default();
        let (kind, key) = (bytes(1), bytes(2));
        if bytes(4) == checksum(&kind, &key, &bytes(3)) {
            continue;
        }
        let rowid: i64 = row.try_get(0)?;
        for statement in [
            "INSERT INTO damaged SELECT CAST(kind AS BLOB), CAST(key AS BLOB), CAST(body AS BLOB), CAST(checksum AS BLOB) \
             FROM record WHERE rowid = ?",
            "DELETE FROM record WHERE rowid = ?",
        ] {
            sqlx::query(statement).bind(rowid).execute(&mut *transaction).await?;
        }
        damaged.push(format!(
            "{} `{}`",
            String::from_utf8_lossy(&kind),
            String::from_utf8_lossy(&key)
        ));
    }
    transaction.commit().await?;
    Ok(damaged)
}

/// Renames the database at `path` and what belongs to it; gives the new name.
pub(super) fn put_aside(path: &Path) -> io::Result<String> {
    let free = (1u32..)
        .map(|number| format!("{FILE}.damaged-{number}"))
        .find(|name| !path.with_file_name(name).exists())
        .unwrap_or_default();
    for suffix in ["", "-wal", "-shm"] {
        let from = path.with_file_name(format!("{FILE}{suffix}"));
        match std::fs::rename(&from, path.with_file_name(format!("{free}{suffix}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(free)
}
