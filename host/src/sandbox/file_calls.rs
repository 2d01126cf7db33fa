//! Where a component's file calls are made.

/// On which thread a component's file calls are made, and whether its process does anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileCalls {
    /// On the component's own, in a process that does nothing else: several times faster, and only a process can be stopped
    /// in the middle of one.
    InItsProcess,
    /// On the component's own, in a process that does other things too: one that never ends keeps thread and component.
    OnItsThread,
    /// On threads of their own, so that the component's can go on without one that never ends; but for those that end:
    /// see [`OwnThread`](super::disk::OwnThread).
    Aside,
}

impl FileCalls {
    /// Whether all of them are made on the component's own thread.
    pub(super) fn are_on_its_thread(self) -> bool {
        self != Self::Aside
    }
}
