//! wasmtime by itself: a component with nothing of hostler's around it, for what hostler adds and what each of its
//! settings costs.
//!
//! Nothing here is how a handler should be run: no limit holds.

use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::filesystem::WasiFilesystemCtx;
use wasmtime_wasi::p2::bindings::{Command, CommandPre};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};

/// What differs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// Loops look whether they are to stop.
    pub(crate) epochs: bool,
    /// Accesses to memory are bounded by pages that cannot be accessed, else by a comparison each.
    pub(crate) guards: bool,
    /// File calls are made on the component's own thread, as in a worker, else on threads of their own.
    pub(crate) blocking: bool,
}

impl Setting {
    /// As hostler runs components in its workers.
    pub(crate) const AS_OURS: Self = Self {
        epochs: true,
        guards: true,
        blocking: true,
    };

    /// What compiles components and what links their imports.
    fn tools(self) -> wasmtime::Result<(Engine, Linker<State>)> {
        let mut config = Config::new();
        config.epoch_interruption(self.epochs);
        if !self.guards {
            config.memory_reservation(0).memory_guard_size(0);
        }
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        Ok((engine, linker))
    }

    fn store(self, engine: &Engine, wasi: WasiCtx) -> Store<State> {
        let table = ResourceTable::new();
        let mut store = Store::new(engine, State { wasi, table });
        if self.epochs {
            // Nobody raises it.
            store.set_epoch_deadline(1);
        }
        store
    }
}

/// A component, compiled with a setting.
pub(crate) struct Plain {
    setting: Setting,
    engine: Engine,
    linker: Linker<State>,
    component: Component,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// Most that a component may say, in bytes.
const MOST_OUTPUT: usize = 1 << 16;

impl Plain {
    /// Compiles the component in `file`.
    pub(crate) fn new(file: &Path, setting: Setting) -> anyhow::Result<Self> {
        let compiled = setting.tools().and_then(|(engine, linker)| {
            Ok(Self {
                setting,
                component: Component::from_file(&engine, file)?,
                engine,
                linker,
            })
        });
        compiled.map_err(|error| anyhow::anyhow!("{}: {error:#}", file.display()))
    }

    /// Runs it with `words`, and its folder where it has one; gives what it said.
    pub(crate) fn run(&self, words: &[&str], folder: Option<&Path>) -> anyhow::Result<String> {
        let said = MemoryOutputPipe::new(MOST_OUTPUT);
        let complained = MemoryOutputPipe::new(MOST_OUTPUT);
        let ended = runtime()?.block_on(self.enter(words, folder, [&said, &complained]));
        succeeded(ended, &complained)?;
        Ok(text(&said))
    }

    async fn enter(
        &self,
        words: &[&str],
        folder: Option<&Path>,
        [said, complained]: [&MemoryOutputPipe; 2],
    ) -> wasmtime::Result<Result<(), ()>> {
        let mut wasi = WasiCtx::builder();
        // Before the folder, which takes it over.
        wasi.allow_blocking_current_thread(self.setting.blocking);
        wasi.stdout(said.clone())
            .stderr(complained.clone())
            .arg("guest")
            .args(words);
        if let Some(folder) = folder {
            let name = folder.display().to_string();
            wasi.arg(&name).preopened_dir(folder, &name, FsPerms::ReadWrite)?;
        }
        let mut store = self.setting.store(&self.engine, wasi.build());
        let command = Command::instantiate_async(&mut store, &self.component, &self.linker).await?;
        command.wasi_cli_run().call_run(&mut store).await
    }
}

/// A component that is run again and again with [`Setting::AS_OURS`], as an embedder does who wants it to be fast: what
/// need not be made anew for a run is kept. Each run has an instance, with its memory, and output of its own.
pub(crate) struct Kept {
    engine: Engine,
    command: CommandPre<State>,
    words: Vec<String>,
    variables: Vec<(String, String)>,
    folders: WasiFilesystemCtx,
    runtime: Runtime,
}

impl Kept {
    /// Compiles `component`, and opens `folders`, each under the name that the component knows it by.
    pub(crate) fn new(
        component: &[u8],
        words: Vec<String>,
        variables: Vec<(String, String)>,
        folders: &[(String, PathBuf)],
    ) -> anyhow::Result<Self> {
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(Setting::AS_OURS.blocking);
        let made = folders
            .iter()
            .try_for_each(|(name, path)| wasi.preopened_dir(path, name, FsPerms::ReadWrite).map(drop))
            .and_then(|()| {
                let (engine, linker) = Setting::AS_OURS.tools()?;
                let component = Component::new(&engine, component)?;
                Ok((CommandPre::new(linker.instantiate_pre(&component)?)?, engine))
            });
        let (command, engine) = made.map_err(|error| anyhow::anyhow!("wasmtime alone: {error:#}"))?;
        Ok(Self {
            engine,
            command,
            words,
            variables,
            folders: wasi.build().filesystem().clone(),
            runtime: runtime()?,
        })
    }

    /// Runs it once.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let complained = MemoryOutputPipe::new(MOST_OUTPUT);
        let mut wasi = WasiCtx::builder();
        wasi.stdout(MemoryOutputPipe::new(MOST_OUTPUT))
            .stderr(complained.clone())
            .args(&self.words)
            .envs(&self.variables);
        let mut wasi = wasi.build();
        wasi.filesystem().clone_from(&self.folders);
        let ended = self.runtime.block_on(async {
            let mut store = Setting::AS_OURS.store(&self.engine, wasi);
            let command = self.command.instantiate_async(&mut store).await?;
            command.wasi_cli_run().call_run(&mut store).await
        });
        succeeded(ended, &complained)
    }
}

/// What drives a component's calls, on the thread that runs it.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_time().build()
}

/// Fails where the component did, with what it said about it.
fn succeeded(ended: wasmtime::Result<Result<(), ()>>, complained: &MemoryOutputPipe) -> anyhow::Result<()> {
    match ended {
        Ok(Ok(())) => Ok(()),
        Ok(Err(())) => anyhow::bail!("it failed: {}", text(complained)),
        Err(error) => anyhow::bail!("{error:#}: {}", text(complained)),
    }
}

fn text(pipe: &MemoryOutputPipe) -> String {
    String::from_utf8_lossy(&pipe.contents()).trim().to_owned()
}
