//! The filter of system calls: what a worker makes is let through, what would only be somebody else's ends it, and there
//! is nothing else.
//!
//! Filters lie on each other, and the strictest answer counts. The first, from the start, ends the process at calls that
//! would only ever be somebody else's: programs, sockets, debuggers, mounts, keys. The second, from the start too, lets
//! through what the engine, the file calls of WASI and the allocator use, and answers every other call as a kernel does
//! that has none. The third comes with the job and takes away what was only good until then.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

use super::LockdownError;

/// Calls that end the process.
const FORBIDDEN: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_mount_setattr,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_mknodat,
    libc::SYS_quotactl,
    libc::SYS_acct,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_fanotify_init,
];

/// Calls that a worker makes, whatever their arguments.
const ALLOWED: &[c_long] = &[
    // Files, by descriptor and below it.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_preadv2,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_sendto,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_close,
    libc::SYS_lseek,
    libc::SYS_getdents64,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fstatfs,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fadvise64,
    libc::SYS_fchmod,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_readlinkat,
    libc::SYS_utimensat,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    // Threads of its own, time and signals.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_membarrier,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_ppoll,
    libc::SYS_getrandom,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
];

/// Where the first argument of `prctl` may only name a thread.
const NAME_A_THREAD: u64 = libc::PR_SET_NAME as u64;

/// With which `clone` makes a thread and no process.
const THREAD: u64 = libc::CLONE_THREAD as u64;

/// The flags of `mmap` that say what kind of memory it is, and the kind that is let through.
const MAP_KIND: u64 = (libc::MAP_SHARED_VALIDATE | libc::MAP_GROWSDOWN) as u64;
const MAP_PRIVATE: u64 = libc::MAP_PRIVATE as u64;

/// The flag of a descriptor that asks for signals.
const ASYNC: u64 = libc::O_ASYNC as u64;

/// Calls that a worker makes until it has its job, and not after.
const UNTIL_THE_JOB: &[c_long] = &[
    libc::SYS_recvmsg,
    libc::SYS_capset,
    libc::SYS_seccomp,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
];

/// The short filter for the job, ready to be taken: the kernel looks a new one over call by call, and nobody should wait
/// for that.
#[derive(Debug)]
pub(super) struct Filter(BpfProgram);

impl Filter {
    /// What is only good until the job is known.
    pub(super) fn of_job() -> Result<Self, LockdownError> {
        let mut rules: BTreeMap<c_long, Vec<SeccompRule>> =
            UNTIL_THE_JOB.iter().map(|call| (*call, Vec::new())).collect();
        rules.insert(libc::SYS_prctl, vec![only(0, SeccompCmpOp::Ne, NAME_A_THREAD)?]);
        // Limits can be looked at and not changed: those of root's could be raised.
        rules.insert(libc::SYS_prlimit64, vec![only(2, SeccompCmpOp::Ne, 0)?]);
        program(rules, SeccompAction::Allow, NOT_THERE).map(Self)
    }

    /// Puts it in force for every thread.
    pub(super) fn apply(&self) -> Result<(), LockdownError> {
        apply(&self.0)
    }
}

/// As a kernel answers that has no such call.
const NOT_THERE: SeccompAction = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());

/// Puts the first two filters in force: what no worker ever does ends it, and there is nothing but what one does.
pub(super) fn begin() -> Result<(), LockdownError> {
    let forbidden = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
    apply(&program(forbidden, SeccompAction::Allow, SeccompAction::KillProcess)?)?;
    let allowed = ALLOWED.iter().chain(UNTIL_THE_JOB);
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> = allowed.map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_prctl, Vec::new());
    rules.insert(libc::SYS_prlimit64, Vec::new());
    // Threads and no processes. The newer call is not there: the C library then makes threads by this one, whose
    // arguments can be looked at.
    rules.insert(libc::SYS_clone, vec![only(0, SeccompCmpOp::MaskedEq(THREAD), THREAD)?]);
    // Memory of its own: what is shared, or grows by itself, no limit of the system's counts.
    let own_memory = condition(3, SeccompCmpOp::MaskedEq(MAP_KIND), MAP_PRIVATE)?;
    rules.insert(libc::SYS_mmap, vec![rule(vec![own_memory])?]);
    // Flags and copies of descriptors, and no signals when something happens to one.
    let flags = [
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
        libc::F_DUPFD_CLOEXEC,
        libc::F_GET_SEALS,
    ];
    let mut descriptors = flags
        .into_iter()
        .map(|flag| only(1, SeccompCmpOp::Eq, u64::from(flag.unsigned_abs())))
        .collect::<Result<Vec<_>, _>>()?;
    descriptors.push(rule(vec![
        condition(1, SeccompCmpOp::Eq, u64::from(libc::F_SETFL.unsigned_abs()))?,
        condition(2, SeccompCmpOp::MaskedEq(ASYNC), 0)?,
    ])?);
    rules.insert(libc::SYS_fcntl, descriptors);
    // Signals to itself, as when it gives up.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![only(0, SeccompCmpOp::Eq, own)?]);
    apply(&program(rules, NOT_THERE, SeccompAction::Allow)?)
}

fn only(argument: u8, operation: SeccompCmpOp, value: u64) -> Result<SeccompRule, LockdownError> {
    rule(vec![condition(argument, operation, value)?])
}

fn condition(argument: u8, operation: SeccompCmpOp, value: u64) -> Result<SeccompCondition, LockdownError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, operation, value).map_err(cannot_be_made)
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, LockdownError> {
    SeccompRule::new(conditions).map_err(cannot_be_made)
}

fn cannot_be_made(error: impl std::fmt::Display) -> LockdownError {
    LockdownError::Seccomp(error.to_string())
}

fn apply(filter: &BpfProgram) -> Result<(), LockdownError> {
    apply_filter_all_threads(filter).map_err(|error| LockdownError::Seccomp(error.to_string()))
}

fn program(
    rules: BTreeMap<c_long, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, LockdownError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH);
    architecture
        .and_then(|architecture| SeccompFilter::new(rules, otherwise, matched, architecture))
        .and_then(BpfProgram::try_from)
        .map_err(|error| LockdownError::Seccomp(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_both_forbidden_and_allowed_and_the_filters_can_be_made() {
        for call in FORBIDDEN {
            assert!(!ALLOWED.contains(call), "{call}");
        }
        for call in UNTIL_THE_JOB {
            assert!(!ALLOWED.contains(call), "{call}");
        }
        Filter::of_job().unwrap();
    }
}
