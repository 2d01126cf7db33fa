//! Putting a version manifest together from the events of the XML reader.

use quick_xml::{
    XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    MAX_DEPTH, MAX_VERSIONS, OfferedVersion, ROOT, VersionList, VersionManifest,
    integrity::{Wrong, sha256, size},
};
use crate::{Code, Finding, Place, Version, codes};

/// What has been read so far.
pub(super) struct Builder<'a> {
    file: &'a str,
    /// The elements that are open, outermost first.
    pub(super) path: Vec<String>,
    /// Whether there was an element at all.
    pub(super) saw_root: bool,
    text: String,
    plugin: Option<Plugin>,
    count: usize,
    /// What is usable.
    pub(super) manifest: VersionManifest,
    /// About what is not.
    pub(super) warnings: Vec<Finding>,
}

/// The `Plugin` that is open.
#[derive(Default)]
struct Plugin {
    version: Option<String>,
    uris: Vec<String>,
    disallow_major: bool,
    /// What the attributes of the `Plugin` and of each `Uri` of it say.
    sha256: Vec<String>,
    size: Vec<String>,
}

/// Nothing, or why the document is refused.
pub(super) type Step = Result<(), (Code, String)>;

impl<'a> Builder<'a> {
    pub(super) fn new(file: &'a str) -> Self {
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

    pub(super) fn take(&mut self, event: Event<'_>) -> Step {
        match event {
            Event::Start(start) => self.open(&start),
            Event::Empty(start) => {
                self.open(&start)?;
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

    fn open(&mut self, start: &BytesStart<'_>) -> Step {
        let name = start.local_name().into_inner();
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
            let mut plugin = Plugin::default();
            plugin.integrity("Plugin", start)?;
            self.plugin = Some(plugin);
        } else if self.in_plugin() == Some("Uris/Uri")
            && let Some(plugin) = &mut self.plugin
        {
            plugin.integrity("Uri", start)?;
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

    /// Keeps the version that was read, or says why it is left out.
    fn finish(&mut self, plugin: Plugin) {
        let list = match self.path.get(1).map(String::as_str) {
            Some("InternalPlugins") => VersionList::Internal,
            _ => VersionList::Public,
        };
        let (code, integrity) = (codes::VERSION_MANIFEST_VERSION, codes::VERSION_MANIFEST_INTEGRITY);
        let text = plugin.version.unwrap_or_default();
        let version = Version::parse(&text).map_err(|e| (code, "Version", e.what().to_owned(), e.hint()));
        let sha256 = attribute(&plugin.sha256, sha256).map_err(|(what, hint)| (integrity, "@sha256", what, hint));
        let size = attribute(&plugin.size, size).map_err(|(what, hint)| (integrity, "@size", what, hint));
        match (version, sha256, size) {
            (Ok(version), Ok(sha256), Ok(size)) => self.manifest.versions.push(OfferedVersion {
                version,
                uris: plugin.uris,
                list,
                disallow_major_version_upgrade: plugin.disallow_major,
                sha256,
                size,
            }),
            (version, sha256, size) => {
                for (code, member, what, hint) in [version.err(), sha256.err(), size.err()].into_iter().flatten() {
                    let place = format!("{ROOT}/{}/Plugin[{}]/{member}", list.name(), self.count);
                    let what = format!("{what}, so this version is left out");
                    self.warnings
                        .push(Finding::warning(code, self.file, Place::Xml(place), what, hint));
                }
            }
        }
    }
}

impl Plugin {
    /// Takes what the attributes of an element of it say.
    fn integrity(&mut self, element: &str, start: &BytesStart<'_>) -> Step {
        let (mut sha256, mut size) = (None, None);
        // The reader's own check for repeated attributes takes time by the square of their number.
        for attribute in start.attributes().with_checks(false) {
            let wrong = |what: String| {
                (
                    codes::VERSION_MANIFEST_XML,
                    format!("an attribute of `{element}`: {what}"),
                )
            };
            let attribute = attribute.map_err(|e| wrong(e.to_string()))?;
            let slot = match attribute.key.as_ref() {
                "sha256" => &mut sha256,
                "size" => &mut size,
                _ => continue,
            };
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|e| wrong(e.to_string()))?.into_owned();
            if slot.replace(value).is_some() {
                return Err(wrong(format!("`{}` stands twice", attribute.key.as_ref())));
            }
        }
        self.sha256.extend(sha256);
        self.size.extend(size);
        Ok(())
    }
}

/// The value that all attributes of one name give, if there are any.
fn attribute<T: PartialEq>(texts: &[String], parse: impl Fn(&str) -> Result<T, Wrong>) -> Result<Option<T>, Wrong> {
    let mut value = None;
    for text in texts {
        let parsed = parse(text)?;
        if value.as_ref().is_some_and(|value| *value != parsed) {
            let hint = "a version is one package: write the same for each of its locations";
            return Err(("it is not the same everywhere in the version".to_owned(), hint));
        }
        value = Some(parsed);
    }
    Ok(value)
}
