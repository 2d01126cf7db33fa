//! Uploads by name: which bytes a publisher put under which name.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::audit::{self, By};
use super::{Records, RecordsError};

/// An upload. Its bytes are in a store, under their digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The name that it was put under.
    pub name: String,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Who put it there.
    pub subscription: String,
    /// When, in milliseconds since 1970; set when it is recorded.
    pub created_ms: i64,
}

impl Blob {
    fn from_row(row: &AnyRow) -> Result<Self, RecordsError> {
        Ok(Self {
            name: row.try_get("name")?,
            sha256: row.try_get("sha256")?,
            size: row.try_get::<i64, _>("size")?.unsigned_abs(),
            subscription: row.try_get("subscription")?,
            created_ms: row.try_get("created_ms")?,
        })
    }
}

impl Records {
    /// The upload named `name`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn blob(&self, name: &str) -> Result<Option<Blob>, RecordsError> {
        let row = sqlx::query("SELECT name, sha256, size, subscription, created_ms FROM blobs WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        row.as_ref().map(Blob::from_row).transpose()
    }

    /// Uploads of a subscription whose names start with `prefix` and come after `after`, by name, `count` at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn blobs(
        &self,
        subscription: &str,
        prefix: &str,
        after: &str,
        count: u32,
    ) -> Result<Vec<Blob>, RecordsError> {
        // By length and not by LIKE, which would take a name's own signs for patterns.
        let query = "SELECT name, sha256, size, subscription, created_ms FROM blobs \
                     WHERE subscription = $1 AND name > $2 AND substr(name, 1, length($3)) = $3 ORDER BY name LIMIT $4";
        let rows = sqlx::query(query)
            .bind(subscription)
            .bind(after)
            .bind(prefix)
            .bind(i64::from(count))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(Blob::from_row).collect()
    }

    /// Which versions a subscription's packages are: digests, each with a version as `namespace.type version`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn package_uses(&self, subscription: &str) -> Result<Vec<(String, String)>, RecordsError> {
        let query = "SELECT package_sha256, namespace, type, version FROM versions WHERE subscription = $1 \
                     ORDER BY namespace, type, version_key";
        let rows = sqlx::query(query)
            .bind(subscription)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter()
            .map(|row| {
                let (namespace, extension_type): (String, String) = (row.try_get(1)?, row.try_get(2)?);
                let version: String = row.try_get(3)?;
                Ok((row.try_get(0)?, format!("{namespace}.{extension_type} {version}")))
            })
            .collect()
    }

    /// Records an upload whose bytes are in the store. The same bytes under the same name once more change nothing.
    ///
    /// # Errors
    /// [`RecordsError::Exists`] if other bytes, or somebody else's, have that name; when the database fails.
    pub async fn put_blob(&self, new: &Blob, by: &By) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let query = "INSERT INTO blobs (name, sha256, size, subscription, created_ms) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (name) DO NOTHING";
        let inserted = sqlx::query(query)
            .bind(&new.name)
            .bind(&new.sha256)
            .bind(i64::try_from(new.size).unwrap_or(i64::MAX))
            .bind(&new.subscription)
            .bind(change.now_ms)
            .execute(change.connection())
            .await?;
        if inserted.rows_affected() == 0 {
            let there = sqlx::query("SELECT sha256, subscription FROM blobs WHERE name = $1")
                .bind(&new.name)
                .fetch_one(change.connection())
                .await?;
            let same = there.try_get::<String, _>("sha256")? == new.sha256
                && there.try_get::<String, _>("subscription")? == new.subscription;
            return match same {
                true => Ok(()),
                false => Err(RecordsError::Exists {
                    what: format!("an upload named `{}`", hostler_contract::escape_bounded(&new.name, 200)),
                }),
            };
        }
        audit::append(&mut change, &by.line("blob put", &new.name, &new.sha256)).await?;
        change.commit().await
    }

    /// Forgets an upload's name, unless a registered version has its bytes; whether it was forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_blob(&self, name: &str, by: &By) -> Result<bool, RecordsError> {
        let mut change = self.change().await?;
        let query = "DELETE FROM blobs WHERE name = $1 \
                     AND NOT EXISTS (SELECT 1 FROM versions WHERE package_sha256 = blobs.sha256)";
        let forgotten = sqlx::query(query).bind(name).execute(change.connection()).await?;
        if forgotten.rows_affected() == 0 {
            return Ok(false);
        }
        audit::append(&mut change, &by.line("blob forget", name, "forgotten")).await?;
        change.commit().await?;
        Ok(true)
    }

    /// Whether any upload or version still has the bytes with this digest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_package_used(&self, sha256: &str) -> Result<bool, RecordsError> {
        let query = "SELECT (SELECT COUNT(*) FROM blobs WHERE sha256 = $1) + \
                     (SELECT COUNT(*) FROM versions WHERE package_sha256 = $1)";
        let used: i64 = sqlx::query_scalar(query)
            .bind(sha256)
            .fetch_one(&mut *self.read().await?)
            .await?;
        Ok(used > 0)
    }
}
