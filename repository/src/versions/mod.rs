//! What versions may become, and which one a machine gets: decided here, and nowhere else, from what is on record.
//!
//! Everything is a function of its arguments. Sections ("9.3") are those of `docs/registration.md`.
//!
//! - [`class`]: how much newer a version is.
//! - [`register`] and [`update`]: what a definition that was sent makes of what is known.
//! - [`remove`]: which version may go.
//! - [`resolve`]: which version answers a wish.

mod change;
mod class;
mod decide;
mod known;
mod rejected;
mod remove;
mod resolve;
mod rules;

pub use class::{VersionClass, class};
pub use decide::{Decision, register, update};
pub use known::Known;
pub use rejected::Rejected;
pub use remove::remove;
pub use resolve::{Candidate, Wish, resolve};
pub use rules::{AbsentRegions, AbsentVisibility, Rules, Shrinking};
