//! Bad packages, a test for each threat to the reader of packages, called by its number.

mod format;
mod names;
mod package;
mod sizes;
mod tree;
