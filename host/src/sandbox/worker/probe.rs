//! Tries what native code in a worker could try, behind the layers that a command has (SEC-07).
//!
//! Nothing here does harm where it succeeds: a signal is only asked about, a debugger that was let in goes with its
//! process, a program that was started says nothing and ends.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, ftruncate, openat, symlinkat};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, socket};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit, test_kill_process};

use super::lockdown::{Lockdown, Reach};
use super::run::limits_of;
use super::{WorkerError, take_job};
use crate::limits::Limits;
use crate::sandbox::attempt::{Attempt, AttemptJob, Attempted};
use crate::sandbox::channel::{Channel, Job};

/// Files that are made, by name; nothing is left where making them was not allowed.
const MADE: &str = "made-by-probe";

/// A program that is there on every machine on which anything else is.
const PROGRAM: &str = "/bin/sh";

pub(super) fn work(channel: &Channel, lockdown: Lockdown) -> Result<(), WorkerError> {
    let (job, frame) = take_job(channel, &lockdown)?;
    let Job::Probe(job) = job else {
        return Err(WorkerError::WrongJob);
    };
    let [lent, own] = <[OwnedFd; 2]>::try_from(frame.descriptors).map_err(|_| WorkerError::WrongJob)?;
    let reaches = [(lent.as_fd(), Reach::Read), (own.as_fd(), Reach::Change)];
    let attempted = match lockdown.finish(limits_of(&Limits::default()), &reaches, job.required) {
        Ok(()) => told(job.attempt.attempt, attempt(&job.attempt, lent.as_fd(), own.as_fd())),
        Err(error) => Attempted::Unclear(error.to_string()),
    };
    Ok(channel.send(&attempted, [&[], &[]], &[], None)?)
}

/// Makes the attempt. The result is how far it came; an error is what the system said.
fn attempt(job: &AttemptJob, lent: BorrowedFd<'_>, own: BorrowedFd<'_>) -> io::Result<String> {
    match job.attempt {
        Attempt::OwnFolder => {
            make(own, Path::new(MADE))?;
            read(own, Path::new(MADE))
        }
        Attempt::ReadMachine => read(CWD, Path::new("/etc/passwd")),
        Attempt::ReadOutside => read(CWD, &job.outside),
        Attempt::WriteOutside => make(CWD, &job.outside.with_file_name(MADE)),
        Attempt::FollowLink => {
            symlinkat(&job.outside, own, "link-by-probe").map_err(|error| unrelated("the link", error))?;
            read(own, Path::new("link-by-probe"))
        }
        Attempt::WriteReadOnly => make(lent, Path::new(MADE)),
        Attempt::ReadKey => read(CWD, &job.key),
        Attempt::ReadOthersSettings => read(CWD, &job.settings),
        Attempt::ReadEnvironment => match std::env::vars_os().count() {
            0 => Err(Errno::NOENT.into()),
            count => Ok(format!("{count} variables")),
        },
        Attempt::ReadParentEnvironment => read(CWD, Path::new(&format!("/proc/{}/environ", job.parent))),
        Attempt::ReadParentMemory => {
            let path = format!("/proc/{}/mem", job.parent);
            open(CWD, Path::new(&path), OFlags::RDONLY).map(|_| "it is open".to_owned())
        }
        Attempt::TraceParent => trace(job.parent),
        Attempt::SignalParent => {
            let parent = Pid::from_raw(job.parent).ok_or_else(|| unrelated("the parent", Errno::SRCH))?;
            test_kill_process(parent)?;
            Ok("it may".to_owned())
        }
        Attempt::StartProcess => {
            let mut child = Command::new(PROGRAM).args(["-c", "exit 0"]).spawn()?;
            child.wait()?;
            Ok("it ran".to_owned())
        }
        // Comes back only when it failed.
        Attempt::BecomeProgram => Err(Command::new(PROGRAM).args(["-c", "exit 0"]).exec()),
        Attempt::OpenSocket => {
            socket(AddressFamily::INET, SocketType::STREAM, None)?;
            Ok("it is open".to_owned())
        }
        Attempt::RaiseLimits => raise_limits(),
        Attempt::TakeMemory => take_memory(),
        Attempt::GrowFile => {
            let file = open(own, Path::new(MADE), OFlags::WRONLY | OFlags::CREATE)?;
            let size = limits_of(&Limits::default()).file.saturating_add(1);
            ftruncate(&file, size)?;
            Ok(format!("{size} bytes"))
        }
        Attempt::OpenMany => open_many(own),
    }
}

