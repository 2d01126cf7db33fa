//! A handler that panics still ends with a status.
//!
//! Natively the panic is caught. On wasm it ends the program, so the status is written by the panic hook, which runs
//! before that; the trap that follows is what the host counts as exit code 134.

use crate::{Failure, exit_code, status_file::StatusFile};

/// Runs `work`; a panic in it becomes a failure, or on wasm an error in `status`.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn caught<T>(_status: StatusFile, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    // The context is used afterwards only to tell of the failure, and the parts it has are whole ones.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let what = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Err(failure(what.as_deref()))
    })
}

/// Runs `work`; a panic in it becomes a failure, or on wasm an error in `status`.
#[cfg(target_family = "wasm")]
pub(crate) fn caught<T>(status: StatusFile, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Parts that were reported since are not in this copy; the message is what matters now.
        let _ = status.error(&failure(info.payload_as_str()));
        default(info);
    }));
    work()
}

fn failure(what: Option<&str>) -> Failure {
    Failure::new(format!("the handler panicked: {}", what.unwrap_or("no message"))).with_exit_code(exit_code::PANIC)
}
