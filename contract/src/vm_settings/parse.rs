//! Reading a goal state in the vmSettings form.

use super::{
    ExtensionGoalState, HandlerGoalState, MAX_VM_SETTINGS_BYTES, RequestedState, VmSettings,
    fields::{Reader, scalar_text},
};
use crate::{
    Checked, ExtensionName, HandlerName, Refused, Settings, Source, Version, codes,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Node, Object, Read},
    notes::Notes,
};

const RULES: JsonRules = JsonRules {
    max_bytes: MAX_VM_SETTINGS_BYTES,
    max_depth: 64,
    byte_order_mark: ByteOrderMark::Strip,
    duplicates: Duplicates::Refuse,
    refuse_negative_zero: false,
    json: codes::VM_SETTINGS_JSON,
    encoding: codes::VM_SETTINGS_ENCODING,
    size: codes::VM_SETTINGS_SIZE,
    depth: codes::VM_SETTINGS_DEPTH,
    duplicate_key: codes::VM_SETTINGS_DUPLICATE_KEY,
};

impl VmSettings {
    /// Reads a goal state.
    ///
    /// # Errors
    /// What is not JSON or out of bounds, and any violation of the form: names, versions, states and sequence numbers
    /// that are none, lists that are none, an extension of a handler with several that has no name.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let notes = Notes::new(source.file, warnings);
        let path = JsonPath::root();
        let Some(top) = root.as_object() else {
            let what = format!("it is {}", root.kind());
            return Err(notes.give_up(codes::VM_SETTINGS_SCHEMA, &path, what, "write an object"));
        };
        let mut reader = Reader {
            file: source.file,
            notes,
        };
        let settings = Self {
            in_svd_seq_no: top.get_ignore_case("inSvdSeqNo").and_then(scalar_text),
            activity_id: reader.text(top, "activityId", &path),
            correlation_id: reader.text(top, "correlationId", &path),
            source: reader.text(top, "extensionGoalStatesSource", &path),
            on_hold: reader.flag(top, "onHold", &path),
            required_features: reader.required_features(top, &path),
            handlers: reader.handlers(top, &path),
        };
        Ok(Checked {
            value: settings,
            warnings: reader.notes.finish()?,
        })
    }
}

impl Reader<'_> {
    fn handlers(&mut self, top: &Object, at: &JsonPath) -> Vec<HandlerGoalState> {
        let mut handlers = Vec::new();
        for (object, path) in self.objects(top, "extensionGoalStates", at) {
            handlers.extend(self.handler(object, &path));
        }
        handlers
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
        let mut extensions = Vec::new();
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

    fn required_features(&mut self, top: &Object, at: &JsonPath) -> Vec<String> {
        let entries = self.objects(top, "requiredFeatures", at);
        entries
            .into_iter()
            .filter_map(|(entry, path)| self.parsed(entry, "name", &path, |t| Ok(t.to_owned())))
            .collect()
    }
}
