//! What differs between SQLite and PostgreSQL. Everything else of [`super`] is the same SQL for both.
//!
//! Both know `$1`, `RETURNING`, `ON CONFLICT`, partial indexes and row values, which is all that is used. Text is compared
//! by bytes in both.

use std::borrow::Cow;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::RecordsError;

/// What of a path needs no escape in a URL.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A file; one writer at a time.
    Sqlite,
    /// A server, which other servers of ours may use as well.
    Postgres,
}

impl Dialect {
    /// The one that `url` is for: `sqlite:`, `postgres:` or `postgresql:`.
    ///
    /// # Errors
    /// Any other scheme.
    pub fn of(url: &str) -> Result<Self, RecordsError> {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            _ => Err(RecordsError::Url {
                scheme: hostler_contract::escape_bounded(scheme, 40),
            }),
        }
    }

    /// The URL of a database file, which is made where it is missing.
    pub fn sqlite_url(file: &Path) -> String {
        let path = file.to_string_lossy();
        format!("sqlite://{}?mode=rwc", utf8_percent_encode(&path, PATH))
    }

    /// What a new connection is told first.
    pub(super) fn greeting(self) -> &'static [&'static str] {
        match self {
            // Readers beside a writer; a commit that was reported is on the disk; writers of other processes are waited for.
            Self::Sqlite => &[
                "PRAGMA busy_timeout = 30000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
            ],
            // One that waits for a lock for so long is better told so than left hanging.
            Self::Postgres => &[
                "SET lock_timeout = '30s'",
                "SET idle_in_transaction_session_timeout = '60s'",
            ],
        }
    }

    /// How a transaction that writes begins.
    pub(super) fn begin(self) -> &'static str {
        match self {
            // Otherwise it would begin as a reader, and fail where another one has written since.
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// How a transaction begins that sees everything as it is at one moment.
    pub(super) fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        }
    }

    /// Connections kept at most.
    pub(super) fn connections(self) -> u32 {
        match self {
            Self::Sqlite => 8,
            Self::Postgres => 10,
        }
    }

    /// What sets the number of the next audit line after lines with numbers were put in.
    pub(super) fn after_restore(self) -> Option<&'static str> {
        match self {
            // It goes on after the greatest by itself.
            Self::Sqlite => None,
            Self::Postgres => Some(
                "SELECT setval(pg_get_serial_sequence('audit', 'number'), (SELECT COALESCE(MAX(number), 0) + 1 FROM audit), \
                 false)",
            ),
        }
    }

    /// All forms that the tables had, in order. One that was ever shipped is never changed again.
    pub(super) fn migrations(self) -> Migrator {
        let texts: &[(i64, &str, &'static str)] = match self {
            Self::Sqlite => &[
                (1, "first", include_str!("migrations/sqlite_0001.sql")),
                (2, "order and names", include_str!("migrations/sqlite_0002.sql")),
            ],
            Self::Postgres => &[
                (1, "first", include_str!("migrations/postgres_0001.sql")),
                (2, "order and names", include_str!("migrations/postgres_0002.sql")),
            ],
        };
        let migrations = texts.iter().map(|(number, name, sql)| {
            let name = Cow::Owned((*name).to_owned());
            Migration::new(*number, name, MigrationType::Simple, sql.into_sql_str(), false)
        });
        Migrator::with_migrations(migrations.collect())
    }
}