/// What the answer to `attempt` means: an error that no layer gives proves nothing.
fn told(attempt: Attempt, result: io::Result<String>) -> Attempted {
    let error = match result {
        Ok(words) => return Attempted::Allowed(words),
        Err(error) => error,
    };
    // What a filter answers, what Landlock and missing capabilities answer.
    let denials: &[Errno] = match attempt {
        Attempt::TakeMemory => &[Errno::NOMEM],
        Attempt::GrowFile => &[Errno::FBIG],
        Attempt::OpenMany => &[Errno::MFILE],
        Attempt::ReadEnvironment => &[Errno::NOENT],
        _ => &[Errno::ACCESS, Errno::PERM, Errno::NOSYS],
    };
    let number = error.raw_os_error().map(Errno::from_raw_os_error);
    let words = match (attempt, number) {
        (Attempt::ReadEnvironment, _) => "there are none".to_owned(),
        // The same on every C library.
        (_, Some(Errno::ACCESS)) => "permission denied".to_owned(),
        (_, Some(Errno::PERM)) => "operation not permitted".to_owned(),
        (_, Some(Errno::NOSYS)) => "there is no such system call for it".to_owned(),
        (_, Some(Errno::NOMEM)) => "there is no more".to_owned(),
        (_, Some(Errno::FBIG)) => "the file would be too large".to_owned(),
        (_, Some(Errno::MFILE)) => "too many are open".to_owned(),
        _ => error.to_string(),
    };
    if number.is_some_and(|number| denials.contains(&number)) {
        Attempted::Denied(words)
    } else {
        Attempted::Unclear(words)
    }
}

/// A failure before the attempt itself.
fn unrelated(what: &str, error: Errno) -> io::Error {
    io::Error::other(format!("{what}: {error}"))
}

fn open(folder: BorrowedFd<'_>, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    Ok(openat(folder, path, flags | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?)
}

fn read(folder: BorrowedFd<'_>, path: &Path) -> io::Result<String> {
    let mut bytes = [0; 64];
    let read = File::from(open(folder, path, OFlags::RDONLY)?).read(&mut bytes)?;
    Ok(format!("{read} bytes were read"))
}

fn make(folder: BorrowedFd<'_>, path: &Path) -> io::Result<String> {
    File::from(open(folder, path, OFlags::WRONLY | OFlags::CREATE)?).write_all(b"made")?;
    Ok("it was made".to_owned())
}

fn raise_limits() -> io::Result<String> {
    let before = getrlimit(Resource::Data);
    let none = Rlimit {
        current: None,
        maximum: None,
    };
    setrlimit(Resource::Data, none)?;
    Ok(format!("from {:?} to none", before.current))
}

fn take_memory() -> io::Result<String> {
    let more = limits_of(&Limits::default()).data.saturating_add(1 << 20);
    let size = usize::try_from(more).unwrap_or(usize::MAX);
    let mut bytes: Vec<u8> = Vec::new();
    bytes
        .try_reserve_exact(size)
        .map_err(|_| io::Error::from_raw_os_error(Errno::NOMEM.raw_os_error()))?;
    Ok(format!("{} bytes", bytes.capacity()))
}

fn open_many(own: BorrowedFd<'_>) -> io::Result<String> {
    let most = limits_of(&Limits::default()).descriptors;
    let mut held = Vec::new();
    for _ in 0..=most {
        held.push(own.try_clone_to_owned()?);
    }
    Ok(format!("{} are open", held.len()))
}

/// Attaches to `process` without stopping it.
#[expect(unsafe_code, reason = "no library has a safe call for debuggers")]
fn trace(process: i32) -> io::Result<String> {
    let nothing = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: the call takes numbers; address and data are not used by this request, and no memory of this process is
    // touched. Whom it attaches to runs on, and is let go when this process ends.
    let attached = unsafe { libc::ptrace(libc::PTRACE_SEIZE, process, nothing, nothing) };
    if attached == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok("it is attached".to_owned())
}
