//! The same test over each database.

use std::path::Path;
use std::sync::Arc;

use crate::postgres::Postgres;
use crate::server::Repository;

/// A database for one repository: what its server and its commands are told in their environment.
pub(crate) struct Database {
    /// What messages call it.
    pub(crate) name: &'static str,
    url: Option<String>,
    /// Runs as long as this is there.
    postgres: Option<Arc<Postgres>>,
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self {
            name: "SQLite",
            url: None,
            postgres: None,
        }
    }

    /// A new one in PostgreSQL, if that is installed.
    pub(crate) fn postgres() -> Option<Self> {
        let postgres = Postgres::shared()?;
        Some(Self {
            name: "PostgreSQL",
            url: Some(postgres.database()),
            postgres: Some(postgres),
        })
    }

    /// A new one of the same kind.
    pub(crate) fn another(&self) -> Self {
        Self {
            name: self.name,
            url: self.postgres.as_ref().map(|postgres| postgres.database()),
            postgres: self.postgres.clone(),
        }
    }

    /// A second server over it, beside `first`, with folders of its own.
    pub(crate) fn second(&self, first: &Repository, arguments: &[&str]) -> Repository {
        Repository::beside(first, arguments, &self.variables())
    }

    /// A repository over it, made of a backup of another one.
    pub(crate) fn restored(&self, other: &Repository, backup: &Path) -> Repository {
        self.restored_with(other, backup, &[])
    }

    /// The same with a server that is told more.
    pub(crate) fn restored_with(&self, other: &Repository, backup: &Path, arguments: &[&str]) -> Repository {
        Repository::restored(other, backup, arguments, &self.variables())
    }

    /// Ends the database itself: nobody reaches it any more.
    pub(crate) fn end(&self) {
        if let (Some(postgres), Some(url)) = (&self.postgres, &self.url) {
            postgres.drop_database(url);
        }
    }

    /// The variables of a server and of commands over it.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let url = self.url.clone();
        url.map(|url| ("HOSTLER_REPOSITORY_DATABASE", url))
            .into_iter()
            .collect()
    }

    /// A repository over it.
    pub(crate) fn repository(&self, arguments: &[&str]) -> Repository {
        Repository::start_with(arguments, &self.variables())
    }
}

/// Runs `test` over SQLite, and over PostgreSQL where it is installed.
pub(crate) fn over_each(test: impl Fn(&Database)) {
    for database in [Some(Database::sqlite()), Database::postgres()].into_iter().flatten() {
        eprintln!("over {}", database.name);
        test(&database);
    }
}
