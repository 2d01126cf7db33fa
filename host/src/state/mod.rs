//! What the host decides by, where no handler reaches it (design D4): `ROOT/state/hostler.sqlite`.
//!
//! One record for each handler holds the states of all its versions, so that one commit moves both sides of an update.
//! A step is committed before it is taken ([`HandlerRecord::under_way`]) and its result when it has ended; what an
//! interrupted host finds is therefore always a state from which the table of steps goes on. Records carry a checksum:
//! one that does not have it any more is put aside, and its handler counts as never installed (contract 11).

mod checksum;
mod database;
mod error;
mod record;
mod standing;
mod store;
mod write;

pub use error::StateError;
pub use record::{Approval, Awaiting, FailedUpdate, HandlerRecord, UnderWay, UpdateProgress, VersionRecord};
pub use standing::Standing;
pub use store::Store;
pub use write::{Kind, Write};
