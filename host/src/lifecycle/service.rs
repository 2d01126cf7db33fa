//! What of a handler is to run on after `enable`, from its manifest and grants to all that running it takes.

use hostler_contract::manifest::CommandLine;
use hostler_contract::{Command, HandlerIdentity, SettingsName};

use super::Handler;
use super::execution::{ExecutionError, as_program};
use crate::limits::Limits;
use crate::sandbox::{Code, Entry, EntryPoints, Handed, Invocation, Outcome, RunningService, Sandbox};

/// A service that can be started, as often as need be.
#[derive(Debug)]
pub struct ServiceSpec {
    /// Whose.
    pub identity: HandlerIdentity,
    /// The settings that it is for.
    pub settings: SettingsName,
    /// Path of the component in the package.
    pub component: String,
    code: Code,
    invocation: Invocation,
    handed: Handed,
}

impl Handler<'_, '_> {
    /// What of the handler is to run on, within the grants of `enable`, lowered by `lower`; `None` where nothing was asked
    /// for or granted, or where a component that asks for it has nothing that could run on.
    ///
    /// It is entered by `hostler:handler/service` where the component exports that, else as the program of
    /// `serviceCommand`.
    ///
    /// # Errors
    ///
    /// [`ExecutionError`]: it cannot be run.
    pub fn service(&self, lower: impl FnOnce(&mut Limits)) -> Result<Option<ServiceSpec>, ExecutionError> {
        if !self.grants.service() {
            return Ok(None);
        }
        let (component, line) = match self.package.service_target() {
            Some((component, line)) => (component, Some(line)),
            None => (self.package.target(Command::Enable)?.0, None),
        };
        let entry = |points: &EntryPoints| entry(points, component, line);
        let code = self.code(component)?;
        let (mut invocation, handed) = self.assemble(Command::Enable, &code, entry, lower)?;
        if line.is_none() && invocation.entry != Entry::Service {
            return Ok(None);
        }
        invocation.is_service = true;
        Ok(Some(ServiceSpec {
            identity: self.folders.identity().clone(),
            settings: self.settings.clone(),
            component: component.to_owned(),
            code,
            invocation,
            handed,
        }))
    }
}

fn entry(points: &EntryPoints, component: &str, line: Option<&CommandLine>) -> Entry {
    match (&points.service, line) {
        (None, Some(line)) => as_program(component, line),
        _ if points.service.is_some() => Entry::Service,
        _ => Entry::Run(vec![component.to_owned()]),
    }
}

impl ServiceSpec {
    /// Starts it in `sandbox`.
    ///
    /// # Errors
    ///
    /// The outcome, where it cannot be started.
    pub fn start(&self, sandbox: &Sandbox) -> Result<RunningService, Box<Outcome>> {
        sandbox.start(&self.code, self.invocation.clone(), self.handed.clone())
    }

    /// SHA-256 of its component, in hexadecimal.
    pub fn digest(&self) -> String {
        self.code.digest_text()
    }
}
