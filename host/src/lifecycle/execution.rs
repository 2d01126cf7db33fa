//! One command of one handler, from the manifest's command line to what came of it.

use hostler_contract::manifest::CommandLine;
use hostler_contract::{Command, HandlerIdentity, Refused, SettingsName, Source};

use super::{HandedOn, Variables, VersionChange};
use crate::grants::Grants;
use crate::handler_dir::{HandlerDir, Installed};
use crate::limits::Limits;
use crate::sandbox::{Code, CodeCache, Entry, EntryPoints, Handed, Invocation, Outcome, ReadyCommand, Sandbox};

/// A handler in place, with all that its commands need.
#[derive(Debug)]
pub struct Handler<'s, 'a> {
    /// The engine.
    pub sandbox: &'s Sandbox,
    /// Where compiled code is kept; `None` compiles anew each time.
    pub cache: Option<&'a CodeCache>,
    /// The package that is in place.
    pub package: &'a Installed,
    /// What it may do.
    pub grants: &'a Grants,
    /// Its folders.
    pub folders: &'a HandlerDir,
    /// Which settings its commands are for.
    pub settings: &'a SettingsName,
    /// The change of versions that its commands belong to, if they do.
    pub change: Option<&'a VersionChange>,
    /// What the native agent handed over, where its commands are run for that one.
    pub handed_on: Option<&'a HandedOn>,
}

/// A command that was run.
#[derive(Debug)]
pub struct Execution {
    /// Whose.
    pub identity: HandlerIdentity,
    /// Which.
    pub command: Command,
    /// The full command line as messages show it.
    pub line: String,
    /// Path of the component in the package.
    pub component: String,
    /// The component.
    pub code: Code,
    /// What came of it.
    pub outcome: Outcome,
}

/// Why a command was not run at all: the package is at fault, or its settings.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ExecutionError(#[from] pub Refused);

