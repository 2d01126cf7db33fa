//! The calls themselves, on folders on disk: whatever is done, what is charged is what is there.

mod cases;
mod opening;
mod property;
mod reading;

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use hostler_contract::Command;
use hostler_contract::manifest::Precision;
use wasmtime::component::Resource;
use wasmtime::{Engine, Store};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasmtime_wasi_io::bindings::wasi::io::streams::HostOutputStream;

use super::*;
use crate::limits::{GrantedQuota, LimitName, Quota, Rule};
use crate::sandbox::file_calls::FileCalls;
use crate::sandbox::output::{Keeps, Output};
use crate::sandbox::stop::Stop;
use crate::sandbox::store::{State, new_store};
use crate::sandbox::{Entry, EntryPoints, Invocation};
use crate::secrets::Redactor;

/// What may be added to the granted folder.
const GRANTED: GrantedQuota = GrantedQuota {
    number: 0,
    bytes: 500,
    files: 5,
    depth: 2,
};

const SEEN: [(&str, Quota); 4] = [
    ("data", Quota::Data),
    ("log", Quota::Log),
    ("log/events", Quota::Events),
    ("granted", Quota::Granted(GRANTED)),
];

/// A component's view of four folders.
struct Guest {
    root: tempfile::TempDir,
    store: Store<State>,
    folders: Vec<u32>,
    runtime: tokio::runtime::Runtime,
    /// Threads that were begun for file calls.
    threads: Arc<AtomicUsize>,
}

impl Guest {
    /// Whose file calls are made as in a worker.
    fn new(lowered: &[(LimitName, u64)], prepare: impl FnOnce(&Path)) -> Self {
        Self::calling(FileCalls::OnItsThread, lowered, prepare)
    }

    /// Who may make no link.
    fn without_links(prepare: impl FnOnce(&Path)) -> Self {
        Self::of(FileCalls::OnItsThread, false, &[], prepare)
    }

    fn calling(file_calls: FileCalls, lowered: &[(LimitName, u64)], prepare: impl FnOnce(&Path)) -> Self {
        Self::of(file_calls, true, lowered, prepare)
    }

