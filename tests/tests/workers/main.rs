//! The worker processes of the real binary: what the system sees of them, and what comes of a handler whose workers are
//! killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod killed;
mod traced;
