//! Version manifests: which versions of a handler there are, and where their packages lie (contract 8.1).
//!
//! XML that comes from outside, so it is read event by event: no document type, no entities but the five of XML, and
//! bounds on bytes, depth and number of versions. Public and internal versions are merged, as in the agent.

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesRef, Event},
};

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
}

/// All versions of a handler, in the order of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionManifest {
    /// Public and internal ones.
    pub versions: Vec<OfferedVersion>,
}

impl VersionManifest {
    /// Reads a version manifest. A version that cannot be read is left out with a warning.
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

/// What has been read so far.
struct Builder<'a> {
    file: &'a str,
    path: Vec<String>,
    saw_root: bool,
    text: String,
    plugin: Option<Plugin>,
    count: usize,
    manifest: VersionManifest,
    warnings: Vec<Finding>,
}

/// The `Plugin` that is open.
#[derive(Default)]
struct Plugin {
    version: Option<String>,
    uris: Vec<String>,
    disallow_major: bool,
}

type Step = Result<(), (Code, String)>;

impl<'a> Builder<'a> {
    fn new(file: &'a str) -> Self {
        Self {
            file,
            path: Vec::new(),
            saw_root: false,
            text: String::new(),
            plugin: None,
            count: 0,
            manifest: VersionManifest::default(),
            warnings: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>) -> Step {
        match event {
            Event::Start(start) => self.open(start.local_name().into_inner()),
            Event::Empty(start) => {
                self.open(start.local_name().into_inner())?;
                self.close();
                Ok(())
            }
            Event::End(_) => {
                self.close();
                Ok(())
            }
            Event::Text(text) => self.content(&text.xml10_content()),
            Event::CData(text) => self.content(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::DocType(_) => Err((codes::VERSION_MANIFEST_XML, "there is a DOCTYPE".to_owned())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn open(&mut self, name: &str) -> Step {
        if self.path.is_empty() && (self.saw_root || name != ROOT) {
            let what = format!("the outermost element is `{name}`, or there is a second one");
            return Err((codes::VERSION_MANIFEST_SCHEMA, what));
        }
        if self.path.len() >= MAX_DEPTH {
            let what = format!("more than {MAX_DEPTH} elements lie inside each other");
            return Err((codes::VERSION_MANIFEST_SIZE, what));
        }
        self.saw_root = true;
        self.path.push(name.to_owned());
        self.text.clear();
        if self.in_plugin() == Some("") {
            self.count += 1;
            if self.count > MAX_VERSIONS {
                return Err((
                    codes::VERSION_MANIFEST_SIZE,
                    format!("there are more than {MAX_VERSIONS} versions"),
                ));
            }
            self.plugin = Some(Plugin::default());
        }
        Ok(())
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        match (self.in_plugin(), &mut self.plugin) {
            (Some(""), plugin) => {
                let plugin = plugin.take().unwrap_or_default();
                self.finish(plugin);
            }
            (Some("Version"), Some(plugin)) => plugin.version = Some(text),
            (Some("Uris/Uri"), Some(plugin)) if !text.is_empty() => plugin.uris.push(text),
            (Some("DisallowMajorVersionUpgrade"), Some(plugin)) => {
                plugin.disallow_major = text.eq_ignore_ascii_case("true");
            }
            _ => {}
        }
        self.path.pop();
    }

    /// Where inside a `Plugin` the innermost open element is, as far as anything there is read; `""` for the `Plugin`.
    fn in_plugin(&self) -> Option<&'static str> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [_, "Plugins" | "InternalPlugins", "Plugin", inside @ ..] => match inside {
                [] => Some(""),
                ["Version"] => Some("Version"),
                ["Uris", "Uri"] => Some("Uris/Uri"),
                ["DisallowMajorVersionUpgrade"] => Some("DisallowMajorVersionUpgrade"),
                _ => None,
            },
            _ => None,
        }
    }

    fn content(&mut self, text: &str) -> Step {
        if self.path.is_empty() && !text.trim().is_empty() {
            return Err((
                codes::VERSION_MANIFEST_XML,
                "there is text outside of the outermost element".to_owned(),
            ));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Step {
        let unknown = || {
            (
                codes::VERSION_MANIFEST_XML,
                format!("`&{};` is not known", &**reference),
            )
        };
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.content(character.encode_utf8(&mut [0; 4])),
            Ok(None) => {
                let text = resolve_xml_entity(reference).ok_or_else(unknown)?;
                self.content(text)
            }
            Err(_) => Err(unknown()),
        }
    }

    fn finish(&mut self, plugin: Plugin) {
        let text = plugin.version.unwrap_or_default();
        let list = match self.path.get(1).map(String::as_str) {
            Some("InternalPlugins") => VersionList::Internal,
            _ => VersionList::Public,
        };
        match Version::parse(&text) {
            Ok(version) => self.manifest.versions.push(OfferedVersion {
                version,
                uris: plugin.uris,
                list,
                disallow_major_version_upgrade: plugin.disallow_major,
            }),
            Err(e) => {
                let list = if list == VersionList::Internal {
                    "InternalPlugins"
                } else {
                    "Plugins"
                };
                let place = Place::Xml(format!("{ROOT}/{list}/Plugin[{}]/Version", self.count));
                let what = format!("{}, so it is left out", e.what());
                let code = codes::VERSION_MANIFEST_VERSION;
                self.warnings
                    .push(Finding::warning(code, self.file, place, what, e.hint()));
            }
        }
    }
}
