//! Operations: what was accepted, who asked for it, and what came of it.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::audit::{self, By};
use super::version::{self, Version};
use super::words::words;
use super::{Records, RecordsError};

words! {
    /// What an operation does.
    OperationKind {
        /// A new extension with its first version.
        Register = "RegisterExtension",
        /// One more version of an extension.
        AddVersion = "AddExtensionVersion",
        /// Other texts, visibility or regions for a version.
        ChangeVersion = "ChangeExtensionVersion",
        /// A version goes.
        Unregister = "UnregisterExtensionVersion",
    }
}

words! {
    /// How far an operation is. No client knows a fourth word.
    OperationStatus {
        /// Accepted, and not at its end.
        InProgress = "InProgress",
        /// Done.
        Succeeded = "Succeeded",
        /// Given up; what it began was undone.
        Failed = "Failed",
    }
}

/// Why an operation failed, as its publisher is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct OperationFailure {
    /// The HTTP status that a synchronous answer would have had.
    pub http_status: u16,
    /// A code of the management API: `BadRequest`, `InternalError`, ...
    pub code: String,
    /// What, where and what would be right; never a secret.
    pub message: String,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The request that asked for it: 32 lower-case hexadecimal digits.
    pub id: String,
    /// For whom.
    pub subscription: String,
    /// What it does.
    pub kind: OperationKind,
    /// `ProviderNameSpace`.
    pub namespace: String,
    /// `Type`.
    pub extension_type: String,
    /// The version, as it was asked for.
    pub version: String,
    /// The whole definition that the version is to have, in canonical form; for [`OperationKind::Unregister`] the digest
    /// of its package.
    pub payload: String,
    /// Where the client was.
    pub caller_ip: String,
    /// The thumbprint of its certificate.
    pub thumbprint: String,
    /// Which step is next: `admit` while nothing was changed, then `replicate` or `publish`.
    pub step: String,
    /// How far it is.
    pub status: OperationStatus,
    /// The HTTP status of its end.
    pub http_status: Option<u16>,
    /// Why it failed.
    pub failure: Option<OperationFailure>,
    /// When it was accepted, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: Option<i64>,
    /// How often a server took it up.
    pub attempts: u32,
}

/// An operation to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOperation {
    /// Who asks; the request's number becomes the operation's.
    pub by: By,
    /// What it does, as far as the request tells: an update is [`OperationKind::AddVersion`] until the records were seen.
    pub kind: OperationKind,
    /// `ProviderNameSpace`.
    pub namespace: String,
    /// `Type`.
    pub extension_type: String,
    /// The version, as it was asked for.
    pub version: String,
    /// SHA-256 of the request's body, by which the same request is known when it comes again.
    pub request_sha256: String,
}

impl NewOperation {
    /// What hosts call the extension, by which it is alone: two parts with a dot between them, and dots in them.
    fn handler_name(&self) -> String {
        format!("{}.{}", self.namespace, self.extension_type)
    }
}

/// What is on record where an operation is to be accepted. Nothing of it changes before that is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose the namespace is; `None` if nobody has used it.
    pub namespace_owner: Option<String>,
    /// All versions of the extension, the lowest first.
    pub versions: Vec<Version>,
    /// Namespace and type of another extension that hosts call the same, if there is one.
    pub same_name: Option<(String, String)>,
    /// Versions that the subscription has, with those being made.
    pub versions_of_subscription: i64,
    /// How many it may have, where it has a quota of its own.
    pub version_quota: Option<i64>,
}

/// What came of the wish for an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted<R> {
    /// It is on record, and will be carried out.
    Accepted,
    /// This one runs on the same extension.
    Conflict {
        /// Its number.
        running: String,
        /// Whether it is the very same request of the same client.
        same_request: bool,
    },
    /// The decision was against it.
    Refused(R),
}

