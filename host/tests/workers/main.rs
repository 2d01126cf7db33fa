//! Worker processes through the sandbox's library interface: what they are behind, what comes of a command whose worker
//! is killed or lies, and that many hostile commands cost the host and other handlers nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bounds;
mod components;
mod forged;
mod killed;
mod many;
mod processes;
mod programs;
mod surroundings;
