//! One command, or one run of a service, from start to end: surroundings, settings, the handler's own code, and what is
//! told about it.
//!
//! ```text
//! variables ─► folders ─► settings + arrival ─► handler ─► mrseq ─► status ─► exit code
//! ```
//!
//! The number of the settings is recorded before the status says success: whoever reads `success` can rely on it. A
//! service works on settings that were carried out, and records nothing.

use hostler_contract::{Command, ExtensionName, SequenceNumber};
use serde::de::DeserializeOwned;

use crate::{
    Arrival, Context, Failure, Folders, Handler, RawSettings, Service, Success, arrival, departure, exit_code, panic,
    protected::Source,
    reporting::unwritable,
    settings,
    stop::{self, Waits},
    variables::{Variables, name},
};

/// Runs one command of `H` and tells status and log what came of it.
pub(crate) fn run<H: Handler>(command: Command, variables: Variables, protected: Source) -> Result<(), Failure> {
    let number = sequence_number(&variables)?;
    let extension = extension_name(&variables)?;
    let folders = Folders::read(&variables)?;
    let mut context = Context::new(command, number, extension, folders, variables, protected);
    match carry_out::<H>(&mut context) {
        Ok(Some(success)) => context
            .status_file()
            .success(success)
            .map_err(|error| unwritable("the status", error)),
        Ok(None) => Ok(()),
        Err(failure) => Err(context.reporting().failed(failure)),
    }
}

/// Runs the service of `H` until `waits`, or where that is `None` standard input, tells it to stop.
pub(crate) fn serve<H: Handler>(
    variables: Variables,
    protected: Source,
    waits: Option<Box<dyn Waits + '_>>,
) -> Result<(), Failure> {
    let number = sequence_number(&variables)?;
    let extension = extension_name(&variables)?;
    let folders = Folders::read(&variables)?;
    let mut service = Service::new(number, extension, folders, variables, protected, waits);
    run_on::<H>(&mut service).map_err(|failure| service.reporting().failed(failure))
}

/// What a service does.
fn run_on<H: Handler>(service: &mut Service<'_>) -> Result<(), Failure> {
    if !stop::can_be_heard() {
        let what = "a service cannot hear that it is to stop when built for WASI preview 1; build it for wasm32-wasip2";
        return Err(Failure::new(what).with_exit_code(exit_code::USAGE));
    }
    service.folders().make_data()?;
    panic::caught(service.status_file().clone(), || {
        let folder = service.folders().config();
        let settings = public(settings::read(
            folder,
            service.extension_name(),
            service.sequence_number(),
        )?)?;
        H::default().service(service, settings)
    })
}

/// What a command does; enable gives what its status is to say.
fn carry_out<H: Handler>(context: &mut Context) -> Result<Option<Success>, Failure> {
    context.folders().make_data()?;
    context.read_arrival()?;
    let run: fn(&H, &mut Context) -> Result<(), Failure> = match context.command() {
        Command::Enable => return enable::<H>(context).map(Some),
        Command::Install => H::install,
        Command::Update => H::update,
        Command::Disable => H::disable,
        Command::Uninstall => H::uninstall,
    };
    panic::caught(context.status_file().clone(), || run(&H::default(), context))?;
    if context.command() == Command::Update {
        // On the way down it is the old version that updates, and not the one that goes on (contract 7.4).
        let version = context.target_version().unwrap_or_default().to_owned();
        departure::note(&version, &context.data_folder())
            .map_err(|error| unwritable("the note of an update", error))?;
    }
    Ok(None)
}

/// Enables, and records that these settings were applied once everything went well.
fn enable<H: Handler>(context: &mut Context) -> Result<Success, Failure> {
    // Reading the settings into the handler's type runs its code too.
    let success = panic::caught(context.status_file().clone(), || {
        let settings = public(context.raw_settings()?)?;
        H::default().enable(context, settings)
    })?;
    let settled = departure::settle(&context.data_folder());
    settled.map_err(|error| unwritable("the note of an update", error))?;
    // Settings that come again have their number recorded already.
    if context.arrival() != Arrival::Again {
        arrival::record(context.sequence_number(), &context.mrseq())
            .map_err(|error| unwritable("the number of the settings", error).while_doing("after the work was done"))?;
    }
    Ok(success)
}

/// The settings as the handler's type; a goal state without any is one with empty ones.
fn public<T: DeserializeOwned>(settings: Option<RawSettings>) -> Result<T, Failure> {
    match settings {
        Some(raw) => raw.public(),
        None => serde_json::from_str("{}").map_err(|error| {
            Failure::new(format!(
                "the goal state has no settings, and this handler needs them: {error}"
            ))
            .with_exit_code(exit_code::SETTINGS)
        }),
    }
}

/// The number of the settings, from `ConfigSequenceNumber`; the agent tolerates blanks around it (contract 4.3).
///
/// Without it there is no telling which settings are meant: the largest number in the folder may be an old one, since
/// numbers can go back.
fn sequence_number(variables: &Variables) -> Result<SequenceNumber, Failure> {
    let text = variables
        .get(name::SEQUENCE_NUMBER)
        .ok_or_else(|| surroundings("ConfigSequenceNumber is not set; the agent sets it for every command"))?;
    SequenceNumber::parse(text.trim())
        .map_err(|error| surroundings(format!("ConfigSequenceNumber: {error}; {}", error.hint())))
}

/// The extension that is meant, of a handler that has several. It becomes part of file names.
fn extension_name(variables: &Variables) -> Result<Option<ExtensionName>, Failure> {
    variables
        .get(name::EXTENSION_NAME)
        .map(ExtensionName::parse)
        .transpose()
        .map_err(|error| surroundings(format!("ConfigExtensionName: {error}; {}", error.hint())))
}

fn surroundings(what: impl Into<String>) -> Failure {
    Failure::new(what).with_exit_code(exit_code::SURROUNDINGS)
}
