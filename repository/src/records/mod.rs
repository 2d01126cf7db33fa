//! What is known: subscriptions, versions, operations and uploads, in one database.
//!
//! [`Records`] is the only way to it. Every change is one transaction: what was done, its audit line, and the operation
//! that it belongs to, or nothing of it. Several servers may work on one database: what must happen once is decided by a
//! unique index or by a row that one of them changed first (`lease`), never by looking first and writing later.
//!
//! The same statements go to SQLite and PostgreSQL; [`Dialect`] has what differs.

mod address;
mod audit;
mod backup;
mod blob;
mod certificate;
mod dialect;
mod error;
mod lease;
mod lock;
mod operation;
mod operation_list;
mod region;
mod subscription;
mod unused;
mod version;
mod version_change;
mod words;

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions as _, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

pub use audit::{AuditLine, By};
pub use backup::{BackupError, Restored};
pub use blob::Blob;
pub use certificate::Certificate;
pub use dialect::Dialect;
pub use error::RecordsError;
pub use lease::Lease;
pub use lock::Lock;
pub use operation::{NewOperation, Operation, OperationFailure, OperationKind, OperationStatus, Standing, Submitted};
pub use operation_list::{OperationPage, OperationsAsked};
pub use region::{RegionState, RegionStatus};
pub use subscription::{Subscription, SubscriptionStatus};
pub use unused::Need;
pub use version::{NewVersion, Regions, Version, VersionState, Visibility, version_key};
pub use version_change::VersionChange;

use crate::surroundings::Surroundings;

/// How long a request waits for a connection before it is told that the server is busy.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(10);

/// The records in one database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Records {
    pool: AnyPool,
    dialect: Dialect,
    /// Makes writers of this process queue up fairly where the database takes one at a time.
    writer: Arc<Mutex<()>>,
    surroundings: Surroundings,
}

impl Records {
    /// Opens the database at `url`, and brings its tables to the form of this version.
    ///
    /// # Errors
    /// A URL of no database that is known, a database that does not answer, one of a later version.
    pub async fn open(url: &str, surroundings: Surroundings) -> Result<Self, RecordsError> {
        let dialect = Dialect::of(url)?;
        // Once or many times: it is the same list.
        sqlx::any::install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]).ok();
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(dialect.connections())
            .acquire_timeout(CONNECTION_PATIENCE)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    for statement in dialect.greeting() {
                        sqlx::query(*statement).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options.disable_statement_logging())
            .await?;
        let records = Self {
            pool,
            dialect,
            writer: Arc::default(),
            surroundings,
        };
        records.migrate().await?;
        Ok(records)
    }

    async fn migrate(&self) -> Result<(), RecordsError> {
        let migrator = self.dialect.migrations();
        migrator.run(&self.pool).await.map_err(RecordsError::Tables)
    }

    /// The clock and all else that comes from outside.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), RecordsError> {
        sqlx::query("SELECT 1").execute(&mut *self.read().await?).await?;
        Ok(())
    }

    /// Waits until nothing is written any more, and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection to read with.
    async fn read(&self) -> Result<PoolConnection<Any>, RecordsError> {
        Ok(self.pool.acquire().await?)
    }

    /// A view that stays the same from its first statement on.
    async fn snapshot(&self) -> Result<Transaction<'static, Any>, RecordsError> {
        Ok(self.pool.begin_with(self.dialect.begin_snapshot()).await?)
    }

    /// A transaction that writes. It is undone unless it is committed.
    async fn change(&self) -> Result<Change, RecordsError> {
        let turn = match self.dialect {
            Dialect::Sqlite => Some(Arc::clone(&self.writer).lock_owned().await),
            Dialect::Postgres => None,
        };
        let transaction = self.pool.begin_with(self.dialect.begin()).await?;
        Ok(Change {
            transaction,
            now_ms: self.surroundings.now_ms(),
            _turn: turn,
        })
    }
}

/// A transaction that writes.
struct Change {
    transaction: Transaction<'static, Any>,
    /// When it began: all that it writes has this time.
    now_ms: i64,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Change {
    fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    async fn commit(self) -> Result<(), RecordsError> {
        Ok(self.transaction.commit().await?)
    }
}
