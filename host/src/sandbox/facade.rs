//! The sandbox as the rest of hostler sees it: the same three calls, wherever components run.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hostler_contract::{Finding, Place, Refused, Source, codes};
use sha2::{Digest, Sha256};
use wasmtime::Engine;

use super::code::{Code, Origin};
use super::code_cache::{Authentic, CacheKey, CodeCache, Kept};
use super::compile::compile;
use super::engine::{EngineError, compiling_engine};
use super::file_calls::FileCalls;
use super::isolation::IsolationReport;
use super::mode::{InProcess, Mode};
use super::prescan::EntryPoints;
use super::ready::{Here, ReadyCommand, Waits};
use super::run::Runnable;
use super::sealed::Sealed;
use super::service::{RunningService, Runs, Thread};
use super::workers::{HeadStart, WorkerOptions, Workers, WorkersError};
use super::{ENGINE_SETTINGS, End, Handed, Invocation, Outcome};

/// Most components whose code is kept at hand in memory, and their bytes together.
const AT_HAND: (usize, u64) = (16, 128 << 20);

/// What compiles and runs components. Cheap to clone; safe to share between threads.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    mode: Mode,
    at_hand: Mutex<VecDeque<Code>>,
}

impl Sandbox {
    /// A sandbox in this process: for embedding, tests and measurements, behind none of the system's layers.
    ///
    /// File calls about plain files on file systems of this machine are made at once, all others aside, where they can be given
    /// up. A command that is granted no folder beside its own, all on such file systems, runs on the thread that calls; one that
    /// may meet what never answers, and every one on a thread that drives a tokio runtime, on another thread. A disk of this
    /// machine that hangs holds up who calls.
    ///
    /// # Errors
    ///
    /// When this machine cannot run the engine.
    pub fn in_process() -> Result<Self, EngineError> {
        Self::in_this_process(FileCalls::Aside)
    }

    /// The same with every command run on the thread that calls, all file calls included, whatever they are about: with granted
    /// folders and on other file systems several times as fast, and without a way to give up one that does not end. For who
    /// knows that every file call ends: none on a network's file system that may hang, no pipe that somebody else may put in a
    /// handler's folder. Computing is stopped at its limits as ever; with a file call that does not end, the call of
    /// [`Self::run`] does not come back.
    ///
    /// On a thread that drives a tokio runtime, a command is run on another one, and comes back two seconds after its
    /// deadline at the latest; the other thread stays behind then, with all of the component's memory.
    ///
    /// # Errors
    ///
    /// When this machine cannot run the engine.
    pub fn in_process_blocking() -> Result<Self, EngineError> {
        Self::in_this_process(FileCalls::OnItsThread)
    }

    fn in_this_process(file_calls: FileCalls) -> Result<Self, EngineError> {
        Ok(Self::with(Mode::InProcess(InProcess::new(file_calls)?)))
    }

    /// A sandbox whose commands run in processes of their own, which begin to start now.
    ///
    /// # Errors
    ///
    /// [`WorkersError`].
    pub fn with_workers(options: &WorkerOptions) -> Result<Self, WorkersError> {
        Self::of_workers(options, Workers::start(options)?)
    }

    /// The same with workers that have begun to start, by the programs that `options` name.
    ///
    /// # Errors
    ///
    /// [`WorkersError`].
    pub fn with_workers_begun(options: &WorkerOptions, begun: HeadStart) -> Result<Self, WorkersError> {
        Self::of_workers(options, Workers::go_on(options, begun))
    }

    fn of_workers(options: &WorkerOptions, workers: Workers) -> Result<Self, WorkersError> {
        if options.known.is_none() {
            // While the engine is set up here.
            workers.expect_one();
        }
        let engine = compiling_engine().map_err(|error| WorkersError::Start(error.to_string()))?;
        Ok(Self::with(Mode::Workers(engine, workers)))
    }

    fn with(mode: Mode) -> Self {
        Self(Arc::new(Inner {
            mode,
            at_hand: Mutex::default(),
        }))
    }

    pub(super) fn mode(&self) -> &Mode {
        &self.0.mode
    }

    /// What stands between components and the machine besides the sandbox itself, as a worker found it here.
    ///
    /// # Errors
    ///
    /// When no worker can be had, or there is less than is required.
    pub fn isolation(&self) -> Result<IsolationReport, WorkersError> {
        match self.mode() {
            Mode::InProcess(_) => Ok(IsolationReport::in_process()),
            Mode::Workers(_, workers) => workers.probe(),
        }
    }

