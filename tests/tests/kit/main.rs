//! `hostler test`: the kit names the rule that a handler breaks, and no other.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]

mod bench;
mod breaches;
mod clocks;
mod inputs;
mod samples;
mod stage;
