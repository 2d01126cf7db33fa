//! Waiting for the end of an operation.

use std::time::{Duration, Instant};

use hostler_contract::registration::{OperationOutcome, RequestId};

use crate::client::Client;
use crate::error::PublishError;
use crate::pauses::Pauses;

/// How many looks in a row may find no server.
const UNANSWERED: u32 = 5;

/// How a wait is going: told after each look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    /// How often was looked.
    pub looks: u32,
    /// How long it has taken.
    pub elapsed: Duration,
}

impl Client {
    /// Waits until an operation has ended, looking after 2 s and then ever more seldom, up to every 30 s. `tell` is
    /// told how it goes after each look that found no end.
    ///
    /// # Errors
    /// As all calls; [`PublishError::Operation`] when the operation failed; [`PublishError::StillInProgress`] when
    /// `patience` is over.
    pub async fn wait(
        &self,
        id: RequestId,
        patience: Duration,
        mut tell: impl AsyncFnMut(Waited),
    ) -> Result<(), PublishError> {
        let began = Instant::now();
        let mut looks = 0;
        let mut unanswered = 0;
        for pause in Pauses::between_looks(self.second()) {
            let outcome = match self.operation(id).await {
                Ok(operation) => operation.outcome,
                // A server that is started anew goes on with its operations.
                Err(error) if error.is_unreachable() && unanswered < UNANSWERED => {
                    unanswered += 1;
                    tokio::time::sleep(pause).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            unanswered = 0;
            match outcome {
                OperationOutcome::Succeeded { .. } => return Ok(()),
                OperationOutcome::Failed { http_status, error } => {
                    let status = http_status;
                    return Err(PublishError::Operation { id, status, error });
                }
                OperationOutcome::InProgress => {}
            }
            looks += 1;
            let elapsed = began.elapsed();
            if elapsed + pause > patience {
                break;
            }
            tell(Waited { looks, elapsed }).await;
            tokio::time::sleep(pause).await;
        }
        Err(PublishError::StillInProgress { id })
    }
}
