//! Version manifests: which versions of a handler there are, and where their packages lie (contract 8.1).
//!
//! XML that comes from outside, so it is read event by event: no document type, no entities but the five of XML, and
//! bounds on bytes, depth and number of versions. Public and internal versions are merged, as in the agent. Two
//! attributes, `sha256` and `size`, of `Uri` or of `Plugin`, are ours; agents that do not know them ignore them.

mod builder;
mod integrity;

use builder::Builder;
use quick_xml::{Reader, events::Event};

use crate::{Checked, Code, Finding, Place, Refused, Source, Version, codes, json::position};

/// Most bytes of a version manifest that are read.
pub const MAX_VERSION_MANIFEST_BYTES: usize = 4 * 1024 * 1024;
/// Most elements inside each other.
const MAX_DEPTH: usize = 16;
/// Most versions.
const MAX_VERSIONS: usize = 10_000;

const ROOT: &str = "PluginVersionManifest";

/// Which list of the manifest a version stands in. Hosts of today make no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionList {
    /// `Plugins`
    Public,
    /// `InternalPlugins`
    Internal,
}

impl VersionList {
    const fn name(self) -> &'static str {
        match self {
            Self::Public => "Plugins",
            Self::Internal => "InternalPlugins",
        }
    }
}

/// One version and where its package lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedVersion {
    /// `Version`
    pub version: Version,
    /// `Uris/Uri`, those that are not empty; there may be none.
    pub uris: Vec<String>,
    /// The list that it stands in.
    pub list: VersionList,
    /// `DisallowMajorVersionUpgrade`: true for `true` in any case.
    pub disallow_major_version_upgrade: bool,
    /// SHA-256 of the package's bytes: the attribute `sha256` of each `Uri` or of `Plugin`, 64 hexadecimal digits in either
    /// case. It holds for all locations, also for one that does not say it.
    pub sha256: Option<[u8; 32]>,
    /// Length of the package in bytes: the attribute `size` of each `Uri` or of `Plugin`, a decimal number.
    pub size: Option<u64>,
}

/// All versions of a handler, in the order of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionManifest {
    /// Public and internal ones.
    pub versions: Vec<OfferedVersion>,
}

impl VersionManifest {
    /// Reads a version manifest. A version that cannot be read is left out with a warning, and so is one whose `sha256`
    /// or `size` cannot: a package that was to be checked is not taken unchecked.
    ///
    /// # Errors
    /// More than 4 MiB, bytes that are not UTF-8, XML that is not well-formed or has a document type, another root
    /// element, more than 16 elements inside each other, and more than 10000 versions.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let refuse = |code: Code, place: Place, what: String, hint: &str| {
            Refused::new(Finding::refusal(code, source.file, place, what, hint))
        };
        if source.bytes.len() > MAX_VERSION_MANIFEST_BYTES {
            let what = format!("it has {} bytes", source.bytes.len());
            let hint = "at most 4194304 bytes are read";
            return Err(refuse(codes::VERSION_MANIFEST_SIZE, Place::Whole, what, hint));
        }
        let text = std::str::from_utf8(source.bytes).map_err(|e| {
            let what = format!("the bytes at offset {} are not UTF-8", e.valid_up_to());
            refuse(
                codes::VERSION_MANIFEST_XML,
                Place::Whole,
                what,
                "save the file as UTF-8",
            )
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader::from_str(text);
        let mut builder = Builder::new(source.file);
        loop {
            let event = reader.read_event();
            let offset = match &event {
                Ok(_) => reader.buffer_position(),
                Err(_) => reader.error_position(),
            };
            let here = || position(text, usize::try_from(offset).unwrap_or(usize::MAX)).into();
            let step = match event {
                Ok(Event::Eof) => break,
                Ok(event) => builder.take(event),
                Err(e) => Err((codes::VERSION_MANIFEST_XML, format!("not XML: {e}"))),
            };
            step.map_err(|(code, what)| refuse(code, here(), what, HINT))?;
        }
        if !builder.path.is_empty() || !builder.saw_root {
            let what = match builder.path.last() {
                Some(open) => format!("`{open}` is not closed"),
                None => "there is no element".to_owned(),
            };
            return Err(refuse(codes::VERSION_MANIFEST_XML, Place::Whole, what, HINT));
        }
        Ok(Checked {
            value: builder.manifest,
            warnings: builder.warnings,
        })
    }

    /// The highest version that answers a request: `requested` is a prefix of it (contract 8.1).
    pub fn resolve(&self, requested: &Version) -> Option<&OfferedVersion> {
        // The first of equal ones, so that the order of the document decides.
        let answers = self
            .versions
            .iter()
            .rev()
            .filter(|offered| requested.is_prefix_of(&offered.version));
        answers.max_by(|a, b| a.version.cmp(&b.version))
    }
}

const HINT: &str = "write PluginVersionManifest/Plugins/Plugin with Version and Uris/Uri, without a DOCTYPE";
