//! The sandbox through its library interface, on components written out as text; each is run in this process, on a thread
//! of its own and on that of who calls, and in workers, and the same must come of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod all_ways;
mod callers_thread;
mod components;
mod kept_code;
mod limits;
mod services;
