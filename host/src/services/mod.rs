//! Handlers that stay: services that run on after `enable`, kept by whoever stays as well, the agent.
//!
//! A service is started after each `enable` of its handler that went well, and stopped before the handler's next command,
//! so that the two never work at the same time. One that ends without having been told to has fallen: it is started again
//! after growing pauses, and given up on when it falls too often ([`Restarts`]).
//!
//! Nothing of it is remembered on the disk: an agent that starts enables its handlers again (contract 11), and starts their
//! services with that.

mod keeper;
mod kept;
mod restarts;

pub use keeper::{ServiceName, Services};
pub use restarts::{BUDGET, BUDGET_PERIOD, Next, Restarts};

use std::time::Duration;

/// How long a service that was told to stop may take, before it is ended where it is.
pub const STOP_GRACE: Duration = Duration::from_secs(10);
