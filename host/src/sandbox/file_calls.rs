//! Where a component's file calls are made.

/// On which thread a component's file calls are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileCalls {
    /// On the component's own: several times faster, but only a process can be stopped in the middle of one.
    OnItsThread,
    /// On threads of their own, so that the component's can go on without one that never ends.
    Aside,
}
