//! What a component finds when it starts: its environment, folders, streams and clocks.
//!
//! Everything that is not named here does not exist for a handler: no process, no folder, no variable of the host.

use hostler_contract::manifest::Precision;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::clocks::WasiClocksView;
use wasmtime_wasi::filesystem::{Descriptor, Dir, OpenMode, WasiFilesystemView};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};

use super::alarms::Alarms;
use super::coarse_clock::CoarseClock;
use super::disk::{Disk, Files, OwnThread};
use super::meter::Meter;
use super::monotonic::Monotonic;
use super::output::Output;
use super::prescan::EntryPoints;
use super::random::{Random, RandomMeter};
use super::refused_calls::RefusedCalls;
use super::shifted_clock::ShiftedClock;
use super::stop::Stop;
use super::{Access, Entry, Handed, Invocation, OpenFolder, Preopen, Protected};
use crate::limits::{LimitName, Usage};

/// The host's side of one running component.
pub(super) struct State {
    /// In a box: the rest is moved through the engine, with room for it on the stack each time.
    wasi: Box<WasiCtx>,
    table: ResourceTable,
    meter: Meter,
    alarms: Alarms,
    random: RandomMeter,
    disk: Disk,
    refused: RefusedCalls,
    own_thread: OwnThread,
    may_link: bool,
    protected: Protected,
    preopens: Vec<(Dir, String)>,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl State {
    /// The handles of the component, by which it names what the host holds for it.
    pub(super) fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    /// wasmtime's file calls, behind the limits of each folder.
    pub(super) fn files(&mut self) -> Files<'_> {
        let (disk, own_thread, may_link) = (self.disk.clone(), self.own_thread.clone(), self.may_link);
        let view = self.filesystem();
        Files {
            view,
            disk,
            own_thread,
            may_link,
        }
    }

    /// Handles of the folders that the component is given, with the names under which it sees them.
    ///
    /// # Errors
    ///
    /// When it can have no more handles.
    pub(super) fn give_folders(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mut given = Vec::with_capacity(self.preopens.len());
        for (folder, name) in &self.preopens {
            given.push((self.table.push(Descriptor::Dir(folder.clone()))?, name.clone()));
        }
        Ok(given)
    }

    /// The protected settings of its command.
    pub(super) fn protected(&self) -> &Protected {
        &self.protected
    }

    /// What was refused to the component so far.
    pub(super) fn refused(&mut self) -> &mut RefusedCalls {
        &mut self.refused
    }

    /// The alarms of this component's thread.
    pub(super) fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// wasmtime's monotonic clock, with the alarms of this component's thread.
    pub(super) fn monotonic(&mut self) -> Monotonic<'_> {
        let alarms = self.alarms.clone();
        Monotonic {
            clocks: self.clocks(),
            alarms,
        }
    }

    /// wasmtime's source of random bytes, behind our meter.
    pub(super) fn random(&mut self) -> Random<'_> {
        Random {
            source: self.wasi.random(),
            meter: &mut self.random,
        }
    }

    /// The limit that memory or tables ran into, if they did.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Writes what was used into `usage`.
    pub(super) fn report(&mut self, usage: &mut Usage) {
        self.meter.report(usage);
        self.disk.report(usage);
        usage.record(LimitName::Random, self.random.largest);
        usage.record(LimitName::Resources, most_resources(&mut self.table));
    }
}

/// A fresh store for `invocation`, with every limit that the engine keeps set on it.
///
/// Not inlined, this and its parts: the room on the stack that one takes is the next one's afterwards, and the component's. A
/// stack stays as large as it once was for as long as a service lives.
#[inline(never)]
pub(super) fn new_store(
    engine: &Engine,
    invocation: &Invocation,
    handed: Handed,
    points: &EntryPoints,
    stdin: &Stop,
    output: [&Output; 2],
    own_thread: OwnThread,
) -> wasmtime::Result<Store<State>> {
    let limits = &invocation.limits;
    let Handed { folders, protected } = handed;
    let preopens = give(invocation, &folders, &own_thread)?;
    let disk = Disk::of(&invocation.preopens, &folders, limits)?;
    disk.know(&preopens, &folders)?;
    let random = RandomMeter::new(limits, invocation.random)?;
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits.size(LimitName::Resources));
    // With nothing between that could fail: it is put where the engine takes it, and moved once.
    let state = State {
        wasi: new_wasi(invocation, &protected, points, stdin, output, &own_thread),
        table,
        meter: Meter::new(limits),
        alarms: Alarms::new(),
        refused: RefusedCalls::default(),
        protected,
        own_thread,
        may_link: invocation.may_link,
        random,
        disk,
        preopens,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.meter);
    store.set_hostcall_fuel(limits.size(LimitName::Hostcall));
    store.set_max_component_handles(limits.size(LimitName::Handles));
    Ok(store)
}

