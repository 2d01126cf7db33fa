//! The store: records by kind and key, in one SQLite database; in memory for a root that is thrown away.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use hostler_contract::{Finding, Place, codes};
use hostler_package::Durability;
use rustix::fs::Mode;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection as _, Row as _};
use tokio::runtime::Runtime;

use super::checksum::checksum;
use super::database::{self, FILE, OpenError};
use super::{Kind, StateError, Write};
use crate::root::Root;

/// The open store.
#[derive(Debug)]
pub struct Store {
    records: Records,
    path: PathBuf,
    damaged: Vec<Finding>,
}

/// Where records lie.
#[derive(Debug)]
enum Records {
    /// In the database.
    OnDisk(Runtime, SqliteConnection),
    /// Here, by kind and key: nobody reads them after this process.
    Passing(BTreeMap<(&'static str, String), String>),
}

impl Store {
    /// Opens the store of `root`, which has to be locked, making it where it is missing: a new one in memory for a root
    /// that is thrown away. Says what was damaged and is
    /// not believed any more: single records, or the whole database, which is put aside under another name then.
    ///
    /// # Errors
    ///
    /// [`StateError`].
    pub fn open(root: &Root) -> Result<(Self, Vec<Finding>), StateError> {
        root.folder(&["state"], Mode::RWXU)?;
        let path = root.path().join("state").join(FILE);
        if root.durability() == Durability::Passing {
            let records = Records::Passing(BTreeMap::new());
            let store = Self {
                records,
                path,
                damaged: vec![],
            };
            return Ok((store, vec![]));
        }
        let runtime = runtime(&path)?;
        let mut findings = Vec::new();
        let mut opened = runtime.block_on(database::open(&path));
        if let Err(OpenError::Damaged(why)) = &opened {
            let aside = database::put_aside(&path).map_err(StateError::io(&path))?;
            let what = format!("the database is damaged ({why}); it was put aside as {aside}");
            let hint = "every handler is installed anew by the next goal state; look at the disk of this machine";
            findings.push(damaged(what, hint));
            opened = runtime.block_on(database::open(&path));
        }
        let (connection, aside) = opened.map_err(|error| not_opened(&path, error))?;
        findings.extend(aside.iter().map(|record| damaged_record(record)));
        let store = Self {
            records: Records::OnDisk(runtime, connection),
            path,
            damaged: vec![],
        };
        Ok((store, findings))
    }

    /// Opens the store of `root` for reading, beside one that may be writing; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`StateError`].
    pub fn look(root: &Root) -> Result<Option<Self>, StateError> {
        let path = root.path().join("state").join(FILE);
        match path.metadata() {
            // One that is empty was just being made when its host was stopped.
            Ok(found) if found.len() == 0 => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StateError::io(&path)(error)),
        }
        let runtime = runtime(&path)?;
        let opened = runtime.block_on(database::open_to_read(&path));
        let connection = opened.map_err(|error| not_opened(&path, error))?;
        Ok(connection.map(|connection| Self {
            records: Records::OnDisk(runtime, connection),
            path,
            damaged: vec![],
        }))
    }

    /// Closes it in order: what was written beside the database goes into it.
    pub fn close(self) {
        let Self { records, path, .. } = self;
        if let Records::OnDisk(runtime, connection) = records
            && let Err(error) = runtime.block_on(connection.close())
        {
            tracing::warn!(path = %path.display(), %error, "the host's state was not closed in order; nothing is lost");
        }
    }

    /// The record, if there is one that can be believed.
    ///
    /// # Errors
    ///
    /// [`StateError::Database`].
    pub fn get<T: DeserializeOwned>(&mut self, kind: Kind, key: &str) -> Result<Option<T>, StateError> {
        let found = match &mut self.records {
            Records::Passing(records) => {
                let body = records.get(&(kind.name(), key.to_owned()));
                body.map(|body| (key.to_owned(), body.clone().into_bytes()))
            }
            Records::OnDisk(runtime, connection) => {
                let query = sqlx::query(
                    "SELECT CAST(key AS BLOB), CAST(body AS BLOB), checksum FROM record WHERE kind = ? AND key = ?",
                )
                .bind(kind.name())
                .bind(key)
                .fetch_optional(connection);
                let row = runtime
                    .block_on(query)
                    .map_err(StateError::database(&self.path, "read"))?;
                row.and_then(|row| self.believe(kind, &row))
            }
        };
        match found {
            Some((key, body)) => Ok(self.parse(kind, &key, &body)?.map(|(_, record)| record)),
            None => Ok(None),
        }
    }

    /// Every record of `kind` that can be believed, in order of the keys.
    ///
    /// # Errors
    ///
    /// [`StateError::Database`].
    pub fn all<T: DeserializeOwned>(&mut self, kind: Kind) -> Result<Vec<(String, T)>, StateError> {
        let found: Vec<(String, Vec<u8>)> = match &mut self.records {
            Records::Passing(records) => {
                let of_kind = records.iter().filter(|((of, _), _)| *of == kind.name());
                of_kind
                    .map(|((_, key), body)| (key.clone(), body.clone().into_bytes()))
                    .collect()
            }
            Records::OnDisk(runtime, connection) => {
                let query = sqlx::query(
                    "SELECT CAST(key AS BLOB), CAST(body AS BLOB), checksum FROM record WHERE kind = ? ORDER BY key",
                )
                .bind(kind.name())
                .fetch_all(connection);
                let rows = runtime
                    .block_on(query)
                    .map_err(StateError::database(&self.path, "read"))?;
                rows.iter().filter_map(|row| self.believe(kind, row)).collect()
            }
        };
        let mut records = Vec::with_capacity(found.len());
        for (key, body) in &found {
            records.extend(self.parse(kind, key, body)?);
        }
        Ok(records)
    }

    /// What was found damaged since it was opened, and was not believed.
    pub fn damaged(&self) -> &[Finding] {
        &self.damaged
    }

    /// Key and body of `row`, if they are what was written; bytes are compared before anything is made of them.
    fn believe(&mut self, kind: Kind, row: &SqliteRow) -> Option<(String, Vec<u8>)> {
        let bytes = |column: usize| row.try_get::<Vec<u8>, _>(column).unwrap_or_default();
        let (key, body) = (bytes(0), bytes(1));
        let name = String::from_utf8_lossy(&key).into_owned();
        if bytes(2) == checksum(kind.name().as_bytes(), &key, &body) {
            return Some((name, body));
        }
        let finding = damaged_record(&format!("{} `{name}`", kind.name()));
        if !self.damaged.contains(&finding) {
            self.damaged.push(finding);
        }
        None
    }

    /// The record in `body`. A handler's record that is whole and cannot be read is none to go on without: the handler
    /// would be installed anew over its own data. A report is made anew anyway.
    fn parse<T: DeserializeOwned>(
        &self,
        kind: Kind,
        key: &str,
        body: &[u8],
    ) -> Result<Option<(String, T)>, StateError> {
        match serde_json::from_slice(body) {
            Ok(record) => Ok(Some((key.to_owned(), record))),
            Err(source) if kind == Kind::Handler => Err(StateError::Shape {
                path: self.path.clone(),
                handler: key.to_owned(),
                source,
            }),
            Err(error) => {
                tracing::warn!(kind = kind.name(), key, %error, "a record of the host's own cannot be read");
                Ok(None)
            }
        }
    }

    /// Makes all of `writes`, or none; durably, where the root is.
    ///
    /// # Errors
    ///
    /// [`StateError::Database`]; then nothing has changed.
    pub fn commit(&mut self, writes: &[Write]) -> Result<(), StateError> {
        match &mut self.records {
            Records::Passing(records) => {
                for Write { kind, key, body } in writes {
                    match body {
                        Some(body) => records.insert((kind.name(), key.clone()), body.clone()),
                        None => records.remove(&(kind.name(), key.clone())),
                    };
                }
                Ok(())
            }
            Records::OnDisk(runtime, connection) => runtime
                .block_on(write(connection, writes))
                .map_err(StateError::database(&self.path, "written")),
        }
    }
}

async fn write(connection: &mut SqliteConnection, writes: &[Write]) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    for Write { kind, key, body } in writes {
        let query = match body {
            Some(body) => {
                let sum = checksum(kind.name().as_bytes(), key.as_bytes(), body.as_bytes());
                sqlx::query("INSERT OR REPLACE INTO record (kind, key, body, checksum) VALUES (?, ?, ?, ?)")
                    .bind(kind.name())
                    .bind(key)
                    .bind(body)
                    .bind(sum.to_vec())
            }
            None => sqlx::query("DELETE FROM record WHERE kind = ? AND key = ?")
                .bind(kind.name())
                .bind(key),
        };
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

fn runtime(path: &Path) -> Result<Runtime, StateError> {
    let built = tokio::runtime::Builder::new_current_thread().enable_time().build();
    built.map_err(StateError::io(path))
}

fn not_opened(path: &Path, error: OpenError) -> StateError {
    match error {
        OpenError::Later(found) => StateError::Later {
            path: path.to_owned(),
            found,
        },
        OpenError::Damaged(why) => StateError::Damaged {
            path: path.to_owned(),
            why,
        },
        OpenError::ReadOnly(error) | OpenError::Other(error) => StateError::database(path, "opened")(error),
    }
}

fn damaged_record(record: &str) -> Finding {
    let what = format!("the record of {record} does not have the checksum it was written with");
    damaged(
        what,
        "what it was about counts as lost, and a handler is installed anew by the next goal state",
    )
}

fn damaged(what: String, hint: &str) -> Finding {
    let file = format!("state/{FILE}");
    Finding::warning(codes::STATE_DAMAGED, &file, Place::Whole, what, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a store is asked, wherever its records lie.
    #[test]
    fn a_root_that_is_thrown_away_has_the_same_store_and_no_database() {
        for is_kept in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let root = Root::open(&folder.path().join("root")).unwrap();
            let root = if is_kept { root } else { root.thrown_away() };
            let (mut store, damaged) = Store::open(&root).unwrap();
            assert_eq!(damaged, []);
            let put = |key: &str, value: u32| Write::put(Kind::Report, key, &value).unwrap();
            store.commit(&[put("b", 1), put("a", 2), put("b", 3)]).unwrap();
            store.commit(&[put("c", 4), Write::remove(Kind::Report, "a")]).unwrap();
            store.commit(&[Write::put(Kind::Index, "b", &5).unwrap()]).unwrap();
            assert_eq!(store.get::<u32>(Kind::Report, "a").unwrap(), None);
            assert_eq!(store.get::<u32>(Kind::Report, "b").unwrap(), Some(3));
            let all = store.all::<u32>(Kind::Report).unwrap();
            assert_eq!(all, [("b".to_owned(), 3), ("c".to_owned(), 4)]);
            assert_eq!(store.damaged(), []);
            store.close();
            assert_eq!(folder.path().join("root/state").join(FILE).exists(), is_kept);
        }
    }
}
