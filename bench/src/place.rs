//! Where the benchmark works: a root of hostler's with a handler in place, in a folder that is thrown away.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_contract::{Command, HandlerIdentity, Settings, Source};
use hostler_host::bench::{Given, Place as InPlace, Turn};
use hostler_host::grants::Policy;
use hostler_host::handler_dir::HandlerDir;
use hostler_host::lifecycle::{Handler, Variables};
use hostler_host::sandbox::{Code, CodeCache, Entry, Invocation, OpenFolder, Sandbox, WorkerOptions};

use crate::guest::succeeded;
use crate::plain::Kept;

/// A handler in place, ready to be enabled by hostler or by anybody else, with the same settings each time.
pub(crate) struct Place {
    in_place: InPlace,
    turn: Turn,
    /// The component's name in the package, and its bytes.
    pub(crate) component: (String, Vec<u8>),
}

impl Place {
    /// Puts the package at `package` in place in a new folder in `within`, with `settings` as its public settings.
    pub(crate) fn new(within: &Path, sandbox: &Sandbox, package: &Path, settings: &str) -> anyhow::Result<Self> {
        let file = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let identity =
            HandlerIdentity::from_zip_name(&file).map_err(|error| anyhow::anyhow!("{file}: {}", error.what()))?;
        let given = Given {
            file: &file,
            bytes: std::fs::read(package).with_context(|| package.display().to_string())?,
            identity: &identity,
            policy: &Policy::none(),
            settings: Some(Settings::whole_or_public(Source::new("settings", settings.as_bytes()))?.value),
            commands: &[Command::Enable],
        };
        let in_place = InPlace::new(within, sandbox, given)?;
        let component = in_place.package().target(Command::Enable)?.0.to_owned();
        let bytes = in_place.folders().component(in_place.package(), &component)?;
        Ok(Self {
            turn: in_place.turn()?,
            component: (component, bytes),
            in_place,
        })
    }

    /// The handler's folders.
    pub(crate) fn folders(&self) -> &HandlerDir {
        self.in_place.folders()
    }

    /// The handler, as hostler runs its commands in `sandbox` for a goal state.
    pub(crate) fn handler<'s, 'a>(&'a self, sandbox: &'s Sandbox) -> Handler<'s, 'a> {
        self.in_place.handler(sandbox, self.in_place.cache(), &self.turn)
    }

    /// The component's code, from `sandbox` or the cache of this place.
    pub(crate) fn code(&self, sandbox: &Sandbox) -> anyhow::Result<Code> {
        let (name, bytes) = &self.component;
        Ok(sandbox.code(Source::new(name, bytes), Some(self.in_place.cache()))?)
    }

    /// Enables by a host that has just begun: a worker is started while code is read from the cache. How long that took.
    pub(crate) fn enable_cold(&self, options: &WorkerOptions) -> anyhow::Result<Duration> {
        let (component, bytes) = &self.component;
        let started = Instant::now();
        let sandbox = Sandbox::with_workers(options)?;
        let cache = self.open_cache()?;
        let code = sandbox.code(Source::new(component, bytes), Some(&cache))?;
        let (invocation, folders) = self.invocation(&code)?;
        let outcome = sandbox.run(&code, &invocation, folders);
        let took = started.elapsed();
        succeeded(&outcome)?;
        Ok(took)
    }

    /// What hostler runs for `enable`, and the folders for it.
    pub(crate) fn invocation(&self, code: &Code) -> anyhow::Result<(Invocation, Vec<OpenFolder>)> {
        let (component, line) = self.in_place.package().target(Command::Enable)?;
        let entry = match code.entry_points().lifecycle {
            Some(_) => Entry::Lifecycle(Command::Enable),
            None => Entry::Run(
                std::iter::once(component.to_owned())
                    .chain(line.arguments().iter().cloned())
                    .collect(),
            ),
        };
        let folders = self.folders().folders().into_iter();
        let (preopens, folders) = folders.map(|folder| (folder.preopen, folder.open)).unzip();
        let invocation = Invocation {
            handler: self.folders().identity().to_string(),
            entry,
            is_service: false,
            environment: self.variables(),
            preopens,
            may_link: true,
            limits: self.in_place.grants().limits(Command::Enable),
            clock: self.in_place.grants().clock(Command::Enable),
            clock_shift: 0,
            random: self.in_place.grants().random(Command::Enable),
        };
        Ok((invocation, folders))
    }

    /// The same by wasmtime itself, with all of the folders, and nothing of hostler's.
    pub(crate) fn wasmtime_alone(&self, code: &Code) -> anyhow::Result<Kept> {
        let (component, bytes) = &self.component;
        let (invocation, _) = self.invocation(code)?;
        let base = Path::new(self.folders().base());
        let folders = invocation.preopens.into_iter().map(|preopen| {
            // `.` is the handler's own folder; the others go by their whole names.
            let path = base.join(&preopen.name);
            (preopen.name, path)
        });
        let words = vec![component.clone(), Command::Enable.name().to_owned()];
        Kept::new(bytes, words, invocation.environment, &folders.collect::<Vec<_>>())
    }

    /// The variables of `enable`.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let variables = Variables {
            identity: self.folders().identity(),
            base: self.folders().base(),
            settings: &self.turn.settings,
            change: None,
        };
        variables.of(Command::Enable)
    }

    /// The cache once more, as a host that has just been started opens it.
    pub(crate) fn open_cache(&self) -> anyhow::Result<CodeCache> {
        Ok(self.in_place.open_cache()?)
    }

    /// Where `name` lies beside the handler's folders: what others need that enable, and hostler knows nothing of.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.in_place.outside(name)
    }

    /// Removes the status file, so that one found later was written meanwhile.
    pub(crate) fn forget_status(&self) -> anyhow::Result<()> {
        let path = self.status_file();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| path.display().to_string())
            }
            _ => Ok(()),
        }
    }

    /// Makes sure that a status was written: nobody is fast by doing nothing.
    pub(crate) fn check_status(&self, of: &str) -> anyhow::Result<()> {
        let path = self.status_file();
        let text = std::fs::read_to_string(&path).with_context(|| format!("{of} left no {}", path.display()))?;
        anyhow::ensure!(text.contains("Hello, Ada"), "{of} wrote another status: {text}");
        Ok(())
    }

    fn status_file(&self) -> PathBuf {
        self.in_place.status_file(&self.turn)
    }
}
