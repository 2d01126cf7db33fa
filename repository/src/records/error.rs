//! Why records were not read or changed.

/// Why records were not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The URL names no database that is known.
    #[error("`{scheme}:` is no database that is known")]
    Url {
        /// What stands before the colon.
        scheme: String,
    },
    /// The database does not answer, or has something against what it was asked.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// The tables could not be brought to the form of this version, or a later version made them.
    #[error("the tables of the database are not those of this version")]
    Tables(#[source] sqlx::migrate::MigrateError),
    /// A value in the database is none that this version writes.
    #[error("the database has `{value}` for {column}")]
    Value {
        /// Where it stands.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// The operation was taken over by another server, or has ended: this one has no say in it any more.
    #[error("the operation is no longer this server's")]
    LeaseLost,
    /// What should be made is there already.
    #[error("{what} is there already")]
    Exists {
        /// What it is.
        what: String,
    },
    /// What should be changed is not there.
    #[error("{what} is not there")]
    Missing {
        /// What it is.
        what: String,
    },
}

impl From<sqlx::Error> for RecordsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Whether a statement failed because a row of that kind may be there only once.
pub(super) fn is_unique_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
