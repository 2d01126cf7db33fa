//! Copying a version's package to the store of each region.
//!
//! How far each copy is stands in the records, so that whichever server goes on after another one died goes on from there.
//! A copy counts when it was read back. One that fails is tried again after a pause that grows; the other regions do not
//! wait for it.

mod copy;
mod replicator;

pub use copy::copy;
pub use replicator::{Replicated, Replicator};
