//! What opening a package or compiling a component may take.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a worker that opens a package or compiles a component may take before it is ended. Each is kept by the system on
/// the worker's process but the first, which the supervisor keeps; the code of what goes beyond is `compile.quota`,
/// `compile.worker` for too much code, and `pkg.worker` for a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepareQuota {
    /// Time from its start to its answer. Default 60 s.
    pub wall: Duration,
    /// Processor time, in seconds. Default 30.
    pub cpu_seconds: u64,
    /// Memory that it can write to, in bytes. Default 1.5 GiB.
    pub data_bytes: u64,
    /// Compiled code of one component, in bytes. Default 256 MiB.
    pub output_bytes: u64,
}

impl Default for PrepareQuota {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(60),
            cpu_seconds: 30,
            data_bytes: 1536 << 20,
            output_bytes: 256 << 20,
        }
    }
}
