//! The sandbox through its library interface, on components written out as text; each is run in this process and in
//! workers, and the same must come of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod both_ways;
mod components;
mod kept_code;
mod limits;
mod services;
