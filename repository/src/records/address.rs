//! Under which addresses the servers of this database are reached, so that each of them knows an upload of any other.

use sqlx::Row as _;

use super::{Records, RecordsError};

/// How long an address counts after a server last said that it has it: 90 days, in milliseconds.
const KEPT_MS: i64 = 90 * 24 * 3600 * 1000;

impl Records {
    /// Says that a server is reached at these addresses (`HOST:PORT`), and forgets those that were not heard of for long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_addresses(&self, authorities: &[String]) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let now_ms = change.now_ms;
        sqlx::query("DELETE FROM addresses WHERE seen_ms < $1")
            .bind(now_ms.saturating_sub(KEPT_MS))
            .execute(change.connection())
            .await?;
        for authority in authorities {
            let query = "INSERT INTO addresses (authority, seen_ms) VALUES ($1, $2) \
                         ON CONFLICT (authority) DO UPDATE SET seen_ms = excluded.seen_ms";
            sqlx::query(query)
                .bind(authority)
                .bind(now_ms)
                .execute(change.connection())
                .await?;
        }
        change.commit().await
    }

    /// All addresses under which a server of this database is reached.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn addresses(&self) -> Result<Vec<String>, RecordsError> {
        let rows = sqlx::query("SELECT authority FROM addresses ORDER BY authority")
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