    /// Waits until the run workers that are being started are ready. For measurements: a command that begins before shares the
    /// machine with their start.
    ///
    /// # Errors
    ///
    /// When no worker can be had.
    pub fn wait_for_workers(&self) -> Result<(), WorkersError> {
        match self.mode() {
            Mode::InProcess(_) => Ok(()),
            Mode::Workers(_, workers) => workers.wait(),
        }
    }

    /// The component in `source`, compiled; or what `cache` kept of the same bytes.
    ///
    /// # Errors
    ///
    /// [`Refused`] for what is not a component, asks for what is not granted, or does not compile. A cache that cannot be
    /// read or written, and an entry in it that is damaged or was not written by this installation, are none: then it is
    /// compiled anew.
    pub fn code(&self, source: Source<'_>, cache: Option<&CodeCache>) -> Result<Code, Refused> {
        self.code_of_digest(source, Sha256::digest(source.bytes).into(), cache)
    }

    /// As [`Self::code`], of a component of which somebody has just taken the SHA-256 `digest`.
    ///
    /// # Errors
    ///
    /// As [`Self::code`].
    pub(crate) fn code_of_digest(
        &self,
        source: Source<'_>,
        digest: [u8; 32],
        cache: Option<&CodeCache>,
    ) -> Result<Code, Refused> {
        if cache.is_some()
            && let Some(code) = self.at_hand(&digest)
        {
            return Ok(code);
        }
        if let Mode::Workers(_, workers) = self.mode() {
            // It starts while the code is read and looked over.
            workers.expect_one();
        }
        let rejected = match cache.map(|cache| self.load(&digest, cache)) {
            Some(Ok(code)) => {
                tracing::debug!(
                    component = source.file,
                    digest = hex::encode(digest),
                    "compiled code is kept from before"
                );
                return Ok(code);
            }
            Some(Err(NotKept { rejected })) => rejected,
            None => false,
        };
        let engine = self.mode().engine(source.bytes.len());
        let started = Instant::now();
        let (points, sealed) = self.compile(source, engine)?;
        let took = started.elapsed();
        tracing::debug!(component = source.file, digest = hex::encode(digest), ?took, "compiled");
        if let Some(cache) = cache
            // What cannot be kept can still be run; it is compiled again the next time.
            && let Err(error) = cache.store(&self.cache_key(&digest, engine), &points, &sealed)
        {
            tracing::warn!("{:#}", anyhow::Error::new(error));
        }
        let linked = self
            .mode()
            .link(engine, &sealed)
            .map_err(|error| unfit(source, &error))?;
        let code = Code {
            rejected,
            ..Code::new(digest, points, sealed, linked, Origin::Compiled(took))
        };
        if cache.is_some() {
            self.keep_at_hand(&code);
        }
        Ok(code)
    }

    /// Runs `invocation` in a fresh instance of `code` with what it is `handed`, its folders and its protected settings,
    /// and says what came of it.
    ///
    /// Comes back at the latest some seconds after `cmd.deadline`, whatever the component does (but see
    /// [`Self::in_process_blocking`]); where workers run, the deadline counts from when it is the command's turn.
    pub fn run(&self, code: &Code, invocation: &Invocation, handed: impl Into<Handed>) -> Outcome {
        self.get_ready(code, invocation.clone(), handed).run()
    }

