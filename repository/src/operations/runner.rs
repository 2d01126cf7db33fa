//! Takes operations and carries them out, a few at a time, for as long as the server runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::steps::{StepError, carry_out, clean_up};
use crate::context::Context;
use crate::records::{Lease, Operation, OperationFailure, RecordsError};
use crate::server::Metrics;

/// Operations that one server carries out at a time.
const AT_ONCE: usize = 4;
/// How often is looked for operations that another server accepted or left behind.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pauses before an operation is tried again, when something that it needs did not work; the last one is repeated.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
];
/// Attempts after which an operation fails that has changed nothing yet. With the pauses between them that is a quarter of an hour.
const MOST_ATTEMPTS: u32 = 20;
/// Attempts to copy to a region after which an operation fails. With the pauses between them that is a day.
const MOST_WAITS: u32 = 300;

/// Carries operations out.
#[derive(Debug, Clone)]
pub struct Runner {
    context: Context,
    metrics: Arc<Metrics>,
}

impl Runner {
    /// A runner that is told of operations which this server accepted, and finds others by looking.
    pub fn new(context: Context, metrics: Arc<Metrics>) -> Self {
        Self { context, metrics }
    }

    /// Runs until `stop` becomes true. What is not at its end then goes back, for whomever comes next.
    pub async fn run(self, mut stop: watch::Receiver<bool>, patience: Duration) {
        let mut running = JoinSet::new();
        loop {
            while running.try_join_next().is_some() {}
            if running.len() < AT_ONCE {
                match self.context.records.take_operation(&self.context.server).await {
                    Ok(Some((lease, operation))) => {
                        let (this, stop) = (self.clone(), stop.clone());
                        running.spawn(async move { this.one(lease, operation, stop, patience).await });
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "no operation could be taken"),
                }
            }
            tokio::select! {
                () = self.context.accepted.notified() => {}
                Some(_) = running.join_next() => {}
                () = sleep(LOOK_EVERY) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// One operation, from taking it to its end or to giving it back.
    async fn one(&self, lease: Lease, operation: Operation, mut stop: watch::Receiver<bool>, patience: Duration) {
        let id = &operation.id;
        tracing::info!(id, kind = %operation.kind, attempt = operation.attempts, "operation taken");
        let outcome = tokio::select! {
            outcome = carry_out(&self.context, &lease, &operation) => outcome,
            lost = self.keep(&lease) => Err(lost.into()),
            () = async {
                let _ = stop.wait_for(|stop| *stop).await;
                sleep(patience).await;
            } => Err(StepError::Later("the server was told to stop".to_owned())),
        };
        let ended = match outcome {
            Ok(()) => self.end(&lease, &operation, Ok(())).await,
            Err(StepError::Failed(failure)) => self.end(&lease, &operation, Err(failure)).await,
            Err(StepError::Records(RecordsError::LeaseLost)) => Err(RecordsError::LeaseLost),
            Err(StepError::Records(error)) => {
                let cause = std::error::Error::source(&error)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                self.again(&lease, &operation, &format!("{error}: {cause}"), &stop)
                    .await
            }
            Err(StepError::Later(why)) => self.again(&lease, &operation, &why, &stop).await,
            Err(StepError::Waiting { not_before_ms, why }) => {
                tracing::warn!(id, why, "operation waits for a region");
                match operation.attempts >= MOST_WAITS {
                    true => self.end(&lease, &operation, Err(worn_out(&operation, &why))).await,
                    false => self.context.records.put_back(&lease, not_before_ms).await,
                }
            }
        };
        match ended {
            Ok(()) => {}
            Err(RecordsError::LeaseLost) => tracing::warn!(id, "operation is another server's by now"),
            // Its lease runs out, and it is taken again.
            Err(error) => tracing::warn!(id, %error, "operation could be neither ended nor put back"),
        }
    }

    async fn end(
        &self,
        lease: &Lease,
        operation: &Operation,
        outcome: Result<(), OperationFailure>,
    ) -> Result<(), RecordsError> {
        let records = &self.context.records;
        let made = match outcome {
            Err(_) => records.version(&operation.id).await?,
            Ok(()) => None,
        };
        records.end_operation(lease, operation, &outcome).await?;
        // What is left in stores names nothing that anybody is told of: if this fails it only takes room.
        if let Some(version) = made
            && records.version(&version.id).await?.is_none()
            && let Err(error) = clean_up(&self.context, operation, &version).await
        {
            tracing::warn!(id = operation.id, %error, "copies of a failed registration are left in stores");
        }
        let id = &operation.id;
        match &outcome {
            Ok(()) => tracing::info!(id, "operation succeeded"),
            Err(failure) => tracing::info!(id, code = failure.code, message = failure.message, "operation failed"),
        }
        let word = if outcome.is_ok() { "succeeded" } else { "failed" };
        self.metrics.operation(operation.kind.as_str(), word);
        Ok(())
    }

    /// Puts an operation back for a while, or fails it when it was tried often enough.
    async fn again(
        &self,
        lease: &Lease,
        operation: &Operation,
        why: &str,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), RecordsError> {
        let why = hostler_contract::escape_bounded(why, 1000);
        tracing::warn!(id = operation.id, why, "operation is to be tried again");
        let stopping = *stop.borrow();
        // What has begun to change is carried on with until it works: a store that is away comes back.
        if operation.attempts >= MOST_ATTEMPTS && operation.step == "admit" && !stopping {
            let failure = worn_out(operation, &why);
            return self.end(lease, operation, Err(failure)).await;
        }
        let pause = match stopping {
            true => Duration::ZERO,
            false => pause_after(operation.attempts),
        };
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        let records = &self.context.records;
        let not_before = self.context.surroundings.now_ms().saturating_add(pause);
        records.put_back(lease, not_before).await
    }

    /// Renews the lease again and again; ends when it is lost.
    async fn keep(&self, lease: &Lease) -> RecordsError {
        let lease_time = self.context.surroundings.lease;
        loop {
            sleep(lease_time / 3).await;
            // A database that hangs is no reason to believe that the lease still holds.
            match timeout(lease_time / 3, self.context.records.renew(lease)).await {
                Ok(Ok(())) => {}
                Ok(Err(RecordsError::LeaseLost)) => return RecordsError::LeaseLost,
                Ok(Err(error)) => tracing::warn!(%error, "a lease could not be renewed"),
                Err(_) => tracing::warn!("a lease could not be renewed in time"),
            }
        }
    }
}

/// The end of an operation that was tried too often.
fn worn_out(operation: &Operation, why: &str) -> OperationFailure {
    let why = hostler_contract::escape_bounded(why, 1000);
    OperationFailure {
        http_status: 500,
        code: "InternalError".to_owned(),
        message: format!(
            "it was tried {} times, and did not work at last: {why}",
            operation.attempts
        ),
    }
}

fn pause_after(attempts: u32) -> Duration {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    PAUSES
        .get(index)
        .or(PAUSES.last())
        .copied()
        .unwrap_or(Duration::from_secs(1))
}
