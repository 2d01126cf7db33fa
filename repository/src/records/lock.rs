//! What one server at a time may do, by name, and what is counted across all of them.

use super::{Records, RecordsError};

/// The right to do something that only one server at a time may do. It ends by itself unless it is taken once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// What it is for.
    pub name: String,
    /// Who has it.
    pub owner: String,
}

impl Records {
    /// Takes or renews the lock `name` for `owner`, for as long as an operation's lease; `None` while another has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock(&self, name: &str, owner: &str) -> Result<Option<Lock>, RecordsError> {
        let mut change = self.change().await?;
        let query = "INSERT INTO locks (name, owner, until_ms) VALUES ($1, $2, $3) \
                     ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms \
                     WHERE locks.owner = excluded.owner OR locks.until_ms < $4";
        let until = change.now_ms.saturating_add(self.lease_ms());
        let taken = sqlx::query(query)
            .bind(name)
            .bind(owner)
            .bind(until)
            .bind(change.now_ms)
            .execute(change.connection())
            .await?;
        change.commit().await?;
        Ok((taken.rows_affected() > 0).then(|| Lock {
            name: name.to_owned(),
            owner: owner.to_owned(),
        }))
    }

    /// Gives a lock back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unlock(&self, lock: &Lock) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        sqlx::query("DELETE FROM locks WHERE name = $1 AND owner = $2")
            .bind(&lock.name)
            .bind(&lock.owner)
            .execute(change.connection())
            .await?;
        change.commit().await
    }

    /// Counts on: the next number of `name`, from 1.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_on(&self, name: &str) -> Result<u64, RecordsError> {
        let mut change = self.change().await?;
        let query = "INSERT INTO counters (name, value) VALUES ($1, 1) \
                     ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
        let value: i64 = sqlx::query_scalar(query)
            .bind(name)
            .fetch_one(change.connection())
            .await?;
        change.commit().await?;
        Ok(value.unsigned_abs())
    }

    /// The number of `name`, which is `proposed` if it has none yet and never changes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn number_once(&self, name: &str, proposed: u64) -> Result<u64, RecordsError> {
        let mut change = self.change().await?;
        // A row that is there is written as it is, so that it comes back.
        let query = "INSERT INTO counters (name, value) VALUES ($1, $2) \
                     ON CONFLICT (name) DO UPDATE SET value = counters.value RETURNING value";
        let value: i64 = sqlx::query_scalar(query)
            .bind(name)
            .bind(i64::try_from(proposed).unwrap_or(i64::MAX))
            .fetch_one(change.connection())
            .await?;
        change.commit().await?;
        Ok(value.unsigned_abs())
    }

    /// How long a lease or a lock holds, in milliseconds.
    pub(super) fn lease_ms(&self) -> i64 {
        i64::try_from(self.surroundings.lease.as_millis()).unwrap_or(i64::MAX)
    }
}