    /// Does all for [`Self::run`] but the run itself. What goes wrong with it is told when it is run.
    ///
    /// Where workers run, it takes one of the places in which they compute; do not keep it longer than it takes to write
    /// down that the command begins.
    pub fn get_ready(&self, code: &Code, invocation: Invocation, handed: impl Into<Handed>) -> ReadyCommand<'_> {
        let handed = handed.into();
        ReadyCommand(match (self.mode(), &code.linked) {
            (Mode::Workers(_, workers), _) => match workers.get_ready(code, invocation, handed) {
                Ok(worker) => Waits::Worker(Box::new(worker)),
                Err(outcome) => Waits::Nowhere(outcome),
            },
            (Mode::InProcess(here), Some(linked)) => Waits::Here(Box::new(Here {
                runnable: Runnable {
                    engine: linked.instance().engine().clone(),
                    linked: linked.clone(),
                    entry_points: Arc::clone(&code.entry_points),
                    file_calls: here.file_calls,
                },
                invocation,
                handed,
            })),
            (Mode::InProcess(_), None) => {
                let what = "the code was made for a sandbox with workers";
                Waits::Nowhere(Box::new(Outcome::fault(what, &invocation)))
            }
        })
    }

    /// Starts the service that `invocation` describes, in an instance of `code` with what it is `handed`.
    ///
    /// # Errors
    ///
    /// The outcome, where it cannot be started.
    pub fn start(
        &self,
        code: &Code,
        invocation: Invocation,
        handed: impl Into<Handed>,
    ) -> Result<RunningService, Box<Outcome>> {
        match self.get_ready(code, invocation, handed).0 {
            Waits::Worker(worker) => Ok(RunningService(Runs::Worker(Box::new(worker.start())))),
            Waits::Here(here) => {
                let Here {
                    runnable,
                    invocation,
                    handed,
                } = *here;
                let limits = invocation.limits.clone();
                Thread::start(runnable, invocation, handed)
                    .map(|thread| RunningService(Runs::Here(thread)))
                    .map_err(|error| {
                        let message = format!("no thread can be started: {error}");
                        let end = End::HostFault { message };
                        Box::new(Outcome::without_running(end, &limits, Duration::ZERO))
                    })
            }
            Waits::Nowhere(outcome) => Err(outcome),
        }
    }

    /// Takes the code of the component `digest` to hand, if `cache` keeps it.
    pub(super) fn take_to_hand(&self, digest: &[u8; 32], cache: &CodeCache) -> bool {
        self.at_hand(digest).is_some() || self.load(digest, cache).is_ok()
    }

    /// The code of the component `digest` that `cache` keeps, which is at hand from now on.
    fn load(&self, digest: &[u8; 32], cache: &CodeCache) -> Result<Code, NotKept> {
        let mut rejected = false;
        for engine in self.mode().engines() {
            let kept = kept(cache, &self.cache_key(digest, engine));
            rejected |= matches!(kept, Kept::Rejected);
            if let Kept::Authentic(Authentic { entry_points, code }) = kept
                && let Ok(linked) = self.mode().link(engine, &code)
            {
                let code = Code::new(*digest, entry_points, code, linked, Origin::Kept);
                self.keep_at_hand(&code);
                return Ok(code);
            }
        }
        Err(NotKept { rejected })
    }

    fn cache_key(&self, digest: &[u8; 32], engine: &Engine) -> CacheKey {
        CacheKey::new(digest, engine, self.mode().isolation())
    }

    /// Compiles it for `engine`, or where workers run has one of them do so.
    fn compile(&self, source: Source<'_>, engine: &Engine) -> Result<(EntryPoints, Sealed), Refused> {
        match self.mode() {
            Mode::Workers(_, workers) => workers.compile(source),
            Mode::InProcess(_) => {
                let compiled = compile(engine, source)?;
                let sealed =
                    Sealed::of("hostler-code", &compiled.code).map_err(|error| unfit(source, &error.into()))?;
                Ok((compiled.entry_points, sealed))
            }
        }
    }

    /// The code of the component `digest`, where it is kept in memory.
    pub(crate) fn code_at_hand(&self, digest: &[u8; 32]) -> Option<Code> {
        let code = self.at_hand(digest)?;
        if let Mode::Workers(_, workers) = self.mode() {
            // It starts while the rest is put together.
            workers.expect_one();
        }
        Some(code)
    }

    fn at_hand(&self, digest: &[u8; 32]) -> Option<Code> {
        let mut codes = self.codes();
        let found = codes.iter().position(|code| code.digest == *digest)?;
        let code = codes.remove(found)?;
        codes.push_front(code.clone());
        Some(code)
    }

    /// Keeps `code` in memory: its descriptor can be handed to the next worker as it is.
    fn keep_at_hand(&self, code: &Code) {
        let mut codes = self.codes();
        codes.push_front(Code {
            origin: Origin::Kept,
            rejected: false,
            ..code.clone()
        });
        let bytes = |codes: &VecDeque<Code>| codes.iter().map(|code| code.sealed.length()).sum::<u64>();
        while codes.len() > AT_HAND.0 || (codes.len() > 1 && bytes(&codes) > AT_HAND.1) {
            codes.pop_back();
        }
    }

    fn codes(&self) -> MutexGuard<'_, VecDeque<Code>> {
        // A list is whole after every step.
        self.0.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("settings", &ENGINE_SETTINGS)
            .finish_non_exhaustive()
    }
}

/// A cache has no code that can be used.
struct NotKept {
    /// Whether it had some that was not ours.
    rejected: bool,
}

/// What is kept under `key`, if it can be read.
fn kept(cache: &CodeCache, key: &CacheKey) -> Kept {
    cache.load(key).unwrap_or_else(|error| {
        tracing::warn!("{:#}", anyhow::Error::new(error));
        Kept::Nothing
    })
}

fn unfit(source: Source<'_>, error: &wasmtime::Error) -> Refused {
    let what = format!("the compiled code cannot be used: {error:#}");
    let hint = "a component that wasmtime 48 compiles";
    Finding::refusal(codes::COMPILE_FAILED, source.file, Place::Whole, what, hint).into()
}
