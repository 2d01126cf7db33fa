//! What a package must be before a version of it becomes visible.
//!
//! The server takes no archive apart: a process of its own does, which is given one open file and can reach nothing else.
//! Its memory and its time are bounded, and what it says is believed only as far as it can be checked: the digest is the
//! server's own. The rules are those of `hostler_package` and those by which a host would refuse the package later.

mod admitted;
mod checker;
mod confined;
mod rules;

pub use admitted::{Admitted, PackageRefused, Registered};
pub use checker::{Checker, CheckerError};
pub use confined::run;
