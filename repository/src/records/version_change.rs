//! What an operation does to versions. Each step is one transaction that goes through only while the operation is still
//! this server's, and changes nothing when it is done once more.

use super::lease::hold;
use super::version::{COLUMNS, from_row};
use super::{Change, Lease, NewVersion, Operation, Records, RecordsError, RegionStatus, Regions, Version, Visibility};
use super::{VersionState, version_key};

/// What of a version may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionChange {
    /// The whole new definition, in canonical form.
    pub definition: String,
    /// Who may be given it.
    pub visibility: Visibility,
    /// Where it is offered.
    pub regions: Regions,
}

impl Records {
    /// Records the version of a registration whose package was checked and stored, as replicating to `regions`.
    ///
    /// # Errors
    /// [`RecordsError::LeaseLost`]; [`RecordsError::Exists`] if another operation made that version; when the database
    /// fails.
    pub async fn admit_version(
        &self,
        lease: &Lease,
        operation: &Operation,
        new: &NewVersion,
        regions: &[String],
    ) -> Result<Version, RecordsError> {
        let mut change = self.change().await?;
        hold(&mut change, lease).await?;
        let parsed = hostler_contract::Version::parse(&operation.version).map_err(|_| RecordsError::Value {
            column: "operations.version",
            value: operation.version.clone(),
        })?;
        let key = version_key(&parsed);
        // Its number is the operation's: so doing it again is known from somebody else's doing.
        let query = "INSERT INTO versions (id, namespace, type, version, version_key, subscription, definition, \
                     package_sha256, package_size, visibility, regions, state, published_ms, changed_ms, asks) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING";
        sqlx::query(query)
            .bind(&operation.id)
            .bind(&operation.namespace)
            .bind(&operation.extension_type)
            .bind(&operation.version)
            .bind(&key)
            .bind(&operation.subscription)
            .bind(&new.definition)
            .bind(&new.package_sha256)
            .bind(i64::try_from(new.package_size).unwrap_or(i64::MAX))
            .bind(new.visibility.as_str())
            .bind(new.regions.to_text())
            .bind(VersionState::Replicating.as_str())
            .bind(operation.created_ms)
            .bind(change.now_ms)
            .bind(&new.asks)
            .execute(change.connection())
            .await?;
        let Some(version) = locked(&mut change, &operation.id).await? else {
            return Err(RecordsError::Exists {
                what: format!("version {}", operation.version),
            });
        };
        for region in regions {
            let query = "INSERT INTO region_states (version, region, status, attempts, not_before_ms, changed_ms) \
                         VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT DO NOTHING";
            sqlx::query(query)
                .bind(&version.id)
                .bind(region)
                .bind(RegionStatus::Pending.as_str())
                .bind(change.now_ms)
                .execute(change.connection())
                .await?;
        }
        changed(&mut change).await?;
        step(&mut change, lease, "replicate").await?;
        change.commit().await?;
        Ok(version)
    }

    /// Changes what may be changed of a version; gives it as it is then.
    ///
    /// # Errors
    /// [`RecordsError::LeaseLost`]; [`RecordsError::Missing`] if it is not there any more; when the database fails.
    pub async fn change_version(&self, lease: &Lease, id: &str, new: &VersionChange) -> Result<Version, RecordsError> {
        let mut change = self.change().await?;
        hold(&mut change, lease).await?;
        let query = "UPDATE versions SET definition = $1, visibility = $2, regions = $3, changed_ms = $4 WHERE id = $5";
        sqlx::query(query)
            .bind(&new.definition)
            .bind(new.visibility.as_str())
            .bind(new.regions.to_text())
            .bind(change.now_ms)
            .bind(id)
            .execute(change.connection())
            .await?;
        let Some(version) = locked(&mut change, id).await? else {
            return Err(RecordsError::Missing {
                what: format!("version {id}"),
            });
        };
        changed(&mut change).await?;
        step(&mut change, lease, "publish").await?;
        change.commit().await?;
        Ok(version)
    }

    /// Removes a version, if it is there and internal; whether it was.
    ///
    /// # Errors
    /// [`RecordsError::LeaseLost`]; when the database fails.
    pub async fn remove_version(&self, lease: &Lease, id: &str) -> Result<bool, RecordsError> {
        let mut change = self.change().await?;
        hold(&mut change, lease).await?;
        let removed = sqlx::query("DELETE FROM versions WHERE id = $1 AND visibility = 'internal'")
            .bind(id)
            .execute(change.connection())
            .await?;
        changed(&mut change).await?;
        step(&mut change, lease, "publish").await?;
        change.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    /// A number that is another one after any version was made, changed or removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn generation(&self) -> Result<i64, RecordsError> {
        let value = sqlx::query_scalar("SELECT value FROM counters WHERE name = 'versions'")
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(value.unwrap_or_default())
    }

    /// Makes a version available if every region has it; whether it is now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_available(&self, id: &str) -> Result<bool, RecordsError> {
        let mut change = self.change().await?;
        let query = "UPDATE versions SET state = 'Available', changed_ms = $1 WHERE id = $2 AND state = 'Replicating' \
                     AND NOT EXISTS (SELECT 1 FROM region_states WHERE version = $2 AND status <> 'Completed')";
        sqlx::query(query)
            .bind(change.now_ms)
            .bind(id)
            .execute(change.connection())
            .await?;
        let version = locked(&mut change, id).await?;
        changed(&mut change).await?;
        change.commit().await?;
        Ok(version.is_some_and(|version| version.state == VersionState::Available))
    }
}

/// Writes down which step of an operation is next.
async fn step(change: &mut Change, lease: &Lease, step: &str) -> Result<(), RecordsError> {
    sqlx::query("UPDATE operations SET step = $1 WHERE id = $2")
        .bind(step)
        .bind(&lease.operation)
        .execute(change.connection())
        .await?;
    Ok(())
}

/// Says that lists of versions are not what they were.
pub(super) async fn changed(change: &mut Change) -> Result<(), RecordsError> {
    let query = "INSERT INTO counters (name, value) VALUES ('versions', 1) \
                 ON CONFLICT (name) DO UPDATE SET value = counters.value + 1";
    sqlx::query(query).execute(change.connection()).await?;
    Ok(())
}

/// A version as this transaction sees it.
async fn locked(change: &mut Change, id: &str) -> Result<Option<Version>, RecordsError> {
    let query = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM versions WHERE id = $1"));
    let row = sqlx::query(query).bind(id).fetch_optional(change.connection()).await?;
    row.as_ref().map(from_row).transpose()
}