/// Streams, clocks, environment and arguments.
#[inline(never)]
fn new_wasi(
    invocation: &Invocation,
    protected: &Protected,
    points: &EntryPoints,
    stdin: &Stop,
    [stdout, stderr]: [&Output; 2],
    own_thread: &OwnThread,
) -> Box<WasiCtx> {
    let mut wasi = WasiCtx::builder();
    // For what is opened in wasmtime-wasi's own way; folders, and what is opened directly, have their own.
    wasi.allow_blocking_current_thread(own_thread.takes_all());
    wasi.stdin(stdin.clone()).stdout(stdout.clone()).stderr(stderr.clone());
    // Not of a service: the end of its standard input tells it to stop, so it can only ask.
    if !invocation.is_service
        && let Some(input) = protected.as_input(points)
    {
        wasi.stdin(input);
    }
    // Told to wasmtime as well, so that a request that came round our own meter would still be refused.
    wasi.max_random_size(invocation.limits.value(LimitName::Random));
    if invocation.clock == Precision::Coarse {
        let clock = CoarseClock::new();
        wasi.wall_clock(clock).monotonic_clock(clock);
    }
    if invocation.clock_shift != 0 {
        wasi.wall_clock(ShiftedClock::new(invocation.clock_shift));
    }
    for (name, value) in &invocation.environment {
        wasi.env(name, value);
    }
    if let Entry::Run(arguments) = &invocation.entry {
        wasi.args(arguments);
    }
    Box::new(wasi.build())
}

/// Its folders as the component has them, with their names.
#[inline(never)]
fn give(
    invocation: &Invocation,
    folders: &[OpenFolder],
    own_thread: &OwnThread,
) -> wasmtime::Result<Vec<(Dir, String)>> {
    if folders.len() != invocation.preopens.len() {
        wasmtime::bail!(
            "{} folders are open for {} preopens",
            folders.len(),
            invocation.preopens.len()
        );
    }
    let opened = |(preopen, folder): (&Preopen, &OpenFolder)| {
        let (permissions, mode) = match preopen.access {
            Access::ReadOnly => (FsPerms::ReadOnly, OpenMode::READ),
            Access::ReadWrite(_) => (FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE),
        };
        // By descriptor, not by path: a handler may have put a link where its folder was.
        let is_here = own_thread.takes_given() || own_thread.takes_opened(folder)?;
        Ok((folder.as_dir(permissions, mode, is_here)?, preopen.name.clone()))
    };
    let preopens = invocation.preopens.iter().zip(folders).map(opened);
    Ok(preopens.collect::<std::io::Result<_>>()?)
}

/// The most resources that were alive at one time. The table takes nothing more afterwards.
///
/// A table gives a slot back for reuse and never away, so its slots are its peak. It does not tell how many it has; but
/// with no room for new ones it takes entries only into the slots that were given back, and then all are taken.
fn most_resources(table: &mut ResourceTable) -> u64 {
    table.set_max_capacity(0);
    while table.push(()).is_ok() {}
    table.iter_mut().count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_table_is_found_after_entries_have_gone() {
        let mut table = ResourceTable::new();
        table.set_max_capacity(16);
        let held: Vec<_> = (0..9).map(|_| table.push(1u8).unwrap()).collect();
        for resource in held.into_iter().skip(2).rev() {
            table.delete(resource).unwrap();
        }
        assert_eq!(most_resources(&mut table), 9);
        assert_eq!(most_resources(&mut ResourceTable::new()), 0);
    }
}
