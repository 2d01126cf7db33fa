//! Certificates that were uploaded for subscriptions. One counts by its very bytes: nobody's signature on it matters.

use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::audit::{self, By};
use super::error::is_unique_violation;
use super::{Change, Records, RecordsError};

/// A certificate of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is.
    pub subscription: String,
    /// SHA-256 of its DER form, in lower-case hexadecimal: what it is known by.
    pub sha256: String,
    /// SHA-1 of its DER form in upper-case hexadecimal: what people and old tools call its thumbprint. Nothing is
    /// decided by it.
    pub sha1: String,
}

impl Certificate {
    /// A certificate by its DER form.
    pub fn new(subscription: &str, der: &[u8]) -> Self {
        Self {
            subscription: subscription.to_owned(),
            sha256: Self::digest(der),
            sha1: thumbprint(der),
        }
    }

    /// What a certificate is known by.
    pub fn digest(der: &[u8]) -> String {
        hex::encode(Sha256::digest(der))
    }

    fn from_row(row: &AnyRow) -> Result<Self, RecordsError> {
        Ok(Self {
            subscription: row.try_get("subscription")?,
            sha256: row.try_get("sha256")?,
            sha1: row.try_get("sha1")?,
        })
    }
}

/// What old tools call a certificate: SHA-1 of its DER form, in upper-case hexadecimal. A name, and no protection.
fn thumbprint(der: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    hex::encode_upper(digest)
}

/// Adds a certificate to a subscription that is there.
pub(super) async fn insert(
    change: &mut Change,
    subscription: &str,
    der: &[u8],
    by: &By,
) -> Result<Certificate, RecordsError> {
    let certificate = Certificate::new(subscription, der);
    let now_ms = change.now_ms;
    let query = "INSERT INTO certificates (subscription, sha256, sha1, der, created_ms) VALUES ($1, $2, $3, $4, $5)";
    let inserted = sqlx::query(query)
        .bind(subscription)
        .bind(&certificate.sha256)
        .bind(&certificate.sha1)
        .bind(der.to_vec())
        .bind(now_ms)
        .execute(change.connection())
        .await;
    match inserted {
        Err(error) if is_unique_violation(&error) => {
            return Err(RecordsError::Exists {
                what: format!("the certificate {}", certificate.sha1),
            });
        }
        other => other?,
    };
    let line = by.line("certificate add", subscription, &certificate.sha1);
    audit::append(change, &line).await?;
    Ok(certificate)
}

impl Records {
    /// The subscriptions for which a certificate was uploaded, by its [`Certificate::digest`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificate_subscriptions(&self, sha256: &str) -> Result<Vec<String>, RecordsError> {
        let rows = sqlx::query("SELECT subscription FROM certificates WHERE sha256 = $1 ORDER BY subscription")
            .bind(sha256)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The certificates of a subscription.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn certificates(&self, subscription: &str) -> Result<Vec<Certificate>, RecordsError> {
        let query =
            "SELECT subscription, sha256, sha1 FROM certificates WHERE subscription = $1 ORDER BY created_ms, sha256";
        let rows = sqlx::query(query)
            .bind(subscription)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(Certificate::from_row).collect()
    }

    /// Adds a certificate, in DER form, to a subscription.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] without such a subscription, [`RecordsError::Exists`] if it has this certificate; when
    /// the database fails.
    pub async fn add_certificate(&self, subscription: &str, der: &[u8], by: &By) -> Result<Certificate, RecordsError> {
        let mut change = self.change().await?;
        if super::subscription::by_id(change.connection(), subscription)
            .await?
            .is_none()
        {
            return Err(RecordsError::Missing {
                what: format!(
                    "the subscription `{}`",
                    hostler_contract::escape_bounded(subscription, 80)
                ),
            });
        }
        let certificate = insert(&mut change, subscription, der, by).await?;
        change.commit().await?;
        Ok(certificate)
    }

    /// Removes a certificate, by its thumbprint (SHA-1) or digest (SHA-256), from a subscription.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] if it has no such certificate; when the database fails.
    pub async fn remove_certificate(&self, subscription: &str, thumbprint: &str, by: &By) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        let query = "DELETE FROM certificates WHERE subscription = $1 AND (sha1 = $2 OR sha256 = $3)";
        let removed = sqlx::query(query)
            .bind(subscription)
            .bind(thumbprint.to_ascii_uppercase())
            .bind(thumbprint.to_ascii_lowercase())
            .execute(change.connection())
            .await?;
        if removed.rows_affected() == 0 {
            return Err(RecordsError::Missing {
                what: format!("the certificate {}", hostler_contract::escape_bounded(thumbprint, 80)),
            });
        }
        audit::append(&mut change, &by.line("certificate remove", subscription, thumbprint)).await?;
        change.commit().await
    }
}
