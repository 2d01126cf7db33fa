//! Reading one element of `extensionGoalStates`, whose faults are its own.

use super::{
    BadEntry, ExtensionGoalState, HandlerGoalState, RequestedState,
    fields::{Reader, scalar_text},
};
use crate::{
    ExtensionName, Finding, HandlerName, Refused, Settings, Source, Version, codes, escape_bounded,
    json::{JsonPath, Node, Object},
    notes::Notes,
};

/// Longest text of a bad entry's version, in bytes, after escaping.
const MAX_VERSION_TEXT: usize = 80;

/// Entries with the same name as the one that is read.
pub(super) struct Twins {
    /// The name, as the entry that is read spells it.
    pub(super) name: HandlerName,
    /// How many there are, with the one that is read.
    pub(super) count: usize,
    /// Where one of the others is.
    pub(super) other: JsonPath,
}

/// Reads the entry at `at`. Nothing about it is worth a warning only: it is usable, or it is not.
pub(super) fn read(file: &str, node: &Node, at: &JsonPath, twins: Option<Twins>) -> Result<HandlerGoalState, BadEntry> {
    let mut reader = Reader {
        file,
        notes: Notes::new(file, Vec::new()),
    };
    if let Some(twins) = twins {
        reader.refuse_twins(&twins, at);
    }
    let handler = match node.as_object() {
        Some(object) => reader.handler(object, at),
        None => {
            reader.refuse(at, format!("it is {}", node.kind()), "write an object");
            None
        }
    };
    let refused = match (handler, reader.notes.finish()) {
        (Some(handler), Ok(_)) => return Ok(handler),
        (_, Err(refused)) => refused,
        (None, Ok(_)) => {
            let (what, hint) = ("it lacks what is needed", "write name, version and state");
            Refused::new(Finding::refusal(
                codes::VM_SETTINGS_SCHEMA,
                file,
                at.place(),
                what,
                hint,
            ))
        }
    };
    let version = node
        .as_object()
        .and_then(|object| object.get_ignore_case("version"))
        .and_then(scalar_text)
        .unwrap_or_default();
    Err(BadEntry {
        name: name(node),
        version: escape_bounded(&version, MAX_VERSION_TEXT),
        refused,
    })
}

/// The entry's handler, if it has a name that is one.
pub(super) fn name(node: &Node) -> Option<HandlerName> {
    let text = node.as_object()?.get_ignore_case("name")?.as_str()?;
    HandlerName::parse(text).ok()
}

