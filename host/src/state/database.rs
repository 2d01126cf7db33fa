//! The database file: opened, looked over, and put aside where it is damaged.

use std::io;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::checksum::checksum;

/// Name of the database in `ROOT/state`.
pub(super) const FILE: &str = "hostler.sqlite";

/// The form of the database that this version writes (`PRAGMA user_version`).
pub(super) const FORM: i64 = 1;

const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, \
     checksum BLOB NOT NULL, UNIQUE (kind, key)) STRICT",
    // What was found damaged, for people to look at.
    "CREATE TABLE IF NOT EXISTS damaged (kind BLOB, key BLOB, body BLOB, checksum BLOB) STRICT",
];

/// Why the database was not opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// It is no database, or not a whole one.
    Damaged(String),
    /// A later hostler wrote it, in this form.
    Later(i64),
    /// Anything else.
    Other(sqlx::Error),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        const CORRUPT: u32 = 11;
        const NOT_A_DATABASE: u32 = 26;
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        // The lower byte of an extended code is the code.
        match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            Some(CORRUPT | NOT_A_DATABASE) => Self::Damaged(error.to_string()),
            _ => Self::Other(error),
        }
    }
}

/// Opens the database at `path` for writing, makes it where it is missing, and looks it over.
pub(super) async fn open(path: &Path) -> Result<SqliteConnection, OpenError> {
    let mut connection = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await?;
    let form: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut connection)
        .await?;
    if form > FORM {
        return Err(OpenError::Later(form));
    }
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut connection)
        .await?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(verdict));
    }
    for table in TABLES {
        sqlx::query(table).execute(&mut connection).await?;
    }
    if form != FORM {
        let set = format!("PRAGMA user_version = {FORM}");
        sqlx::query(sqlx::AssertSqlSafe(set)).execute(&mut connection).await?;
    }
    Ok(connection)
}

/// Opens the database at `path` for reading, beside one that may be writing.
pub(super) async fn open_to_read(path: &Path) -> Result<SqliteConnection, OpenError> {
    let options = options(path).create_if_missing(false).read_only(true);
    let mut connection = options.connect().await?;
    let form: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut connection)
        .await?;
    match form {
        FORM => Ok(connection),
        later if later > FORM => Err(OpenError::Later(later)),
        // Made by somebody who was stopped before there was anything in it, or by nobody of ours.
        _ => Err(OpenError::Damaged("it holds no state".to_owned())),
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        // A commit that was reported is on the disk.
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
}

/// Moves records whose checksum is wrong out of the way; their kinds and keys.
pub(super) async fn put_damaged_records_aside(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    // As bytes: a flipped bit may have made something else than text of them.
    let query =
        "SELECT rowid, CAST(kind AS BLOB), CAST(key AS BLOB), CAST(body AS BLOB), CAST(checksum AS BLOB) FROM record";
    let rows = sqlx::query(query).fetch_all(&mut *connection).await?;
    let mut damaged = Vec::new();
    let mut transaction = connection.begin().await?;
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
