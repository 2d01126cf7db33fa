//! Uploads that nobody needs any more, and packages that are left of them.

use sqlx::Row as _;

use super::audit::{self, By};
use super::{Records, RecordsError};

/// Whether a package is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// An upload or a version has its bytes.
    Needed,
    /// A registration is under way that may be about it.
    Perhaps,
    /// Nobody does.
    Unneeded,
}

impl Records {
    /// Forgets uploads that were put there before `before_ms` and that no version has, `count` at most; how many it were.
    /// Their packages are leftovers from then on. As long as an operation of its publisher is under way an upload stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_unused_blobs(&self, before_ms: i64, count: u32) -> Result<u32, RecordsError> {
        let mut change = self.change().await?;
        let query = "SELECT name, sha256, subscription FROM blobs WHERE created_ms < $1 \
                     AND NOT EXISTS (SELECT 1 FROM versions WHERE package_sha256 = blobs.sha256) \
                     AND NOT EXISTS (SELECT 1 FROM operations WHERE operations.subscription = blobs.subscription \
                     AND operations.status = 'InProgress') ORDER BY created_ms, name LIMIT $2";
        let unused = sqlx::query(query)
            .bind(before_ms)
            .bind(i64::from(count))
            .fetch_all(change.connection())
            .await?;
        for row in &unused {
            let (name, sha256): (String, String) = (row.try_get("name")?, row.try_get("sha256")?);
            sqlx::query("DELETE FROM blobs WHERE name = $1")
                .bind(&name)
                .execute(change.connection())
                .await?;
            sqlx::query("INSERT INTO leftovers (sha256, since_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(&sha256)
                .bind(change.now_ms)
                .execute(change.connection())
                .await?;
            let by = By {
                subscription: row.try_get("subscription")?,
                actor: "server".to_owned(),
                caller_ip: String::new(),
                request_id: String::new(),
            };
            audit::append(&mut change, &by.line("blob forget", &name, "unused")).await?;
        }
        change.commit().await?;
        Ok(u32::try_from(unused.len()).unwrap_or(u32::MAX))
    }

    /// Packages that are left of uploads which were forgotten: their digests.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leftovers(&self) -> Result<Vec<String>, RecordsError> {
        let found = sqlx::query_scalar("SELECT sha256 FROM leftovers ORDER BY since_ms, sha256")
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(found)
    }

    /// Takes a package off the leftovers: it is gone, or is needed after all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_leftover(&self, sha256: &str) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        sqlx::query("DELETE FROM leftovers WHERE sha256 = $1")
            .bind(sha256)
            .execute(change.connection())
            .await?;
        change.commit().await
    }

    /// Whether the package with this digest is needed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn need_of_package(&self, sha256: &str) -> Result<Need, RecordsError> {
        if self.is_package_used(sha256).await? {
            return Ok(Need::Needed);
        }
        let query = "SELECT COUNT(*) FROM operations WHERE status = 'InProgress' AND step = 'admit'";
        let under_way: i64 = sqlx::query_scalar(query).fetch_one(&mut *self.read().await?).await?;
        Ok(match under_way {
            0 => Need::Unneeded,
            _ => Need::Perhaps,
        })
    }
}