const COLUMNS: &str = "id, subscription, kind, namespace, type, version, payload, caller_ip, thumbprint, step, status, \
                       http_status, error_code, error_message, created_ms, ended_ms, attempts";

pub(super) fn from_row(row: &AnyRow) -> Result<Operation, RecordsError> {
    let kind: String = row.try_get("kind")?;
    let status: String = row.try_get("status")?;
    let http_status = row.try_get::<Option<i64>, _>("http_status")?;
    let http_status = http_status.and_then(|status| u16::try_from(status).ok());
    let code: Option<String> = row.try_get("error_code")?;
    let message: Option<String> = row.try_get("error_message")?;
    Ok(Operation {
        id: row.try_get("id")?,
        subscription: row.try_get("subscription")?,
        kind: OperationKind::parse(&kind).ok_or(RecordsError::Value {
            column: "operations.kind",
            value: kind,
        })?,
        namespace: row.try_get("namespace")?,
        extension_type: row.try_get("type")?,
        version: row.try_get("version")?,
        payload: row.try_get("payload")?,
        caller_ip: row.try_get("caller_ip")?,
        thumbprint: row.try_get("thumbprint")?,
        step: row.try_get("step")?,
        status: OperationStatus::parse(&status).ok_or(RecordsError::Value {
            column: "operations.status",
            value: status,
        })?,
        http_status,
        failure: code.map(|code| OperationFailure {
            http_status: http_status.unwrap_or(500),
            code,
            message: message.unwrap_or_default(),
        }),
        created_ms: row.try_get("created_ms")?,
        ended_ms: row.try_get("ended_ms")?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
    })
}

/// A statement that ends in `rest`, with the columns of an operation in the place of `{}`.
pub(super) fn with_columns(statement: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(statement.replace("{}", COLUMNS))
}

impl Records {
    /// The operation `id` of a subscription.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operation(&self, subscription: &str, id: &str) -> Result<Option<Operation>, RecordsError> {
        let row = sqlx::query(with_columns(
            "SELECT {} FROM operations WHERE id = $1 AND subscription = $2",
        ))
        .bind(id)
        .bind(subscription)
        .fetch_optional(&mut *self.read().await?)
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Accepts an operation if none runs on its extension and `decide` gives what it does and its payload.
    ///
    /// The operation, its audit line and the claim to its namespace are committed before this returns.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn submit<R: Send>(
        &self,
        new: &NewOperation,
        decide: impl FnOnce(&Standing) -> Result<(OperationKind, String), R> + Send,
    ) -> Result<Submitted<R>, RecordsError> {
        let mut change = self.change().await?;
        let now_ms = change.now_ms;
        // The subscription's requests queue up here, so that two of them do not both take the last place of its quota.
        sqlx::query("UPDATE subscriptions SET id = id WHERE id = $1")
            .bind(&new.by.subscription)
            .execute(change.connection())
            .await?;
        // From here on no other operation on this extension is accepted: the index of running ones sees to it.
        let query = "INSERT INTO operations (id, subscription, kind, namespace, type, version, payload, request_sha256, \
                     caller_ip, thumbprint, step, status, created_ms, attempts, not_before_ms, lease_until_ms) \
                     VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9, 'admit', 'InProgress', $10, 0, 0, 0) \
                     ON CONFLICT DO NOTHING";
        let inserted = sqlx::query(query)
            .bind(&new.by.request_id)
            .bind(&new.by.subscription)
            .bind(new.kind.as_str())
            .bind(&new.namespace)
            .bind(&new.extension_type)
            .bind(&new.version)
            .bind(&new.request_sha256)
            .bind(&new.by.caller_ip)
            .bind(&new.by.actor)
            .bind(now_ms)
            .execute(change.connection())
            .await?;
        if inserted.rows_affected() == 0 {
            return conflict(change.connection(), new).await;
        }
        if new.kind == OperationKind::Register {
            let query =
                "INSERT INTO namespaces (name, subscription, created_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            sqlx::query(query)
                .bind(&new.namespace)
                .bind(&new.by.subscription)
                .bind(now_ms)
                .execute(change.connection())
                .await?;
        }
        let standing = standing(change.connection(), new).await?;
        let (kind, payload) = match decide(&standing) {
            Ok(decided) => decided,
            // Nothing was committed: dropping the transaction takes all of it back.
            Err(refusal) => return Ok(Submitted::Refused(refusal)),
        };
        sqlx::query("UPDATE operations SET kind = $1, payload = $2 WHERE id = $3")
            .bind(kind.as_str())
            .bind(payload)
            .bind(&new.by.request_id)
            .execute(change.connection())
            .await?;
        let subject = format!("{}.{} {}", new.namespace, new.extension_type, new.version);
        audit::append(&mut change, &new.by.line(kind.as_str(), &subject, "accepted")).await?;
        change.commit().await?;
        Ok(Submitted::Accepted)
    }

    /// Operations by status, and how many there are of each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operation_counts(&self) -> Result<Vec<(String, i64)>, RecordsError> {
        let rows = sqlx::query("SELECT status, COUNT(*) AS many FROM operations GROUP BY status ORDER BY status")
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("status")?, row.try_get("many")?)))
            .collect()
    }
}

