//! Who did what: a line committed with the change that it tells of, or with the refusal.

use sqlx::Row as _;

use super::{Change, Records, RecordsError};

/// Longest text of one field of a line, in bytes after escaping.
const MAX_FIELD: usize = 512;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The subscription it is done for; empty where none is.
    pub subscription: String,
    /// The thumbprint of the client's certificate, or `operator` for the command line, or `server`.
    pub actor: String,
    /// Where the client is; empty for the command line.
    pub caller_ip: String,
    /// The request that asked for it; empty for the command line.
    pub request_id: String,
}

impl By {
    /// Someone at the command line of the server.
    pub fn operator() -> Self {
        Self {
            subscription: String::new(),
            actor: "operator".to_owned(),
            caller_ip: String::new(),
            request_id: String::new(),
        }
    }

    /// What is said of `action` on `subject`.
    pub fn line(&self, action: &str, subject: &str, outcome: &str) -> AuditLine {
        let bounded = |text: &str| hostler_contract::escape_bounded(text, MAX_FIELD);
        AuditLine {
            at_ms: 0,
            by: self.clone(),
            action: bounded(action),
            subject: bounded(subject),
            outcome: bounded(outcome),
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// When, in milliseconds since 1970; set when it is written.
    pub at_ms: i64,
    /// Who.
    pub by: By,
    /// What was asked for: `register`, `subscription add`, ...
    pub action: String,
    /// Of what: `Namespace.Type 1.0.0`, a subscription, a blob.
    pub subject: String,
    /// `accepted`, `succeeded`, or why not.
    pub outcome: String,
}

pub(super) async fn append(change: &mut Change, line: &AuditLine) -> Result<(), RecordsError> {
    let query = "INSERT INTO audit (at_ms, subscription, actor, caller_ip, request_id, action, subject, outcome) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(query)
        .bind(change.now_ms)
        .bind(&line.by.subscription)
        .bind(&line.by.actor)
        .bind(&line.by.caller_ip)
        .bind(&line.by.request_id)
        .bind(&line.action)
        .bind(&line.subject)
        .bind(&line.outcome)
        .execute(change.connection())
        .await?;
    Ok(())
}

impl Records {
    /// Writes a line that belongs to no change: something was refused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, line: &AuditLine) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        append(&mut change, line).await?;
        change.commit().await
    }

    /// The last `count` lines, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_lines(&self, count: u32) -> Result<Vec<AuditLine>, RecordsError> {
        let query = "SELECT at_ms, subscription, actor, caller_ip, request_id, action, subject, outcome FROM audit \
                     ORDER BY number DESC LIMIT $1";
        let rows = sqlx::query(query)
            .bind(i64::from(count))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditLine {
                    at_ms: row.try_get("at_ms")?,
                    by: By {
                        subscription: row.try_get("subscription")?,
                        actor: row.try_get("actor")?,
                        caller_ip: row.try_get("caller_ip")?,
                        request_id: row.try_get("request_id")?,
                    },
                    action: row.try_get("action")?,
                    subject: row.try_get("subject")?,
                    outcome: row.try_get("outcome")?,
                })
            })
            .collect()
    }
}
