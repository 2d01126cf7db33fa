//! A process under `ptrace`: whoever watches it is asked at each of its system calls, before and after.
//!
//! All threads of the process are watched, and their calls come one after the other, as they are made. The processes
//! that it starts are watched only where that is asked for: hostler's workers live and die as they would by themselves.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::libc::{self, user_regs_struct};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Waits to be watched, and then becomes what it is told.
const WAITING: &str = r#"kill -STOP $$; exec "$0" "$@""#;

/// Longest path that the system knows.
const MAX_PATH: u64 = 4096;

/// A system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    /// Its number.
    pub(crate) number: i64,
    /// What it is given.
    pub(crate) arguments: [u64; 6],
}

/// What becomes of a process that stands before or after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// It goes on.
    GoOn,
    /// It is killed where it stands.
    Kill,
    /// The call is not made, and fails with this. After a call it means nothing.
    Fail(Errno),
}

/// Who watches.
pub(crate) trait Watch {
    /// `thread` is about to make `call`.
    fn before(&mut self, thread: &Thread, call: &Call) -> Order;

    /// `thread` has made `call`, with `result`: below zero an error.
    fn after(&mut self, _thread: &Thread, _call: &Call, _result: i64) -> Order {
        Order::GoOn
    }

    /// The program begins.
    fn begins(&mut self, _thread: &Thread) {}

    /// Whether the processes that it starts are watched too.
    fn follows(&self) -> bool {
        false
    }
}

/// A thread that stands still.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thread {
    id: Pid,
    /// Whether it is of a process that was started by the one that is watched.
    pub(crate) is_of_worker: bool,
}

impl Thread {
    /// What a descriptor is of, as the system names it; nothing for one that is not open.
    pub(crate) fn opened(self, descriptor: u64) -> Option<PathBuf> {
        // As the system does: descriptors are 32 bits wide.
        let descriptor = descriptor.cast_signed() as i32;
        let link = match descriptor {
            libc::AT_FDCWD => format!("/proc/{}/cwd", self.id),
            open => format!("/proc/{}/fd/{open}", self.id),
        };
        std::fs::read_link(link).ok()
    }

    /// The path at `address`, seen from the folder that `descriptor` is of.
    pub(crate) fn path(self, descriptor: u64, address: u64) -> Option<PathBuf> {
        let mut text = vec![0; usize::try_from(MAX_PATH).unwrap()];
        let memory = File::open(self.memory()).ok()?;
        // It may end where the memory does.
        let read = memory.read_at(&mut text, address).ok()?;
        text.truncate(read);
        let text = text.split(|byte| *byte == 0).next()?;
        let text = Path::new(std::str::from_utf8(text).ok()?);
        match text.is_absolute() {
            true => Some(text.to_owned()),
            false => Some(self.opened(descriptor)?.join(text)),
        }
    }

    /// The eight bytes at `address`.
    pub(crate) fn word(self, address: u64) -> u64 {
        let mut word = [0; 8];
        File::open(self.memory())
            .unwrap()
            .read_exact_at(&mut word, address)
            .unwrap();
        u64::from_ne_bytes(word)
    }

    /// Puts eight bytes at `address`.
    pub(crate) fn set_word(self, address: u64, word: u64) {
        let memory = File::options().write(true).open(self.memory()).unwrap();
        memory.write_all_at(&word.to_ne_bytes(), address).unwrap();
    }

    /// Where the stack ends.
    pub(crate) fn stack(self) -> u64 {
        ptrace::getregs(self.id).unwrap().rsp
    }

    fn memory(self) -> String {
        format!("/proc/{}/mem", self.id)
    }
}

/// Whether this machine lets a process be watched.
pub(crate) fn can_trace() -> bool {
    struct Nothing;
    impl Watch for Nothing {
        fn before(&mut self, _: &Thread, _: &Call) -> Order {
            Order::GoOn
        }
    }
    Path::new("/bin/sh").exists() && run(Path::new("/bin/true"), &[], None, &mut Nothing).is_ok()
}

