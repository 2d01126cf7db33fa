//! Compiled code, made ready to run in this process.

use std::ops::Range;

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use super::sealed::Sealed;
use super::store::State;

/// A component that only lacks an instance. Cheap to clone.
#[derive(Clone)]
pub(super) struct Linked {
    instance: InstancePre<State>,
}

impl Linked {
    /// Maps `code` and links it.
    ///
    /// # Errors
    ///
    /// Code of another build of the engine or for another processor; an import that is not there.
    #[expect(
        unsafe_code,
        reason = "native code of our own making is mapped: see the safety comment"
    )]
    pub(super) fn new(engine: &Engine, linker: &Linker<State>, code: &Sealed) -> wasmtime::Result<Self> {
        // SAFETY: `deserialize_file` asks that the file was made by `Component::serialize` and does not change while it
        // is mapped. It cannot change: a `Sealed` is a file in memory with seals against writing and resizing. It was
        // made by `compile` of this process, or, in a run worker, by that of a compile worker, which was locked down
        // like this one: either it comes from there directly, or `CodeCache::load` found it
        // with a MAC under this installation's own key that held over these very bytes. wasmtime checks build,
        // processor and settings once more.
        let component = unsafe { Component::deserialize_file(engine, code.path()) }?;
        Ok(Self {
            instance: linker.instantiate_pre(&component)?,
        })
    }

    pub(super) fn instance(&self) -> &InstancePre<State> {
        &self.instance
    }

    /// Where the code is mapped.
    pub(super) fn image(&self) -> Range<*const u8> {
        self.instance.component().image_range()
    }

    /// Memories and tables that an instance has, 0 where the engine cannot tell.
    pub(super) fn memories_and_tables(&self) -> (u64, u64) {
        self.instance.component().resources_required().map_or((0, 0), |needs| {
            (u64::from(needs.num_memories), u64::from(needs.num_tables))
        })
    }
}
