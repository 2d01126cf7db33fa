//! Who carries an operation out: a server takes it for a while, says again and again that it still lives, and has no say
//! any more once another server has taken it over.

use super::audit::{self, By};
use super::operation::{Operation, OperationFailure, from_row, with_columns};
use super::{Change, OperationStatus, Records, RecordsError};

/// The right to carry one operation out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The operation.
    pub operation: String,
    /// The server.
    pub owner: String,
}

/// Fails unless the lease holds, and keeps it from being taken over before this transaction ends.
pub(super) async fn hold(change: &mut Change, lease: &Lease) -> Result<(), RecordsError> {
    let query = "UPDATE operations SET lease_owner = lease_owner \
                 WHERE id = $1 AND lease_owner = $2 AND status = 'InProgress'";
    let held = sqlx::query(query)
        .bind(&lease.operation)
        .bind(&lease.owner)
        .execute(change.connection())
        .await?;
    match held.rows_affected() {
        0 => Err(RecordsError::LeaseLost),
        _ => Ok(()),
    }
}

impl Records {
    /// Takes the operation that waited longest and is nobody's, or whose server said nothing for too long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_operation(&self, owner: &str) -> Result<Option<(Lease, Operation)>, RecordsError> {
        // Most often there is nothing: that is seen without writing.
        let waiting = "SELECT id FROM operations WHERE status = 'InProgress' AND lease_until_ms < $1 AND not_before_ms <= $1 \
                       ORDER BY created_ms, id LIMIT 1";
        let id: Option<String> = sqlx::query_scalar(waiting)
            .bind(self.surroundings.now_ms())
            .fetch_optional(&mut *self.read().await?)
            .await?;
        let Some(id) = id else { return Ok(None) };
        let mut change = self.change().await?;
        // What was seen is asked for again, by the statement that writes: of two servers one finds it changed.
        let query = "UPDATE operations SET lease_owner = $1, lease_until_ms = $2, attempts = attempts + 1 \
                     WHERE id = $3 AND status = 'InProgress' AND lease_until_ms < $4 AND not_before_ms <= $4 RETURNING {}";
        let until = change.now_ms.saturating_add(self.lease_ms());
        let row = sqlx::query(with_columns(query))
            .bind(owner)
            .bind(until)
            .bind(&id)
            .bind(change.now_ms)
            .fetch_optional(change.connection())
            .await?;
        let operation = row.as_ref().map(from_row).transpose()?;
        change.commit().await?;
        Ok(operation.map(|operation| {
            let lease = Lease {
                operation: operation.id.clone(),
                owner: owner.to_owned(),
            };
            (lease, operation)
        }))
    }

    /// Says that the server of this lease lives.
    ///
    /// # Errors
    /// [`RecordsError::LeaseLost`]; when the database fails.
    pub async fn renew(&self, lease: &Lease) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        hold(&mut change, lease).await?;
        sqlx::query("UPDATE operations SET lease_until_ms = $1 WHERE id = $2")
            .bind(change.now_ms.saturating_add(self.lease_ms()))
            .bind(&lease.operation)
            .execute(change.connection())
            .await?;
        change.commit().await
    }

    /// Gives an operation back, to be taken again, by whomever, from `not_before_ms` on.
    ///
    /// # Errors
    /// [`RecordsError::LeaseLost`]; when the database fails.
    pub async fn put_back(&self, lease: &Lease, not_before_ms: i64) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        hold(&mut change, lease).await?;
        sqlx::query("UPDATE operations SET lease_owner = NULL, lease_until_ms = 0, not_before_ms = $1 WHERE id = $2")
            .bind(not_before_ms)
            .bind(&lease.operation)
            .execute(change.connection())
            .await?;
        change.commit().await
    }

    /// Gives everything back that `owner` has, as a server does that finds what it left behind when it died.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_all_back(&self, owner: &str) -> Result<u64, RecordsError> {
        let mut change = self.change().await?;
        let query = "UPDATE operations SET lease_owner = NULL, lease_until_ms = 0 \
                     WHERE lease_owner = $1 AND status = 'InProgress'";
        let freed = sqlx::query(query).bind(owner).execute(change.connection()).await?;
        sqlx::query("DELETE FROM locks WHERE owner = $1")
            .bind(owner)
            .execute(change.connection())
            .await?;
        change.commit().await?;
        Ok(freed.rows_affected())
    }

    /// Ends an operation, once and for all. A failed one takes back what it recorded: a version that is not available
    /// yet, and the claim to a namespace in which nothing was ever registered.
    ///
    /// # Errors
    /// [`RecordsError::LeaseLost`]; when the database fails.
    pub async fn end_operation(
        &self,
        lease: &Lease,
        operation: &Operation,
        outcome: &Result<(), OperationFailure>,
    ) -> Result<(), RecordsError> {
        let mut change = self.change().await?;
        hold(&mut change, lease).await?;
        let (status, http_status) = match outcome {
            Ok(()) => (OperationStatus::Succeeded, 200),
            Err(failure) => (OperationStatus::Failed, failure.http_status),
        };
        let failure = outcome.as_ref().err();
        let query = "UPDATE operations SET status = $1, http_status = $2, error_code = $3, error_message = $4, \
                     ended_ms = $5, lease_owner = NULL WHERE id = $6";
        sqlx::query(query)
            .bind(status.as_str())
            .bind(i64::from(http_status))
            .bind(failure.map(|failure| failure.code.clone()))
            .bind(failure.map(|failure| failure.message.clone()))
            .bind(change.now_ms)
            .bind(&operation.id)
            .execute(change.connection())
            .await?;
        if outcome.is_err() {
            take_back(&mut change, operation).await?;
        }
        let by = By {
            subscription: operation.subscription.clone(),
            actor: operation.thumbprint.clone(),
            caller_ip: operation.caller_ip.clone(),
            request_id: operation.id.clone(),
        };
        let subject = format!(
            "{}.{} {}",
            operation.namespace, operation.extension_type, operation.version
        );
        let said = failure.map_or_else(
            || "succeeded".to_owned(),
            |failure| format!("failed: {}", failure.message),
        );
        audit::append(&mut change, &by.line(operation.kind.as_str(), &subject, &said)).await?;
        change.commit().await
    }
}

async fn take_back(change: &mut Change, operation: &Operation) -> Result<(), RecordsError> {
    // A version has the number of the operation that made it.
    sqlx::query("DELETE FROM versions WHERE id = $1 AND state = 'Replicating'")
        .bind(&operation.id)
        .execute(change.connection())
        .await?;
    let query = "DELETE FROM namespaces WHERE name = $1 \
                 AND NOT EXISTS (SELECT 1 FROM versions WHERE namespace = $1) \
                 AND NOT EXISTS (SELECT 1 FROM operations WHERE namespace = $1 AND status <> 'Failed')";
    sqlx::query(query)
        .bind(&operation.namespace)
        .execute(change.connection())
        .await?;
    super::version_change::changed(change).await
}
