//! Runs one command: the one place where a component is entered.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use hostler_contract::escape_bounded;
use tokio::runtime::Runtime;
use wasmtime::component::{ComponentType, Instance, Lift, TypedFunc};
use wasmtime::{Engine, Store, UpdateDeadline};

use super::alarms::Alarms;
use super::begun::Ended;
use super::disk::OwnThread;
use super::ending::{self, StoppedAt};
use super::file_calls::FileCalls;
use super::file_threads::FileThreads;
use super::linked::Linked;
use super::on_thread::fault;
use super::output::Output;
use super::prescan::EntryPoints;
use super::stop::Stop;
use super::store::{State, new_store};
use super::watchdog::{Pace, Watch, Watchdog, milliseconds, thread_cpu_time};
use super::{End, Entry, Handed, Invocation};
use crate::limits::{LimitName, Limits, Usage};

/// Threads that may be in file calls for one component at one time. With more, a call that comes while the thread of the
/// one before it is still on its way to rest would begin another thread, which takes longer than the call; and a call
/// that never ends can leave no more than this many behind.
const FILE_CALL_THREADS: usize = 1;

/// So many epochs nobody raises while an instance is made, which holds no loop of the component's.
const LONG_BEFORE_ANY: u64 = 1 << 32;

/// Longest message of a typed component's failure, in bytes.
pub(super) const MAX_MESSAGE: usize = 1024;

/// `record failure` of `hostler:handler/lifecycle`.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Failure {
    #[component(name = "exit-code")]
    exit_code: u8,
    message: String,
}

/// What is run, and in which engine. Cheap to clone.
#[derive(Clone)]
pub(super) struct Runnable {
    pub(super) engine: Engine,
    pub(super) linked: Linked,
    pub(super) entry_points: Arc<EntryPoints>,
    pub(super) file_calls: FileCalls,
}

impl Runnable {
    /// Runs what `begun` is, with what it is `handed`, on this thread; its standard input is `stop`. When all is ready `begin`
    /// is asked; where it says no, nothing is run. `tell` hears what came of it before anything is taken down.
    pub(super) fn run_on_this_thread(
        &self,
        invocation: &Invocation,
        (handed, own_thread): (Handed, OwnThread),
        stop: &Stop,
        [out, err]: [&Output; 2],
        begin: impl FnOnce() -> bool,
        tell: impl FnOnce(Ended),
    ) {
        let limits = &invocation.limits;
        let file_threads = FileThreads::default();
        let threads_left = file_threads.clone();
        let runtime = match file_calls_runtime(&file_threads) {
            Ok(runtime) => runtime,
            Err(error) => {
                return tell_fault(tell, format!("no event loop can be started: {error}"), limits);
            }
        };
        let mut store = match new_store(
            &self.engine,
            invocation,
            handed,
            &self.entry_points,
            stop,
            [out, err],
            own_thread,
        ) {
            Ok(store) => store,
            Err(error) => {
                return tell_fault(tell, format!("the sandbox cannot be set up: {error:#}"), limits);
            }
        };
        let alarms = store.data().alarms().clone();
        // For the file calls only. It is not driven, so no task may be spawned in it: standard streams have streams of their own.
        let in_runtime = runtime.enter();
        let pace = Pace::of(invocation);
        if let Err(error) = Watchdog::ready(&pace) {
            return tell_fault(tell, format!("the watchdog cannot be started: {error}"), limits);
        }
        // Where nothing of the component runs by that, so that a command that is ready has its instance.
        let ahead = self.entry_points.makes_still_instances.then(|| {
            // What the engine itself compiled to fill tables and memory looks at the epoch, too, and nothing was said of it yet.
            store.set_epoch_deadline(LONG_BEFORE_ANY);
            alarms.run(boxed(|| self.linked.instance().instantiate_async(&mut store)))
        });
        // Both are set up at their first use, which would be the command's.
        Engine::tls_eager_initialize();
        let _ = thread_cpu_time();
        if !begin() {
            return;
        }
        let watchdog = Watchdog::start(self.engine.weak(), pace, self.file_calls, file_threads);
        let watch = watchdog.watch();
        let mut entered = boxed(|| self.enter(&mut store, ahead, invocation, watch, &alarms));
        let end = alarms.run(std::future::poll_fn(|context| match stop.poll_over(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => entered.as_mut().poll(context).map(Some),
        }));
        drop(entered);
        drop(in_runtime);
        // Who ends a service where it is does not ask what came of it.
        let Some(end) = end else { return };
        self.tell_end(tell, end, watch, (&mut store, limits), &threads_left);
        // Waits for nothing: a file call that never ends must not hold anything up.
        runtime.shutdown_background();
    }

    /// Tells of a component that has come to its `end`.
    #[inline(never)]
    fn tell_end(
        &self,
        tell: impl FnOnce(Ended),
        end: End,
        watch: &Watch,
        (store, limits): (&mut Store<State>, &Limits),
        threads: &FileThreads,
    ) {
        let mut usage = Usage::new(limits);
        usage.record(LimitName::Cpu, milliseconds(watch.cpu_time()));
        store.data_mut().report(&mut usage);
        let refused = store.data_mut().refused().list();
        let needs = self.linked.memories_and_tables();
        usage.record(LimitName::Memories, needs.0);
        usage.record(LimitName::Tables, needs.1);
        tell(Ended {
            end,
            usage,
            refused,
            leaves_threads: threads.are_any(),
        });
    }

