//! The agent: what a handler may do, what it is given, how it is run, and what is reported of it.
//!
//! # Layout, in the order in which data goes
//!
//! - [`goal_state`]: what should be there, and in which order it is brought about.
//! - [`grants`]: what a package asks for, as far as it is allowed.
//! - [`signatures`]: whose a package is.
//! - [`limits`]: what bounds a command.
//! - [`root`]: the folder below which everything lies; [`handler_dir`]: one handler's folders in it.
//! - [`repository`]: the signed index of a repository, held against what was fetched from there.
//! - [`lifecycle`]: which step of a handler's life is next, and one command with its variables.
//! - [`secrets`]: protected settings, opened for the handler that they are for and taken out of all that is kept or shown.
//! - [`sandbox`]: runs that command of one component inside those bounds.
//! - [`state`]: what is remembered, where no handler reaches it.
//! - [`audit`]: what was decided and done, so that nothing can be taken out of it unseen.
//! - [`report`]: what came of it, for the cloud and for people.
//! - [`events`]: what handlers tell of themselves, collected.
//! - [`apply`]: drives all of these from a goal state to a report.
//! - [`launcher`]: does one command of it for the native agent instead, from inside a package of that one.
//! - [`agent`]: does that again and again, for as long as it runs.
//! - [`self_test`]: the promises, tried where hostler runs.
//! - [`conformance`]: the contract, tried with a handler of anybody's.
//! - [`mod@bench`]: a handler in place where it can be measured.
//! - [`commands`]: the command line.
//!
//! # What can go wrong, and who says so
//!
//! A document is *refused* ([`hostler_contract::Refused`]) with findings. A command of a handler fails for a
//! [`report::Reason`], which is reported with the agent's code. What keeps a handler from being carried on with, where no
//! command failed, is a fault in [`apply`]; it is reported for that handler, and the next has its turn. What keeps the host
//! from going on at all is an error of its own type, and ends in a failure of [`commands`] with an exit code.

pub mod agent;
pub mod apply;
pub mod audit;
pub mod bench;
pub mod commands;
pub mod conformance;
pub mod events;
pub mod goal_state;
pub mod grants;
mod guest_file;
pub mod handler_dir;
mod host_file;
pub mod launcher;
pub mod lifecycle;
pub mod limits;
pub mod report;
pub mod repository;
pub mod root;
pub mod sandbox;
pub mod secrets;
pub mod self_test;
pub mod services;
mod signals;
pub mod signatures;
pub mod state;
