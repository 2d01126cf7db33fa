//! The goal state that machines poll: what an operator wants them to have, with versions resolved here.
//!
//! [`Wanted`] is the operator's file. [`document`] makes of it, of the versions that there are and of the document before
//! the vmSettings document that hosts read. A hotfix that was published reaches them by itself: the next document names
//! it.

mod document;
mod files;
mod offered;
mod wanted;

pub use document::document;
pub use files::{GoalStateError, from_file, renew};
pub use offered::offered;
pub use wanted::{MAX_WANTED_BYTES, Wanted, WantedHandler};
