//! A handler where it can be measured: for `hostler bench`, and for the project's own benchmark.

mod place;

pub use place::{Given, Place, PlaceError, Turn};