    fn of(file_calls: FileCalls, may_link: bool, lowered: &[(LimitName, u64)], prepare: impl FnOnce(&Path)) -> Self {
        let root = tempfile::tempdir().unwrap();
        for (name, _) in SEEN {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        prepare(root.path());
        let mut limits = Limits::default();
        for (name, value) in lowered {
            limits.lower(*name, *value, Rule::CommandLine).unwrap();
        }
        let preopens = SEEN.map(|(name, quota)| Preopen {
            name: name.to_owned(),
            access: Access::ReadWrite(quota),
            granted: quota.counts_growth_only(),
        });
        let folders: Vec<OpenFolder> = SEEN
            .iter()
            .map(|(name, _)| File::open(root.path().join(name)).unwrap().into())
            .collect();
        let invocation = Invocation {
            handler: "Test.Disk-1.0".to_owned(),
            entry: Entry::Lifecycle(Command::Enable),
            is_service: false,
            environment: vec![],
            preopens: preopens.into(),
            may_link,
            limits,
            clock: Precision::Full,
            clock_shift: 0,
            random: Precision::Full,
        };
        let own_thread = OwnThread::of(file_calls, &folders).unwrap();
        let output = Output::new(0, Keeps::First, &Redactor::default());
        let mut store = new_store(
            &Engine::default(),
            &invocation,
            folders.into(),
            &EntryPoints::default(),
            &Stop::of_command(),
            [&output, &output],
            own_thread,
        )
        .unwrap();
        let opened = store.data_mut().give_folders().unwrap();
        let threads = Arc::new(AtomicUsize::new(0));
        Self {
            root,
            store,
            folders: opened.iter().map(|(folder, _)| folder.rep()).collect(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .on_thread_start({
                    let threads = Arc::clone(&threads);
                    move || {
                        threads.fetch_add(1, Ordering::SeqCst);
                    }
                })
                .build()
                .unwrap(),
            threads,
        }
    }

    fn folder(&self, index: usize) -> Resource<Descriptor> {
        Resource::new_borrow(self.folders[index])
    }

    /// Does `call` with the file calls.
    fn call<T>(&mut self, call: impl AsyncFnOnce(&mut Files<'_>) -> FsResult<T>) -> Result<T, ErrorCode> {
        let (runtime, store) = (&self.runtime, &mut self.store);
        runtime
            .block_on(async { call(&mut store.data_mut().files()).await })
            .map_err(|error| error.downcast().unwrap())
    }

    fn open(&mut self, index: usize, path: &str, how: OpenFlags) -> Result<u32, ErrorCode> {
        let folder = self.folder(index);
        let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
        let path = path.to_owned();
        let opened = self.call(async |files| files.open_at(folder, PathFlags::SYMLINK_FOLLOW, path, how, flags).await);
        opened.map(|file| file.rep())
    }

    fn write(&mut self, file: u32, offset: u64, length: usize) -> Result<u64, ErrorCode> {
        let file = Resource::new_borrow(file);
        self.call(async |files| files.write(file, vec![1; length], offset).await)
    }

    fn set_size(&mut self, file: u32, size: u64) -> Result<(), ErrorCode> {
        let file = Resource::new_borrow(file);
        self.call(async |files| files.set_size(file, size).await)
    }

    fn close(&mut self, file: u32) {
        self.store
            .data_mut()
            .table()
            .delete(Resource::<Descriptor>::new_own(file))
            .unwrap();
    }

    /// Writes by way of a stream, from `offset` on or at the end.
    fn stream(&mut self, file: u32, offset: Option<u64>, length: usize) -> bool {
        let file = Resource::new_borrow(file);
        let stream = self.call(async |files| files.stream(file, offset)).unwrap();
        let again = Resource::new_borrow(stream.rep());
        let (runtime, table) = (&self.runtime, self.store.data_mut().table());
        let written = runtime.block_on(table.blocking_write_and_flush(again, vec![2; length]));
        runtime.block_on(HostOutputStream::drop(table, stream)).unwrap();
        written.is_ok()
    }

    fn mkdir(&mut self, index: usize, path: &str) -> Result<(), ErrorCode> {
        let (folder, path) = (self.folder(index), path.to_owned());
        self.call(async |files| files.create_directory_at(folder, path).await)
    }

    fn rename(&mut self, from: (usize, &str), to: (usize, &str)) -> Result<(), ErrorCode> {
        let (folder, target) = (self.folder(from.0), self.folder(to.0));
        let (path, new_path) = (from.1.to_owned(), to.1.to_owned());
        self.call(async |files| files.rename_at(folder, path, target, new_path).await)
    }

    fn link(&mut self, from: (usize, &str), to: (usize, &str)) -> Result<(), ErrorCode> {
        let (folder, target) = (self.folder(from.0), self.folder(to.0));
        let (path, new_path) = (from.1.to_owned(), to.1.to_owned());
        self.call(async |files| files.link_at(folder, PathFlags::empty(), path, target, new_path).await)
    }

    fn symlink(&mut self, index: usize, target: &str, path: &str) -> Result<(), ErrorCode> {
        let (folder, target, path) = (self.folder(index), target.to_owned(), path.to_owned());
        self.call(async |files| files.symlink_at(folder, target, path).await)
    }

    fn unlink(&mut self, index: usize, path: &str) -> Result<(), ErrorCode> {
        let (folder, path) = (self.folder(index), path.to_owned());
        self.call(async |files| files.unlink_file_at(folder, path).await)
    }

    fn rmdir(&mut self, index: usize, path: &str) -> Result<(), ErrorCode> {
        let (folder, path) = (self.folder(index), path.to_owned());
        self.call(async |files| files.remove_directory_at(folder, path).await)
    }

    /// Bytes and files that are charged for a folder.
    fn charged(&mut self, index: usize) -> (u64, u64) {
        let disk = self.store.data_mut().files().disk;
        let mut ledger = disk.ledger();
        let budget = ledger.budget(SEEN[index].1);
        (budget.bytes.now(), budget.files.now())
    }

    /// Bytes and files that are there.
    fn real(&self, index: usize) -> (u64, u64) {
        let skip = (index == 1).then(|| self.root.path().join("log/events"));
        let mut seen = HashSet::new();
        walk(&self.root.path().join(SEEN[index].0), skip.as_deref(), &mut seen)
    }

    /// What was added to the granted folder: bytes, files, and whether more was refused.
    fn added(&mut self) -> (u64, u64, bool) {
        let mut usage = Usage::new(&Limits::default());
        self.store.data_mut().files().disk.report(&mut usage);
        let [one] = usage.folders() else {
            panic!("one folder is granted: {:?}", usage.folders())
        };
        let refused = one.bytes.reached || one.files.reached || one.depth.reached;
        (one.bytes.used, one.files.used, refused)
    }

    fn used(&mut self, name: LimitName) -> (Option<u64>, bool) {
        let mut usage = Usage::new(&Limits::default());
        self.store.data_mut().files().disk.report(&mut usage);
        (usage.get(name).used, usage.get(name).reached)
    }
}

fn walk(folder: &Path, skip: Option<&Path>, seen: &mut HashSet<u64>) -> (u64, u64) {
    let (mut bytes, mut files) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if Some(path.as_path()) == skip {
            continue;
        }
        let found = path.symlink_metadata().unwrap();
        files += 1;
        if found.is_dir() {
            let inside = walk(&path, skip, seen);
            bytes += inside.0;
            files += inside.1;
        } else if seen.insert(found.ino()) {
            bytes += found.len();
        }
    }
    (bytes, files)
}

const NEW: OpenFlags = OpenFlags::CREATE;
