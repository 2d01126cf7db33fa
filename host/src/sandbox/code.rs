//! Compiled components.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hostler_contract::{Finding, Place, Refused, Source, codes};
use sha2::{Digest, Sha256};
use wasmtime::component::Component;

use super::code_cache::{CacheKey, CodeCache};
use super::prescan::{EntryPoints, ScanLimits, prescan};
use super::{CacheError, Sandbox};

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
    component: Component,
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

    pub(super) fn component(&self) -> &Component {
        &self.component
    }

    /// Memories and tables that an instance has, 0 where the engine cannot tell.
    pub(super) fn memories_and_tables(&self) -> (u64, u64) {
        self.component.resources_required().map_or((0, 0), |needs| {
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

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The component is not one that is run.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The cache cannot be used at all.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

impl Sandbox {
    /// Compiles the component in `source`, or takes what `cache` kept of the same bytes.
    ///
    /// The bytes are looked over by [`prescan`] in both cases.
    ///
    /// # Errors
    ///
    /// [`CodeError::Refused`] for what is not a component, asks for what is not granted, or does not compile;
    /// [`CodeError::Cache`] when the cache's folder cannot be read. A kept entry that is damaged, or was not
    /// written by this installation, is no error: it is compiled anew.
    pub fn code(&self, source: Source<'_>, cache: Option<&CodeCache>) -> Result<Code, CodeError> {
        let entry_points = Arc::new(prescan(source, &ScanLimits::default())?);
        let digest: [u8; 32] = Sha256::digest(source.bytes).into();
        let made = |component, origin| Code {
            component,
            entry_points: Arc::clone(&entry_points),
            digest,
            origin,
        };
        let key = cache.map(|_| CacheKey::new(&digest, self.engine()));
        if let (Some(cache), Some(key)) = (cache, &key)
            && let Some(bytes) = cache.load(key)?
            && let Ok(component) = self.revive(&bytes)
        {
            tracing::debug!(
                component = source.file,
                digest = hex::encode(digest),
                "compiled code is kept from before"
            );
            return Ok(made(component, Origin::Kept));
        }
        let started = Instant::now();
        let component =
            Component::from_binary(self.engine(), source.bytes).map_err(|error| does_not_compile(source, &error))?;
        let took = started.elapsed();
        tracing::debug!(component = source.file, digest = hex::encode(digest), ?took, "compiled");
        if let (Some(cache), Some(key)) = (cache, &key) {
            let bytes = component
                .serialize()
                .map_err(|error| does_not_compile(source, &error))?;
            // What cannot be kept can still be run; it is compiled again the next time.
            if let Err(error) = cache.store(key, &bytes) {
                tracing::warn!(%error, "compiled code is not kept");
            }
        }
        Ok(made(component, Origin::Compiled(took)))
    }

    /// Makes a component of code that this installation compiled and kept.
    #[expect(
        unsafe_code,
        reason = "native code of our own making is mapped: see the safety comment"
    )]
    fn revive(&self, bytes: &super::code_cache::Authentic) -> wasmtime::Result<Component> {
        // SAFETY: `deserialize` asks that the bytes come unchanged from `Component::serialize`. An `Authentic` is only
        // made by `CodeCache::load`, after a MAC with this installation's own key over these very bytes in memory held;
        // only `CodeCache::store` makes such MACs, over what `serialize` gave. Bytes of another build of the engine have
        // another name and are not found under this one, and wasmtime checks build and settings once more.
        unsafe { Component::deserialize(self.engine(), bytes.code()) }
    }
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
