//! The second look at what a handler has on disk, for a command that takes longer: from outside, by who is not the one
//! that is being looked at (SECURITY 4.1).
//!
//! The limits themselves are kept inside the file calls. Should these ever miss something, a folder that holds twice what
//! it may is seen here, and the worker is ended.

use std::time::Duration;

use crate::limits::{LimitReached, Quota, Usage};
use crate::sandbox::disk::Disk;
use crate::sandbox::{Invocation, OpenFolder};

/// How often it is looked.
pub(super) const EVERY: Duration = Duration::from_millis(250);

/// How often over a folder may be full before it is too much: what the handler's own calls are refused at is once.
const TIMES: u64 = 2;

/// The limit that a folder of `invocation` is far beyond, if one is. A folder that cannot be looked at now is looked at
/// the next time. Granted folders are others' too, and may be large: they are left to the file calls.
pub(super) fn far_beyond(invocation: &Invocation, folders: &[OpenFolder]) -> Option<LimitReached> {
    let own = invocation
        .preopens
        .iter()
        .zip(folders)
        .filter(|(preopen, _)| !preopen.granted);
    let (preopens, folders): (Vec<_>, Vec<_>) = own.map(|(preopen, folder)| (preopen.clone(), folder)).unzip();
    let disk = Disk::of(&preopens, &folders, &invocation.limits).ok()?;
    let mut usage = Usage::new(&invocation.limits);
    disk.report(&mut usage);
    let names = Quota::ALL.into_iter().filter_map(Quota::limits);
    names
        .flat_map(|[bytes, files, _]| [bytes, files])
        .filter_map(|name| {
            let seen = usage.get(name);
            let used = seen
                .used
                .filter(|used| *used > seen.limit.value.saturating_mul(TIMES))?;
            Some(LimitReached {
                used: Some(used),
                ..LimitReached::new(name, &invocation.limits)
            })
        })
        .next()
}