/// Runs `program` to its end, in an empty environment, watched by `watch`; its exit code, or nothing where it was killed. What
/// it says goes to `said`.
///
/// # Errors
/// Where the system does not let it be watched.
pub(crate) fn run(
    program: &Path,
    arguments: &[String],
    said: Option<&File>,
    watch: &mut dyn Watch,
) -> nix::Result<Option<i32>> {
    let said = || said.map_or(Stdio::null(), |file| file.try_clone().unwrap().into());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WAITING]).arg(program).args(arguments).env_clear();
    command.stdin(Stdio::null()).stdout(said()).stderr(said());
    #[expect(clippy::zombie_processes, reason = "it is waited for below, by its id")]
    let mut child = command.spawn().unwrap();
    let process = Pid::from_raw(child.id().cast_signed());
    waitpid(process, Some(WaitPidFlag::WUNTRACED))?;
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    let options = match watch.follows() {
        true => options | Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK,
        false => options,
    };
    if let Err(error) = ptrace::seize(process, options) {
        // It waits for ever.
        let _ = child.kill();
        let _ = child.wait();
        return Err(error);
    }
    kill(process, Signal::SIGCONT)?;
    let mut tracer = Tracer {
        process,
        calls: HashMap::new(),
        watch,
    };
    tracer.follow()
}

struct Tracer<'w> {
    process: Pid,
    /// The calls that threads are in.
    calls: HashMap<Pid, (Call, Option<Errno>)>,
    watch: &'w mut dyn Watch,
}

impl Tracer<'_> {
    fn follow(&mut self) -> nix::Result<Option<i32>> {
        loop {
            // Only what this thread watches: tests run beside each other.
            let stopped = waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD))?;
            let (thread, signal) = match stopped {
                WaitStatus::Exited(process, code) if process == self.process => return Ok(Some(code)),
                WaitStatus::Signaled(process, ..) if process == self.process => return Ok(None),
                WaitStatus::PtraceSyscall(thread) => {
                    if self.at_call(thread) == Some(Order::Kill) {
                        kill(self.process, Signal::SIGKILL)?;
                    }
                    (thread, None)
                }
                WaitStatus::PtraceEvent(thread, _, event) => {
                    if event == libc::PTRACE_EVENT_EXEC {
                        self.watch.begins(&self.thread(thread));
                    }
                    (thread, None)
                }
                WaitStatus::Stopped(thread, signal) => (thread, Some(signal)),
                _ => continue,
            };
            match ptrace::syscall(thread, signal) {
                // It was killed meanwhile.
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn thread(&self, id: Pid) -> Thread {
        let is_of_process = Path::new(&format!("/proc/{}/task/{id}", self.process)).exists();
        Thread {
            id,
            is_of_worker: !is_of_process,
        }
    }

    /// Nothing for a thread that was killed meanwhile.
    fn at_call(&mut self, thread: Pid) -> Option<Order> {
        let mut registers = ptrace::getregs(thread).ok()?;
        if let Some((call, failed)) = self.calls.remove(&thread) {
            if let Some(error) = failed {
                registers.rax = (-i64::from(error as i32)).cast_unsigned();
                ptrace::setregs(thread, registers).ok()?;
            }
            let thread = self.thread(thread);
            return Some(self.watch.after(&thread, &call, registers.rax.cast_signed()));
        }
        let call = call(&registers);
        let order = self.watch.before(&self.thread(thread), &call);
        let failed = match order {
            Order::GoOn => None,
            // No number of a call: nothing is done.
            Order::Kill => Some(Errno::EINTR),
            Order::Fail(error) => Some(error),
        };
        if failed.is_some() {
            registers.orig_rax = u64::MAX;
            ptrace::setregs(thread, registers).ok()?;
        }
        self.calls.insert(thread, (call, failed));
        Some(order)
    }
}

fn call(registers: &user_regs_struct) -> Call {
    Call {
        number: registers.orig_rax.cast_signed(),
        arguments: [
            registers.rdi,
            registers.rsi,
            registers.rdx,
            registers.r10,
            registers.r8,
            registers.r9,
        ],
    }
}
