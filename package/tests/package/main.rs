//! Tests of packages as a whole: bad ones, good ones, and making them.

#![expect(clippy::unwrap_used, reason = "what a test cannot set up is a failure of the test")]

mod author;
mod differential;
mod pack;
mod pkg_cases;
mod properties;
mod staging;
mod support;
