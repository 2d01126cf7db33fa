//! Compiled components.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hostler_contract::{Command, Finding, Place, Refused, Source, codes};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre};

use super::Sandbox;
use super::code_cache::{Authentic, CacheKey, CodeCache};
use super::linker::new_linker;
use super::prescan::{EntryPoints, prescan};
use super::scan_limits::ScanLimits;
use super::store::State;

/// Where compiled code came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was compiled just now, in that time.
    Compiled(Duration),
    /// It was kept from an earlier time.
    Kept,
}

/// A component, ready to run. Cheap to clone.
#[derive(Clone)]
pub struct Code {
    instance: InstancePre<State>,
    entry_points: Arc<EntryPoints>,
    digest: [u8; 32],
    origin: Origin,
}

impl Code {
    /// SHA-256 of the component's bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The same in hexadecimal.
    pub fn digest_text(&self) -> String {
        hex::encode(self.digest)
    }

    /// Where the compiled code came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// How it can be entered.
    pub fn entry_points(&self) -> &EntryPoints {
        &self.entry_points
    }

    pub(super) fn instance(&self) -> &InstancePre<State> {
        &self.instance
    }

    /// Memories and tables that an instance has, 0 where the engine cannot tell.
    pub(super) fn memories_and_tables(&self) -> (u64, u64) {
        self.instance.component().resources_required().map_or((0, 0), |needs| {
            (u64::from(needs.num_memories), u64::from(needs.num_tables))
        })
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code")
            .field("digest", &self.digest_text())
            .field("origin", &self.origin)
            .finish()
    }
}

impl Sandbox {
    /// Compiles the component in `source`, or takes what `cache` kept of the same bytes.
    ///
    /// The bytes are looked over by [`prescan`] in both cases.
    ///
    /// # Errors
    ///
    /// [`Refused`] for what is not a component, asks for what is not granted, or does not compile. A cache that cannot be
    /// read or written, and an entry in it that is damaged or was not written by this installation, are none: then it is
    /// compiled anew.
    pub fn code(&self, source: Source<'_>, cache: Option<&CodeCache>) -> Result<Code, Refused> {
        let entry_points = Arc::new(prescan(source, &ScanLimits::default())?);
        let digest: [u8; 32] = Sha256::digest(source.bytes).into();
        let made = |component: Component, origin| -> Result<Code, Refused> {
            check_entries(source, &component, &entry_points, self.engine())?;
            let linked = new_linker(self.engine()).and_then(|linker| linker.instantiate_pre(&component));
            let instance = linked.map_err(|error| does_not_link(source, &error))?;
            Ok(Code {
                instance,
                entry_points: Arc::clone(&entry_points),
                digest,
                origin,
            })
        };
        let key = cache.map(|_| CacheKey::new(&digest, self.engine()));
        if let (Some(cache), Some(key)) = (cache, &key)
            && let Some(bytes) = kept(cache, key)
            && let Ok(component) = self.revive(&bytes)
        {
            tracing::debug!(
                component = source.file,
                digest = hex::encode(digest),
                "compiled code is kept from before"
            );
            return made(component, Origin::Kept);
        }
        let started = Instant::now();
        // The compiler is not meant to panic; a package that makes it do so is refused like any other.
        let compiled = panic::catch_unwind(AssertUnwindSafe(|| Component::from_binary(self.engine(), source.bytes)));
        let component = compiled
            .unwrap_or_else(|_| Err(wasmtime::format_err!("the compiler panicked")))
            .map_err(|error| does_not_compile(source, &error))?;
        let took = started.elapsed();
        tracing::debug!(component = source.file, digest = hex::encode(digest), ?took, "compiled");
        if let (Some(cache), Some(key)) = (cache, &key) {
            let bytes = component
                .serialize()
                .map_err(|error| does_not_compile(source, &error))?;
            // What cannot be kept can still be run; it is compiled again the next time.
            if let Err(error) = cache.store(key, &bytes) {
                tracing::warn!("{:#}", anyhow::Error::new(error));
            }
        }
        made(component, Origin::Compiled(took))
    }

    /// Makes a component of code that this installation compiled and kept.
    #[expect(
        unsafe_code,
        reason = "native code of our own making is mapped: see the safety comment"
    )]
    fn revive(&self, bytes: &Authentic) -> wasmtime::Result<Component> {
        // SAFETY: `deserialize` asks that the bytes come unchanged from `Component::serialize`. An `Authentic` is only
        // made by `CodeCache::load`, after a MAC with this installation's own key over these very bytes in memory held;
        // only `CodeCache::store` makes such MACs, over what `serialize` gave. Bytes of another build of the engine have
        // another name and are not found under this one, and wasmtime checks build and settings once more.
        unsafe { Component::deserialize(self.engine(), bytes.code()) }
    }
}

/// What is kept under `key`, if it can be read.
fn kept(cache: &CodeCache, key: &CacheKey) -> Option<Authentic> {
    cache.load(key).unwrap_or_else(|error| {
        tracing::warn!("{:#}", anyhow::Error::new(error));
        None
    })
}

/// Makes sure that what the component is entered by are functions without parameters and with one result.
fn check_entries(
    source: Source<'_>,
    component: &Component,
    points: &EntryPoints,
    engine: &Engine,
) -> Result<(), Refused> {
    let run = points.run.iter().map(|interface| (interface, "run"));
    let lifecycle = points
        .lifecycle
        .iter()
        .flat_map(|interface| Command::ALL.map(|command| (interface, command.name())));
    let exports = component.component_type();
    for (interface, name) in run.chain(lifecycle) {
        let function = match exports.get_export(engine, interface).map(|export| export.ty) {
            Some(ComponentItem::ComponentInstance(instance)) => {
                instance.get_export(engine, name).map(|export| export.ty)
            }
            _ => None,
        };
        let fits = matches!(function, Some(ComponentItem::ComponentFunc(function))
            if function.params().len() == 0 && function.results().len() == 1);
        if !fits {
            return Err(Refused::new(Finding::refusal(
                codes::WASM_EXPORT,
                source.file,
                Place::Whole,
                format!("its export `{interface}` has no function `{name}` without parameters and with one result"),
                "a component made with the SDK's `export!`, or a program built for wasm32-wasip2",
            )));
        }
    }
    Ok(())
}

fn does_not_link(source: Source<'_>, error: &wasmtime::Error) -> Refused {
    Refused::new(Finding::refusal(
        codes::WASM_IMPORT,
        source.file,
        Place::Whole,
        format!("an import is not what it should be: {error:#}"),
        "import the interfaces of WASI 0.2 as they are published",
    ))
}

fn does_not_compile(source: Source<'_>, error: &wasmtime::Error) -> Refused {
    Refused::new(Finding::refusal(
        codes::COMPILE_FAILED,
        source.file,
        Place::Whole,
        format!("the component does not compile: {error:#}"),
        "a component that wasmtime 48 compiles",
    ))
}
