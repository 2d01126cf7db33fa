//! Subscriptions: who may read, and who may publish.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::audit::{self, By};
use super::error::is_unique_violation;
use super::words::words;
use super::{Records, RecordsError, certificate};

words! {
    /// Whether a subscription may do anything at all.
    SubscriptionStatus {
        /// It may.
        Active = "Active",
        /// It may not.
        Disabled = "Disabled",
    }
}

/// A publisher's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The first part of every path of it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it may do anything at all.
    pub status: SubscriptionStatus,
    /// Whether it may publish. Without it, it may only read.
    pub approved: bool,
    /// Versions that it may have at one time; `None` for the server's own quota.
    pub version_quota: Option<i64>,
}

impl Subscription {
    fn from_row(row: &AnyRow) -> Result<Self, RecordsError> {
        let status: String = row.try_get("status")?;
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            status: SubscriptionStatus::parse(&status).ok_or(RecordsError::Value {
                column: "subscriptions.status",
                value: status,
            })?,
            approved: row.try_get::<i64, _>("approved")? != 0,
            version_quota: row.try_get("version_quota")?,
        })
    }
}

/// The subscription `id`, as it stands for `connection`.
pub(super) async fn by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<Subscription>, RecordsError> {
    let row = sqlx::query("SELECT id, name, status, approved, version_quota FROM subscriptions WHERE id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(Subscription::from_row).transpose()
}

impl Records {
    /// The subscription `id`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscription(&self, id: &str) -> Result<Option<Subscription>, RecordsError> {
        by_id(&mut *self.read().await?, id).await
    }

    /// All subscriptions, by their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, RecordsError> {
        let rows = sqlx::query("SELECT id, name, status, approved, version_quota FROM subscriptions ORDER BY id")
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(Subscription::from_row).collect()
    }

    /// Makes a subscription, with a certificate in DER form where one is given.
    ///
    /// # Errors
    /// [`RecordsError::Exists`] when there is one of this id; when the database fails.
    pub async fn add_subscription(&self, new: &Subscription, der: Option<&[u8]>, by: &By) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let inserted = sqlx::query(
            "INSERT INTO subscriptions (id, name, status, approved, version_quota, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&new.id)
        .bind(&new.name)
        .bind(new.status.as_str())
        .bind(i64::from(new.approved))
        .bind(new.version_quota)
        .bind(change.now_ms)
        .execute(change.connection())
        .await;
        match inserted {
            Err(error) if is_unique_violation(&error) => {
                return Err(RecordsError::Exists {
                    what: format!("the subscription `{}`", new.id),
                });
            }
            other => other?,
        };
        if let Some(der) = der {
            certificate::insert(&mut change, &new.id, der, by).await?;
        }
        let line = by.line(
            "subscription add",
            &new.id,
            if new.approved { "approved" } else { "not approved" },
        );
        audit::append(&mut change, &line).await?;
        change.commit().await
    }

    /// Lets a subscription publish or not, and sets its quota where one is given.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] when there is none of this id; when the database fails.
    pub async fn approve_subscription(
        &self,
        id: &str,
        approved: bool,
        version_quota: Option<i64>,
        by: &By,
    ) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let changed = sqlx::query(
            "UPDATE subscriptions SET approved = $1, version_quota = COALESCE($2, version_quota) WHERE id = $3",
        )
        .bind(i64::from(approved))
        .bind(version_quota)
        .bind(id)
        .execute(change.connection())
        .await?;
        some(changed.rows_affected(), id)?;
        let outcome = if approved { "approved" } else { "not approved" };
        audit::append(&mut change, &by.line("subscription approve", id, outcome)).await?;
        change.commit().await
    }

    /// Lets a subscription do anything at all, or nothing.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] when there is none of this id; when the database fails.
    pub async fn set_subscription_status(
        &self,
        id: &str,
        status: SubscriptionStatus,
        by: &By,
    ) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let changed = sqlx::query("UPDATE subscriptions SET status = $1 WHERE id = $2")
            .bind(status.as_str())
            .bind(id)
            .execute(change.connection())
            .await?;
        some(changed.rows_affected(), id)?;
        audit::append(&mut change, &by.line("subscription status", id, status.as_str())).await?;
        change.commit().await
    }

    /// Removes a subscription and its certificates. What it published stays, and its namespaces stay its own.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] when there is none of this id; when the database fails.
    pub async fn remove_subscription(&self, id: &str, by: &By) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let removed = sqlx::query("DELETE FROM subscriptions WHERE id = $1")
            .bind(id)
            .execute(change.connection())
            .await?;
        some(removed.rows_affected(), id)?;
        audit::append(&mut change, &by.line("subscription remove", id, "removed")).await?;
        change.commit().await
    }
}

fn some(rows: u64, id: &str) -> Result<(), RecordsError> {
    match rows {
        0 => Err(RecordsError::Missing {
            what: format!("the subscription `{}`", hostler_contract::escape_bounded(id, 80)),
        }),
        _ => Ok(()),
    }
}
