//! `hostler apply` stopped at any moment, on damaged files, beside another, and where there is no room: what comes next
//! goes on from what is there, or says why not.
//!
//! The handler is the recorder, which writes down each command before it does anything else, so that a test sees which
//! commands ran and can stop the host while one of them runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod after;
mod beside;
mod changes;
mod clock;
mod command_kills;
mod course;
mod damaged;
mod descriptors;
mod durable;
mod failing;
mod invariants;
mod life;
mod machine;
mod mounts;
mod random;
mod random_kills;
mod roll_back;
mod standing;
mod stops;
mod streams;
mod torn;
mod tracer;
mod tree;
