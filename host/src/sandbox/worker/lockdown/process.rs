//! What a process can give up by itself, on every Linux.

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior, set_parent_process_death_signal, setrlimit,
};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};

use super::{LockdownError, io_error};

/// What the system lets a process use: a second line behind hostler's own limits, which are lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::worker) struct ResourceLimits {
    /// Memory that it can write to, in bytes.
    pub(in crate::sandbox::worker) data: u64,
    /// Processor time, in seconds.
    pub(in crate::sandbox::worker) cpu: u64,
    /// The size of a file, in bytes.
    pub(in crate::sandbox::worker) file: u64,
    /// Descriptors.
    pub(in crate::sandbox::worker) descriptors: u64,
}

/// Closes every descriptor but standard input, output and error: a worker gets its own with its job.
#[expect(unsafe_code, reason = "the standard library closes only what it opened itself")]
pub(super) fn close_inherited() -> Result<(), LockdownError> {
    const FIRST: libc::c_uint = 3;
    // SAFETY: nothing in this process has opened a descriptor yet: it has just begun, and this is the first thing that a
    // worker does. So none that is closed here belongs to anything.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, 0) };
    if closed == 0 {
        return Ok(());
    }
    Err(io_error("descriptors cannot be closed")(std::io::Error::last_os_error()))
}

/// No new privileges, no debugger, no core, no life beyond that of who started it.
pub(super) fn give_up_privileges() -> Result<(), LockdownError> {
    set_no_new_privs(true).map_err(io_error("new privileges cannot be given up"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(io_error("it stays open to debuggers"))?;
    // Should it be gone already, the channel is closed, and the worker ends there.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(io_error("it would outlive its parent"))?;
    crate::signals::outlive_file_size_limits().map_err(io_error("a large file would end it"))?;
    set(Resource::Core, 0, 0)
}

/// Lowers the limits of the system to `limits`; what is lower already stays.
pub(super) fn limit(limits: ResourceLimits) -> Result<(), LockdownError> {
    set(Resource::Data, limits.data, limits.data)?;
    // The first ends the process with a signal that says why; the second is for one that takes that signal.
    set(Resource::Cpu, limits.cpu, limits.cpu.saturating_add(1))?;
    set(Resource::Fsize, limits.file, limits.file)?;
    set(Resource::Nofile, limits.descriptors, limits.descriptors)
}

fn set(resource: Resource, soft: u64, hard: u64) -> Result<(), LockdownError> {
    let before = rustix::process::getrlimit(resource);
    let lower = |limit: u64, before: Option<u64>| Some(before.map_or(limit, |before| before.min(limit)));
    let limit = Rlimit {
        current: lower(soft, before.current),
        maximum: lower(hard, before.maximum),
    };
    setrlimit(resource, limit).map_err(io_error("a limit of the system cannot be lowered"))
}

/// Gives up every capability of root's but those of reading and of writing what belongs to others, which a job may need
/// where a folder of theirs was granted. Those that stay.
pub(super) fn drop_capabilities() -> Result<CapabilitySet, LockdownError> {
    let had = rustix::thread::capabilities(None).map_err(io_error("its capabilities are not told"))?;
    let kept = had.permitted & (CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH);
    keep_capabilities(kept)?;
    Ok(kept)
}

/// What a job needs of others' files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OthersFiles {
    /// Nothing.
    None,
    /// To read them.
    Read,
    /// To read and to write them.
    Change,
}

/// Gives up what the job does not need of those that stayed.
pub(super) fn keep_for_job(need: OthersFiles, stayed: CapabilitySet) -> Result<(), LockdownError> {
    let needed = match need {
        OthersFiles::None => CapabilitySet::empty(),
        OthersFiles::Read => CapabilitySet::DAC_READ_SEARCH,
        OthersFiles::Change => CapabilitySet::DAC_OVERRIDE,
    };
    keep_capabilities(stayed & needed)
}

fn keep_capabilities(kept: CapabilitySet) -> Result<(), LockdownError> {
    let sets = CapabilitySets {
        effective: kept,
        permitted: kept,
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, sets).map_err(io_error("capabilities cannot be given up"))
}