impl Reader<'_> {
    fn refuse_twins(&mut self, twins: &Twins, at: &JsonPath) {
        let what = format!(
            "the goal state names {} entries for {}, another one at {}; which one counts cannot be told",
            twins.count, twins.name, twins.other
        );
        let hint = "write one entry for each handler";
        self.notes
            .refuse(codes::VM_SETTINGS_DUPLICATE_HANDLER, &at.key("name"), what, hint);
    }

    fn handler(&mut self, object: &Object, at: &JsonPath) -> Option<HandlerGoalState> {
        let name = self.parsed(object, "name", at, |text| {
            HandlerName::parse(text).map_err(|e| (e.what().to_owned(), e.hint()))
        });
        let version = self.parsed(object, "version", at, |text| {
            Version::parse(text).map_err(|e| (e.what().to_owned(), e.hint()))
        });
        let state = self.state(object, "state", at);
        let is_multi_config = self.flag(object, "isMultiConfig", at);
        let settings = state.map_or_else(Vec::new, |state| self.extensions(object, at, state, is_multi_config));
        let locations = self.locations(object, at);
        let encoded_signature = self
            .text(object, "encodedSignature", at)
            .filter(|text| !text.is_empty());
        Some(HandlerGoalState {
            name: name?,
            version: version?,
            state: state?,
            is_multi_config,
            locations,
            encoded_signature,
            settings,
        })
    }

    fn extensions(
        &mut self,
        object: &Object,
        at: &JsonPath,
        handler_state: RequestedState,
        is_multi_config: bool,
    ) -> Vec<ExtensionGoalState> {
        let levels = self.dependency_levels(object, at, is_multi_config);
        let level_of = |name: Option<&ExtensionName>| {
            levels
                .iter()
                .find(|(of, _)| of.as_deref() == name.map(ExtensionName::as_str))
                .map_or(0, |(_, level)| *level)
        };
        let mut extensions: Vec<ExtensionGoalState> = Vec::new();
        for (entry, path) in self.objects(object, "settings", at) {
            let settings = self.settings(entry, &path);
            let extension = if is_multi_config {
                let extension = self.parsed(entry, "extensionName", &path, |text| {
                    ExtensionName::parse(text).map_err(|e| (e.to_string(), e.hint()))
                });
                let number = self.number(entry, "seqNo", &path);
                let state = match entry.get_ignore_case("extensionState") {
                    None => Some(RequestedState::Enabled),
                    Some(_) => self.state(entry, "extensionState", &path),
                };
                extension
                    .zip(number)
                    .zip(state)
                    .map(|((name, number), state)| (Some(name), number, state))
            } else {
                self.number(object, "settingsSeqNo", at)
                    .map(|number| (None, number, handler_state))
            };
            if let Some((extension, number, state)) = extension {
                let same = |other: &ExtensionGoalState| other.extension == extension;
                if let Some(name) = extension.as_ref().filter(|_| extensions.iter().any(same)) {
                    let what = format!("there are two extensions `{name}`");
                    self.refuse(
                        &path.key("extensionName"),
                        what,
                        "give each extension a name of its own",
                    );
                    continue;
                }
                let dependency_level = level_of(extension.as_ref());
                extensions.push(ExtensionGoalState {
                    extension,
                    number,
                    state,
                    dependency_level,
                    settings,
                });
            }
        }
        if !is_multi_config && extensions.len() > 1 {
            let what = format!("a handler with a single extension has {} settings", extensions.len());
            self.refuse(&at.key("settings"), what, "write one element");
        }
        extensions
    }

    /// The settings of one extension. What is wrong with them is theirs alone.
    fn settings(&self, entry: &Object, path: &JsonPath) -> Result<Settings, Refused> {
        let file = format!("{}: {path}", self.file);
        let mut notes = Notes::new(&file, Vec::new());
        let mut text = |key: &str| {
            let node = entry.get_ignore_case(key).filter(|node| !node.is_null())?;
            if node.as_str().is_none() {
                let what = format!("`{key}` is {}", node.kind());
                notes.refuse(codes::SETTINGS_TYPE, &JsonPath::root().key(key), what, "write a string");
            }
            node.as_str().map(str::to_owned)
        };
        let public = text("publicSettings");
        let protected = text("protectedSettings");
        let thumbprint = text("protectedSettingsCertThumbprint");
        notes.finish()?;
        let public = match public {
            Some(json) => Settings::parse_public(Source::new(&format!("{file}.publicSettings"), json.as_bytes()))?,
            None => None,
        };
        Settings::from_parts(&file, public, protected, thumbprint)
    }

    fn dependency_levels(
        &mut self,
        object: &Object,
        at: &JsonPath,
        is_multi_config: bool,
    ) -> Vec<(Option<String>, i64)> {
        let mut levels = Vec::new();
        for (entry, path) in self.objects(object, "dependsOn", at) {
            let level = match entry.get_ignore_case("dependencyLevel").map(Node::as_i64) {
                Some(Some(level)) => level,
                _ => {
                    let hint = "write an integer";
                    self.refuse(
                        &path.key("dependencyLevel"),
                        "there is no usable `dependencyLevel`".to_owned(),
                        hint,
                    );
                    continue;
                }
            };
            let name = if is_multi_config {
                self.parsed(entry, "name", &path, |text| Ok(text.to_owned()))
            } else {
                None
            };
            levels.push((name, level));
        }
        if !is_multi_config && levels.len() > 1 {
            let what = format!("a handler with a single extension has {} elements here", levels.len());
            self.refuse(&at.key("dependsOn"), what, "write at most one element");
        }
        levels
    }

    fn locations(&mut self, object: &Object, at: &JsonPath) -> Vec<String> {
        let mut locations = Vec::new();
        locations.extend(self.text(object, "location", at));
        locations.extend(self.text(object, "failoverLocation", at));
        for (index, node) in self.array(object, "additionalLocations", at).iter().enumerate() {
            match node.as_str() {
                Some(text) => locations.push(text.to_owned()),
                None => {
                    let path = at.key("additionalLocations").index(index);
                    self.refuse(&path, format!("it is {}", node.kind()), "write a string");
                }
            }
        }
        locations.retain(|location| !location.is_empty());
        locations
    }
}
