//! The agent: what a handler may do, what it is given, how it is run, and what is reported of it.
//!
//! # Layout, in the order in which data goes
//!
//! - [`goal_state`]: what should be there, and in which order it is brought about.
//! - [`grants`]: what a package asks for, as far as it is allowed.
//! - [`limits`]: what bounds a command.
//! - [`root`]: the folder below which everything lies; [`handler_dir`]: one handler's folders in it.
//! - [`lifecycle`]: which step of a handler's life is next, and one command with its variables.
//! - [`sandbox`]: runs that command of one component inside those bounds.
//! - [`state`]: what is remembered, where no handler reaches it.
//! - [`report`]: what came of it, for the cloud and for people.
//! - [`apply`]: drives all of these from a goal state to a report.
//! - [`commands`]: the command line.

pub mod apply;
pub mod commands;
pub mod goal_state;
pub mod grants;
mod guest_file;
pub mod handler_dir;
mod host_file;
pub mod lifecycle;
pub mod limits;
pub mod report;
pub mod root;
pub mod sandbox;
pub mod state;
