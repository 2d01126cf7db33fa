//! Where components run, and the engines for there.

use wasmtime::Engine;
use wasmtime::component::Linker;

use super::engine::{EngineError, compiling_engine, copying_engine};
use super::file_calls::FileCalls;
use super::isolation::Isolation;
use super::linked::Linked;
use super::linker::new_linker;
use super::sealed::Sealed;
use super::store::State;
use super::workers::Workers;

/// The largest component, in bytes, of which what its memory begins with is copied into each instance. A larger one can have
/// megabytes of that, most of which a command never touches.
const SMALL: usize = 1 << 20;

/// Where components run.
#[expect(
    clippy::large_enum_variant,
    reason = "a sandbox has one, behind a pointer of its own"
)]
pub(super) enum Mode {
    /// In this process.
    InProcess(InProcess),
    /// In processes of their own. Nothing is compiled with this engine here: its build and settings name the code that is kept.
    Workers(Engine, Workers),
}

/// What components run with in this process.
pub(super) struct InProcess {
    pub(super) file_calls: FileCalls,
    small: Linking,
    large: Linking,
}

/// An engine, and what its components are linked to.
struct Linking {
    engine: Engine,
    linker: Linker<State>,
}

impl Linking {
    fn new(engine: Engine) -> Result<Self, EngineError> {
        let linker = new_linker(&engine).map_err(|error| EngineError::new(&error))?;
        Ok(Self { engine, linker })
    }
}

impl InProcess {
    /// # Errors
    ///
    /// When this machine cannot run an engine.
    pub(super) fn new(file_calls: FileCalls) -> Result<Self, EngineError> {
        Ok(Self {
            file_calls,
            small: Linking::new(copying_engine()?)?,
            large: Linking::new(compiling_engine()?)?,
        })
    }
}

impl Mode {
    pub(super) fn isolation(&self) -> Isolation {
        match self {
            Self::InProcess(_) => Isolation::InProcess,
            Self::Workers(..) => Isolation::Worker,
        }
    }

    /// The engine for a component of so many bytes.
    pub(super) fn engine(&self, size: usize) -> &Engine {
        match self {
            Self::InProcess(here) if size <= SMALL => &here.small.engine,
            Self::InProcess(here) => &here.large.engine,
            Self::Workers(engine, _) => engine,
        }
    }

    /// The engines for components of all sizes.
    pub(super) fn engines(&self) -> impl Iterator<Item = &Engine> {
        let (first, second) = match self {
            Self::InProcess(here) => (&here.small.engine, Some(&here.large.engine)),
            Self::Workers(engine, _) => (engine, None),
        };
        std::iter::once(first).chain(second)
    }

    /// Links `code` that was made for `engine`, one of these, where it is to run in this process.
    pub(super) fn link(&self, engine: &Engine, code: &Sealed) -> wasmtime::Result<Option<Linked>> {
        let Self::InProcess(here) = self else {
            return Ok(None);
        };
        let linking = match Engine::same(&here.small.engine, engine) {
            true => &here.small,
            false => &here.large,
        };
        Linked::new(&linking.engine, &linking.linker, code).map(Some)
    }
}