async fn conflict<R>(connection: &mut AnyConnection, new: &NewOperation) -> Result<Submitted<R>, RecordsError> {
    let query = "SELECT id, subscription, thumbprint, request_sha256 FROM operations \
                 WHERE namespace || '.' || type = $1 AND status = 'InProgress'";
    let row = sqlx::query(query)
        .bind(new.handler_name())
        .fetch_optional(connection)
        .await?;
    // It may have ended since: that it was in the way is still true.
    let Some(row) = row else {
        return Ok(Submitted::Conflict {
            running: String::new(),
            same_request: false,
        });
    };
    Ok(Submitted::Conflict {
        running: row.try_get("id")?,
        same_request: row.try_get::<String, _>("subscription")? == new.by.subscription
            && row.try_get::<String, _>("thumbprint")? == new.by.actor
            && row.try_get::<String, _>("request_sha256")? == new.request_sha256,
    })
}

async fn standing(connection: &mut AnyConnection, new: &NewOperation) -> Result<Standing, RecordsError> {
    let namespace_owner = sqlx::query_scalar("SELECT subscription FROM namespaces WHERE name = $1")
        .bind(&new.namespace)
        .fetch_optional(&mut *connection)
        .await?;
    let versions = version::of_extension(connection, &new.namespace, &new.extension_type).await?;
    let query = "SELECT namespace, type FROM versions WHERE namespace || '.' || type = $1 AND namespace <> $2 LIMIT 1";
    let same_name = sqlx::query(query)
        .bind(new.handler_name())
        .bind(&new.namespace)
        .fetch_optional(&mut *connection)
        .await?;
    let same_name = same_name
        .map(|row| Ok::<_, RecordsError>((row.try_get("namespace")?, row.try_get("type")?)))
        .transpose()?;
    let query = "SELECT (SELECT COUNT(*) FROM versions WHERE subscription = $1) + (SELECT COUNT(*) FROM operations \
                 WHERE subscription = $1 AND status = 'InProgress' AND step = 'admit' AND id <> $2 \
                 AND kind IN ('RegisterExtension', 'AddExtensionVersion'))";
    let versions_of_subscription = sqlx::query_scalar(query)
        .bind(&new.by.subscription)
        .bind(&new.by.request_id)
        .fetch_one(&mut *connection)
        .await?;
    let subscription = super::subscription::by_id(connection, &new.by.subscription).await?;
    Ok(Standing {
        namespace_owner,
        versions,
        same_name,
        versions_of_subscription,
        version_quota: subscription.and_then(|subscription| subscription.version_quota),
    })
}
