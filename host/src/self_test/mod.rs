//! The promises, tried on the machine that hostler runs on.
//!
//! A table of probes, each with what is tried, on which promise it bears and how what came of it is judged. All of it is
//! pure: `commands/self_test` carries the probes out, by the same way as `hostler run`, and hands over what was [`Seen`].
//! A probe is held only where the attack was seen to be made: what proves nothing counts as broken.
//!
//! ```text
//! table ── Probe ──► carried out ── Seen ──► judge ── Judged ──► Account
//! ```

mod account;
mod checks;
mod forged;
mod judge;
mod probe;
mod promise;
mod seen;
mod table;

pub use account::{Account, ProbeAccount, PromiseAccount, Standing};
pub use judge::{Judged, judge};
pub use probe::{Forgery, Probe, Target, Try};
pub use promise::Promise;
pub use seen::{Ran, RefusedSeen, Seen, What};
pub use table::{missing_verbs, table};
