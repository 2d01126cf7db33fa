//! What else the agent does again and again beside carrying goal states out: the place for services and for what is
//! collected. One thread has them all, which is not the one that decides or reports.

use std::time::Duration;

/// Something that is done again and again.
///
/// Each period of the agent it gets a turn; what wants longer pauses keeps count by `now`. One that takes its time delays
/// the others of its kind, and nothing else. The root is locked by the agent for as long as it lives; its store and its
/// audit log are open for writing in the thread that carries goal states out, and nowhere else
/// ([`Store::look`](crate::state::Store::look) reads beside it).
pub trait Periodic: Send {
    /// A turn, at `now` of the monotonic clock since the agent started.
    fn turn(&mut self, now: Duration);

    /// The agent stops: what it keeps running is to come to its end, within the time that the agent has for that. There
    /// is no further turn.
    fn stop(&mut self) {}
}