impl<'s> Handler<'s, '_> {
    /// The full command line of `command`, as messages and logs show it.
    pub fn line(&self, command: Command) -> String {
        let raw = self.package.manifest().command(command).unwrap_or_default();
        format!("{}/{}", self.folders.base().display(), raw)
    }

    /// The variables of `command` that the contract has; what was granted comes on top when it runs.
    pub fn variables(&self, command: Command) -> Vec<(String, String)> {
        if let Some(handed_on) = self.handed_on {
            return handed_on.variables(self.folders.base());
        }
        let variables = Variables {
            identity: self.folders.identity(),
            base: self.folders.base(),
            settings: self.settings,
            change: self.change,
        };
        variables.of(command)
    }

    /// Gets `command` ready to run within its grants, lowered by `lower`.
    ///
    /// # Errors
    ///
    /// [`ExecutionError`]: the handler cannot run. A command that the manifest does not have is one of them, since it
    /// is needed now (contract 1.2).
    pub fn get_ready(
        &self,
        command: Command,
        lower: impl FnOnce(&mut Limits),
    ) -> Result<ReadyExecution<'s>, ExecutionError> {
        self.get_changed_ready(command, |invocation| lower(&mut invocation.limits))
    }

    /// As [`Self::get_ready`], with an invocation that `change` has changed: for tests of a handler, which put things in
    /// its way.
    fn get_changed_ready(
        &self,
        command: Command,
        change: impl FnOnce(&mut Invocation),
    ) -> Result<ReadyExecution<'s>, ExecutionError> {
        let (component, line) = self.package.target(command)?;
        let entry = |points: &EntryPoints| match points.lifecycle {
            Some(_) => Entry::Lifecycle(command),
            None => as_program(component, &line),
        };
        let at_hand = self.code_at_hand(component);
        let is_at_hand = at_hand.is_some();
        let code = at_hand.map_or_else(|| self.code(component), Ok)?;
        let (mut invocation, handed) = self.assemble(command, &code, entry, |_| {})?;
        change(&mut invocation);
        tracing::debug!(handler = invocation.handler, %command, component, entry = ?invocation.entry, "gets ready");
        let ready = self.sandbox.get_ready(&code, invocation, handed);
        if is_at_hand {
            // Not before: it gets ready meanwhile, and what is not what was installed is called off.
            self.folders.component(self.package, component)?;
        }
        Ok(ReadyExecution {
            identity: self.folders.identity().clone(),
            command,
            line: self.line(command),
            component: component.to_owned(),
            ready,
            code,
        })
    }

    /// The code of `component` as it was installed, where it is at hand; whether the file still is that, nobody has looked.
    fn code_at_hand(&self, component: &str) -> Option<Code> {
        self.cache?;
        self.sandbox.code_at_hand(self.package.digest(component)?.as_bytes())
    }

    /// The code of `component`, which is what was installed.
    ///
    /// # Errors
    ///
    /// [`ExecutionError`] where it is not, and for what [`Sandbox::code`] refuses.
    pub(super) fn code(&self, component: &str) -> Result<Code, ExecutionError> {
        let (bytes, digest) = self.folders.component_with_digest(self.package, component)?;
        let source = Source::new(component, &bytes);
        Ok(self.sandbox.code_of_digest(source, *digest.as_bytes(), self.cache)?)
    }

    /// All that running `code` takes, as `command` may: entered by what `entry` says, within the grants of that
    /// command, lowered by `lower`.
    pub(super) fn assemble(
        &self,
        command: Command,
        code: &Code,
        entry: impl FnOnce(&EntryPoints) -> Entry,
        lower: impl FnOnce(&mut Limits),
    ) -> Result<(Invocation, Handed), ExecutionError> {
        let protected = self
            .folders
            .protected(self.settings, command)
            .map_err(|failure| Refused::new(failure.finding(&self.settings.settings_file())))?;
        let entry = entry(code.entry_points());
        let mut limits = self.grants.limits(command);
        lower(&mut limits);
        let mut folders = self.folders.folders();
        folders.extend(self.grants.open_folders(command)?);
        let (preopens, folders): (Vec<_>, Vec<_>) =
            folders.into_iter().map(|folder| (folder.preopen, folder.open)).unzip();
        let handed = Handed { folders, protected };
        let mut environment = self.variables(command);
        environment.extend(self.grants.variables(command));
        let invocation = Invocation {
            handler: self.folders.identity().to_string(),
            entry,
            is_service: false,
            environment,
            preopens,
            // The native agent reads in these folders as root, and follows what it finds.
            may_link: self.handed_on.is_none(),
            limits,
            clock: self.grants.clock(command),
            clock_shift: 0,
            random: self.grants.random(command),
        };
        Ok((invocation, handed))
    }

    /// Runs `command` within its grants, lowered by `lower`.
    ///
    /// # Errors
    ///
    /// As [`Self::get_ready`]: the handler did not run.
    pub fn execute(&self, command: Command, lower: impl FnOnce(&mut Limits)) -> Result<Execution, ExecutionError> {
        Ok(self.get_ready(command, lower)?.run())
    }

    /// As [`Self::execute`], of an invocation that `change` has changed.
    ///
    /// # Errors
    ///
    /// As [`Self::execute`].
    pub(crate) fn execute_changed(
        &self,
        command: Command,
        change: impl FnOnce(&mut Invocation),
    ) -> Result<Execution, ExecutionError> {
        Ok(self.get_changed_ready(command, change)?.run())
    }
}

/// `wasi:cli/run` of `component`, with the arguments in `line`.
pub(super) fn as_program(component: &str, line: &CommandLine) -> Entry {
    let arguments = line.arguments().iter().cloned();
    Entry::Run(std::iter::once(component.to_owned()).chain(arguments).collect())
}

/// A command that is ready to run, while the host writes down that it begins. Dropping it calls it off: nothing of the
/// handler has run.
#[derive(Debug)]
pub struct ReadyExecution<'s> {
    identity: HandlerIdentity,
    command: Command,
    line: String,
    component: String,
    code: Code,
    ready: ReadyCommand<'s>,
}

impl ReadyExecution<'_> {
    /// Runs it.
    pub fn run(self) -> Execution {
        let (identity, command) = (self.identity, self.command);
        tracing::debug!(handler = %identity, %command, "begins");
        let outcome = self.ready.run();
        tracing::debug!(handler = %identity, %command, end = ?outcome.end, took = ?outcome.duration, "ended");
        Execution {
            identity,
            command,
            line: self.line,
            component: self.component,
            code: self.code,
            outcome,
        }
    }
}
