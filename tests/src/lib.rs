//! What the tests of several crates share.
//!
//! It must not depend on the host, so that the small crates' tests build without a WebAssembly runtime.

mod canary;
mod code_cache;
mod forge;
pub mod fuzz_targets;
mod hostler;
mod isolation;
mod not_run;
mod openssl;
mod publisher;
mod secret;

pub use canary::{Snapshot, make_canary};
pub use code_cache::{NOTE, kept_code};
pub use forge::{Sizes, ZipEntry, ZipForge, extra_field};
pub use hostler::{Ran, hostler, kernels, native_program, package, recorder, run_hostler, run_hostler_in};
pub use isolation::Isolation;
pub use not_run::not_run;
pub use openssl::{Identity, OpenSsl};
pub use publisher::{goal_state, goal_state_entry, publish, recorder_package, version_manifest};
pub use secret::Secret;
