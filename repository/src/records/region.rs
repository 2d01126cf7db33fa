//! How far the copy of a version is, region by region.

use std::collections::BTreeSet;

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::words::words;
use super::{Records, RecordsError};

words! {
    /// How far a copy is. The words are those of the replication status.
    RegionStatus {
        /// It was not tried yet, or is to be tried again.
        Pending = "Pending",
        /// It is being made.
        InProgress = "InProgress",
        /// It is there, and was read back.
        Completed = "Completed",
        /// The last attempt failed; there is a next one.
        Failed = "Failed",
    }
}

/// The copy of one version in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionState {
    /// The version's number.
    pub version: String,
    /// The region's name.
    pub region: String,
    /// How far it is.
    pub status: RegionStatus,
    /// Attempts that were made.
    pub attempts: u32,
    /// When the next one may be made, in milliseconds since 1970.
    pub not_before_ms: i64,
    /// What the last one failed of, without secrets.
    pub error: Option<String>,
    /// When this changed last, in milliseconds since 1970; set when it is written.
    pub changed_ms: i64,
}

const COLUMNS: &str = "version, region, status, attempts, not_before_ms, error, changed_ms";

fn from_row(row: &AnyRow) -> Result<RegionState, RecordsError> {
    let status: String = row.try_get("status")?;
    Ok(RegionState {
        version: row.try_get("version")?,
        region: row.try_get("region")?,
        status: RegionStatus::parse(&status).ok_or(RecordsError::Value {
            column: "region_states.status",
            value: status,
        })?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
        not_before_ms: row.try_get("not_before_ms")?,
        error: row.try_get("error")?,
        changed_ms: row.try_get("changed_ms")?,
    })
}

fn select(rest: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM region_states {rest}"))
}

impl Records {
    /// The copies of a version, by region.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn region_states(&self, version: &str) -> Result<Vec<RegionState>, RecordsError> {
        let rows = sqlx::query(select("WHERE version = $1 ORDER BY region"))
            .bind(version)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// The copies of all versions of a subscription that are not complete, by version and region.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_region_states(&self, subscription: &str) -> Result<Vec<RegionState>, RecordsError> {
        let rest = "WHERE status <> 'Completed' AND version IN (SELECT id FROM versions WHERE subscription = $1) \
                    ORDER BY version, region";
        let rows = sqlx::query(select(rest))
            .bind(subscription)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// Copies that are due: not complete, and their pause is over. Those that waited longest come first, `count` at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_region_states(&self, count: u32) -> Result<Vec<RegionState>, RecordsError> {
        let rest =
            "WHERE status <> 'Completed' AND not_before_ms <= $1 ORDER BY not_before_ms, version, region LIMIT $2";
        let rows = sqlx::query(select(rest))
            .bind(self.surroundings.now_ms())
            .bind(i64::from(count))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// Writes how far a copy is; makes its row where there is none, and does nothing for a version that is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_region_state(&self, state: &RegionState) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let query = "INSERT INTO region_states (version, region, status, attempts, not_before_ms, error, changed_ms) \
                     SELECT id, $2, $3, $4, $5, $6, $7 FROM versions WHERE id = $1 \
                     ON CONFLICT (version, region) DO UPDATE SET status = excluded.status, attempts = excluded.attempts, \
                     not_before_ms = excluded.not_before_ms, error = excluded.error, changed_ms = excluded.changed_ms";
        sqlx::query(query)
            .bind(&state.version)
            .bind(&state.region)
            .bind(state.status.as_str())
            .bind(i64::from(state.attempts))
            .bind(state.not_before_ms)
            .bind(&state.error)
            .bind(change.now_ms)
            .execute(change.connection())
            .await?;
        change.commit().await
    }

    /// The versions of an extension, by their numbers, that were copied to a region.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn copied_to(
        &self,
        namespace: &str,
        extension_type: &str,
        region: &str,
    ) -> Result<BTreeSet<String>, RecordsError> {
        let query = "SELECT version FROM region_states WHERE region = $1 AND status = 'Completed' \
                     AND version IN (SELECT id FROM versions WHERE namespace = $2 AND type = $3)";
        let versions: Vec<String> = sqlx::query_scalar(query)
            .bind(region)
            .bind(namespace)
            .bind(extension_type)
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(versions.into_iter().collect())
    }

    /// Has every version copied to a region that is new; how many are not there yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_region(&self, region: &str) -> Result<u64, RecordsError> {
        let mut change = self.change().await?;
        // Without a WHERE, SQLite would take ON for the beginning of a join.
        let query = "INSERT INTO region_states (version, region, status, attempts, not_before_ms, changed_ms) \
                     SELECT id, $1, 'Pending', 0, 0, $2 FROM versions WHERE id IS NOT NULL ON CONFLICT DO NOTHING";
        let added = sqlx::query(query)
            .bind(region)
            .bind(change.now_ms)
            .execute(change.connection())
            .await?;
        change.commit().await?;
        Ok(added.rows_affected())
    }

    /// Forgets all copies in a region that was given up; how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_region(&self, region: &str) -> Result<u64, RecordsError> {
        let mut change = self.change().await?;
        let removed = sqlx::query("DELETE FROM region_states WHERE region = $1")
            .bind(region)
            .execute(change.connection())
            .await?;
        change.commit().await?;
        Ok(removed.rows_affected())
    }
}
