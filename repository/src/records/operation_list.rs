//! Operations of a subscription in a span of time, page by page.

use super::operation::{Operation, from_row, with_columns};
use super::{Records, RecordsError};

/// Which operations are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationsAsked {
    /// Whose.
    pub subscription: String,
    /// Accepted then or later, in milliseconds since 1970.
    pub from_ms: i64,
    /// Accepted then or earlier, in milliseconds since 1970.
    pub to_ms: i64,
    /// Where the page before ended: its [`OperationPage::next`].
    pub after: Option<(i64, String)>,
    /// Most operations of a page.
    pub count: u32,
}

/// Some operations, those accepted first coming first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationPage {
    /// The operations.
    pub operations: Vec<Operation>,
    /// Where the next page starts, if there is one.
    pub next: Option<(i64, String)>,
}

impl Records {
    /// A page of a subscription's operations.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operations(&self, asked: &OperationsAsked) -> Result<OperationPage, RecordsError> {
        let (after_ms, after_id) = asked.after.clone().unwrap_or((i64::MIN, String::new()));
        let query = "SELECT {} FROM operations WHERE subscription = $1 AND created_ms >= $2 AND created_ms <= $3 \
                     AND (created_ms, id) > ($4, $5) ORDER BY created_ms, id LIMIT $6";
        let rows = sqlx::query(with_columns(query))
            .bind(&asked.subscription)
            .bind(asked.from_ms)
            .bind(asked.to_ms)
            .bind(after_ms)
            .bind(after_id)
            .bind(i64::from(asked.count).saturating_add(1))
            .fetch_all(&mut *self.read().await?)
            .await?;
        let mut operations: Vec<Operation> = rows.iter().map(from_row).collect::<Result<_, _>>()?;
        let wanted = usize::try_from(asked.count).unwrap_or(usize::MAX);
        let more = operations.len() > wanted;
        operations.truncate(wanted);
        let next = operations
            .last()
            .filter(|_| more)
            .map(|last| (last.created_ms, last.id.clone()));
        Ok(OperationPage { operations, next })
    }

    /// The last `count` operations of all subscriptions, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_operations(&self, count: u32) -> Result<Vec<Operation>, RecordsError> {
        let query = "SELECT {} FROM operations ORDER BY created_ms DESC, id DESC LIMIT $1";
        let rows = sqlx::query(with_columns(query))
            .bind(i64::from(count))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// Forgets operations that ended before `before_ms`; how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_operations(&self, before_ms: i64) -> Result<u64, RecordsError> {
        let mut change = self.change().await?;
        let removed = sqlx::query("DELETE FROM operations WHERE status <> 'InProgress' AND ended_ms < $1")
            .bind(before_ms)
            .execute(change.connection())
            .await?;
        change.commit().await?;
        Ok(removed.rows_affected())
    }
}
