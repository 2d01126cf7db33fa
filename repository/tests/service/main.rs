//! The management API, who is let in, operations and databases: through the real server, over TLS on loopback, over
//! SQLite and over a PostgreSQL that is started for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod backup;
mod beside;
mod calls;
#[path = "../hosts/client.rs"]
mod client;
mod concurrent;
mod crash;
mod databases;
mod filled;
mod first_start;
mod lists;
mod names;
mod postgres;
#[path = "../hosts/registration.rs"]
#[expect(dead_code, reason = "tests of what hosts fetch need more of it")]
mod registration;
mod scripts;
#[path = "../hosts/server.rs"]
#[expect(dead_code, reason = "tests of what hosts fetch need more of it")]
mod server;
mod stop;
mod sweep;
mod wire;