    async fn enter(
        &self,
        store: &mut Store<State>,
        ahead: Option<wasmtime::Result<Instance>>,
        invocation: &Invocation,
        watch: &Watch,
        alarms: &Alarms,
    ) -> End {
        let limits = &invocation.limits;
        look_at(watch, store, limits);
        let deadline = Instant::now().checked_add(watch.left());
        let called = alarms.within(deadline, self.call(store, ahead, &invocation.entry));
        match called.await {
            Some(Ok(end)) => end,
            Some(Err(error)) => end_of(&error, store, limits),
            None => End::TimedOut(watch.deadline_reached(limits)),
        }
    }

    /// Makes an instance, where none was made `ahead`, and calls the function that `entry` names.
    async fn call(
        &self,
        store: &mut Store<State>,
        ahead: Option<wasmtime::Result<Instance>>,
        entry: &Entry,
    ) -> wasmtime::Result<End> {
        let instance = match ahead {
            Some(made) => made?,
            None => boxed(|| self.linked.instance().instantiate_async(&mut *store)).await?,
        };
        match entry {
            Entry::Lifecycle(command) => {
                let interface = self.entry_points.lifecycle.as_deref();
                boxed(|| typed(&instance, store, interface, command.name())).await
            }
            Entry::Service => {
                let interface = self.entry_points.service.as_deref();
                boxed(|| typed(&instance, store, interface, "run")).await
            }
            Entry::Run(_) => {
                let function: TypedFunc<(), (Result<(), ()>,)> =
                    exported(&instance, store, self.entry_points.run.as_deref(), "run")?;
                let (result,) = boxed(|| function.call_async(&mut *store, ())).await?;
                Ok(End::Exited {
                    code: u8::from(result.is_err()),
                    message: None,
                })
            }
        }
    }
}

/// Tells that nothing was run, which is the host's fault, and why.
#[cold]
#[inline(never)]
fn tell_fault(tell: impl FnOnce(Ended), why: String, limits: &Limits) {
    tell(Ended::with(fault(why), limits));
}

/// What makes the file calls of one component, on `threads`.
#[inline(never)]
fn file_calls_runtime(threads: &FileThreads) -> std::io::Result<Runtime> {
    let (begun, ended) = (threads.clone(), threads.clone());
    tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(FILE_CALL_THREADS)
        .thread_name("file-call")
        .on_thread_start(move || begun.begin())
        .on_thread_stop(move || ended.end())
        .build()
}

/// What `make` makes, in a box. Not inlined: the room for it on the stack is gone again before it is run, and a stack stays as
/// large as it once was for as long as a service lives.
#[inline(never)]
fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Calls a function of ours, which says in its own words why it failed.
async fn typed(
    instance: &Instance,
    store: &mut Store<State>,
    interface: Option<&str>,
    name: &str,
) -> wasmtime::Result<End> {
    let redactor = store.data().protected().redactor();
    let function: TypedFunc<(), (Result<(), Failure>,)> = exported(instance, store, interface, name)?;
    let (result,) = function.call_async(&mut *store, ()).await?;
    Ok(match result {
        Ok(()) => End::Exited { code: 0, message: None },
        Err(failure) => End::Exited {
            // A failure is never a success, whatever number it gives.
            code: failure.exit_code.max(1),
            // Known values first: no part of one may be left where it is cut.
            message: Some(escape_bounded(&redactor.text(&failure.message), MAX_MESSAGE)),
        },
    })
}

/// Has the clocks of `watch` looked at, whenever the component looks at the epoch.
#[inline(never)]
fn look_at(watch: &Watch, store: &mut Store<State>, limits: &Limits) {
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback({
        let (watch, limits) = (watch.clone(), limits.clone());
        move |_| match watch.look(&limits) {
            Some(reached) => Err(wasmtime::Error::new(StoppedAt(reached))),
            None => Ok(UpdateDeadline::Yield(1)),
        }
    });
}

/// The function `name` of the exported `interface`.
#[inline(never)]
fn exported<R>(
    instance: &Instance,
    store: &mut Store<State>,
    interface: Option<&str>,
    name: &str,
) -> wasmtime::Result<TypedFunc<(), R>>
where
    R: wasmtime::component::ComponentNamedList + Lift + Send + Sync + 'static,
{
    let missing = || wasmtime::format_err!("the component does not export `{name}`");
    let interface = interface.ok_or_else(missing)?;
    let index = instance
        .get_export_index(&mut *store, None, interface)
        .ok_or_else(missing)?;
    let index = instance
        .get_export_index(&mut *store, Some(&index), name)
        .ok_or_else(missing)?;
    instance.get_typed_func(&mut *store, index)
}

/// How it ended, with `error`. A component that cannot even be set up because of its memory or tables was stopped at that limit.
#[inline(never)]
fn end_of(error: &wasmtime::Error, store: &Store<State>, limits: &Limits) -> End {
    let end = ending::of_error(error, limits);
    match (&end, store.data().meter().refused(limits)) {
        (End::Trapped { message, .. }, Some(reached))
            if message.contains("exceeds memory limits") || message.contains("exceeds table limits") =>
        {
            End::Stopped(reached)
        }
        _ => end,
    }
}
