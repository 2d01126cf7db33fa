//! Where the benchmark works: a root of hostler's with a handler in place, in a folder that is thrown away.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, HandlerIdentity, SequenceNumber, Settings, SettingsName, Source};
use hostler_host::grants::{Grants, Policy};
use hostler_host::handler_dir::{HandlerDir, Installed, PackageRecord};
use hostler_host::lifecycle::Variables;
use hostler_host::root::Root;
use hostler_host::sandbox::{Code, CodeCache, Entry, Invocation, Sandbox};
use hostler_host::signatures::Signed;
use tempfile::TempDir;

/// A handler in place, ready to be enabled by hostler or by anybody else.
pub(crate) struct Place {
    pub(crate) folders: HandlerDir,
    pub(crate) package: Installed,
    pub(crate) grants: Grants,
    pub(crate) settings: SettingsName,
    pub(crate) cache: CodeCache,
    /// The component's name in the package, and its bytes.
    pub(crate) component: (String, Vec<u8>),
    cache_path: PathBuf,
    outside: PathBuf,
    _folder: TempDir,
}

impl Place {
    /// Puts the package at `package` in place in a new folder in `within`, with `settings` as its public settings.
    pub(crate) fn new(within: &Path, sandbox: &Sandbox, package: &Path, settings: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("hostler-bench-")
            .tempdir_in(within)
            .with_context(|| within.display().to_string())?;
        let root = Root::open(&folder.path().join("root"))?;
        let file = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let identity =
            HandlerIdentity::from_zip_name(&file).map_err(|error| anyhow::anyhow!("{file}: {}", error.what()))?;
        let bytes = std::fs::read(package).with_context(|| package.display().to_string())?;
        let staging = HandlerDir::staging(&root)?;
        let prepared = sandbox.prepare(&file, bytes, staging.as_fd(), &[Command::Enable])?;
        let grants = Grants::decide(prepared.manifest(), MANIFEST_FILE, &Policy::none(), &identity)?.grants;
        let record = PackageRecord::of(&prepared, "", Signed::Unsigned);
        let folders = HandlerDir::place(&root, &identity, prepared.into_staged())?;
        let package = folders.installed(&record)?;
        let name = SettingsName::single(SequenceNumber::FIRST);
        let settings = Settings::whole_or_public(Source::new("settings", settings.as_bytes()))?.value;
        folders.write_settings(&name, Some(&settings))?;
        let component = package.target(Command::Enable)?.0.to_owned();
        let bytes = folders.component(&package, &component)?;
        let cache_path = folder.path().join("cache");
        Ok(Self {
            cache: CodeCache::open(&cache_path)?,
            component: (component, bytes),
            cache_path,
            outside: folder.path().to_owned(),
            folders,
            package,
            grants,
            settings: name,
            _folder: folder,
        })
    }

    /// The component's code, from `sandbox` or the cache of this place.
    pub(crate) fn code(&self, sandbox: &Sandbox) -> anyhow::Result<Code> {
        let (name, bytes) = &self.component;
        Ok(sandbox.code(Source::new(name, bytes), Some(&self.cache))?)
    }

    /// What hostler runs for `enable`, and the folders for it.
    pub(crate) fn invocation(&self, code: &Code) -> anyhow::Result<(Invocation, Vec<OwnedFd>)> {
        let (component, line) = self.package.target(Command::Enable)?;
        let entry = match code.entry_points().lifecycle {
            Some(_) => Entry::Lifecycle(Command::Enable),
            None => Entry::Run(
                std::iter::once(component.to_owned())
                    .chain(line.arguments().iter().cloned())
                    .collect(),
            ),
        };
        let folders = self.folders.folders()?.into_iter();
        let (preopens, descriptors) = folders.map(|folder| (folder.preopen, folder.descriptor)).unzip();
        let invocation = Invocation {
            handler: self.folders.identity().to_string(),
            entry,
            is_service: false,
            environment: self.variables(),
            preopens,
            may_link: true,
            limits: self.grants.limits(Command::Enable),
            clock: self.grants.clock(Command::Enable),
            clock_shift: 0,
            random: self.grants.random(Command::Enable),
        };
        Ok((invocation, descriptors))
    }

    /// The variables of `enable`.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let variables = Variables {
            identity: self.folders.identity(),
            base: self.folders.base(),
            settings: &self.settings,
            change: None,
        };
        variables.of(Command::Enable)
    }

    /// The cache once more, as a host that has just been started opens it.
    pub(crate) fn open_cache(&self) -> anyhow::Result<CodeCache> {
        Ok(CodeCache::open(&self.cache_path)?)
    }

    /// Where `name` lies beside the handler's folders: what others need that enable, and hostler knows nothing of.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.outside.join(name)
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
        self.folders.base().join("status").join(self.settings.status_file())
    }
}
