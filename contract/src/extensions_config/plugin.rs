//! One `Plugin` of the list, whose faults are its own.

use super::Document;
use crate::{
    Code, Finding, HandlerName, Place, Refused, Version, codes, escape_bounded,
    notes::Notes,
    vm_settings::{BadEntry, ExtensionGoalState, HandlerGoalState, RequestedState},
    xml::Element,
};

/// Longest text of a bad entry's version, in bytes, after escaping.
const MAX_VERSION_TEXT: usize = 80;

/// What an entry's parts are read with; every method notes what is wrong.
pub(super) struct EntryReader<'a> {
    pub(super) file: &'a str,
    pub(super) notes: Notes<'a>,
}

impl EntryReader<'_> {
    pub(super) fn refuse(&mut self, code: Code, place: String, what: impl AsRef<str>, hint: impl AsRef<str>) {
        let finding = Finding::refusal(code, self.file, Place::Xml(place), what, hint);
        self.notes.take(finding);
    }

    /// An attribute that has to be there, without blanks around it, and what is made of it.
    pub(super) fn parsed<T>(
        &mut self,
        element: &Element,
        name: &str,
        place: &str,
        parse: impl FnOnce(&str) -> Result<T, (Code, String, &'static str)>,
    ) -> Option<T> {
        let at = format!("{place}/@{name}");
        let text = element.attribute(name).unwrap_or_default().trim();
        if text.is_empty() {
            let what = format!("there is no `{name}`, or it is empty");
            self.refuse(codes::EXTENSIONS_CONFIG_SCHEMA, at, what, "write the attribute");
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err((code, what, hint)) => {
                self.refuse(code, at, what, hint);
                None
            }
        }
    }
}

impl Document<'_> {
    /// Reads the entry at `index` of the list, with the settings that belong to it.
    pub(super) fn handler(&self, index: usize, plugin: &Element) -> Result<HandlerGoalState, BadEntry> {
        let mut reader = EntryReader {
            file: self.file,
            notes: Notes::new(self.file, vec![]),
        };
        let place = place(index);
        let schema = codes::EXTENSIONS_CONFIG_SCHEMA;
        let name = reader.parsed(plugin, "name", &place, |text| {
            HandlerName::parse(text).map_err(|e| (schema, e.what().to_owned(), e.hint()))
        });
        self.refuse_twins(index, name.as_ref(), &mut reader);
        let version = reader.parsed(plugin, "version", &place, |text| {
            Version::parse(text).map_err(|e| (schema, e.what().to_owned(), e.hint()))
        });
        let state = reader.parsed(plugin, "state", &place, |word| {
            RequestedState::parse(word).ok_or_else(|| {
                let what = format!("`{}` is no state", escape_bounded(word, 80));
                (schema, what, "write `enabled`, `disabled` or `uninstall` in lower case")
            })
        });
        let (is_multi_config, settings) = match (&name, state) {
            (Some(name), Some(state)) => self.settings_of(name, plugin, state, &mut reader),
            _ => (false, Vec::<ExtensionGoalState>::new()),
        };
        let refused = match (name.clone(), version, state, reader.notes.finish()) {
            (Some(name), Some(version), Some(state), Ok(_)) => {
                return Ok(HandlerGoalState {
                    name,
                    version,
                    state,
                    is_multi_config,
                    locations: locations(plugin),
                    encoded_signature: some(plugin.attribute("encodedSignature").unwrap_or_default()),
                    settings,
                });
            }
            (.., Err(refused)) => refused,
            (.., Ok(_)) => {
                let (what, hint) = ("it lacks what is needed", "write name, version and state");
                Refused::new(Finding::refusal(schema, self.file, Place::Xml(place), what, hint))
            }
        };
        Err(BadEntry {
            name,
            version: escape_bounded(plugin.attribute("version").unwrap_or_default(), MAX_VERSION_TEXT),
            refused,
        })
    }

    fn refuse_twins(&self, index: usize, name: Option<&HandlerName>, reader: &mut EntryReader<'_>) {
        let Some(name) = name else { return };
        let places = self.names.get(&name.as_str().to_ascii_lowercase());
        let places = places.map(Vec::as_slice).unwrap_or_default();
        if let Some(other) = places.iter().find(|place| **place != index) {
            let what = format!(
                "the goal state names {} entries for {name}, another one at {}; which one counts cannot be told",
                places.len(),
                place(*other)
            );
            let hint = "write one entry for each handler";
            reader.refuse(codes::EXTENSIONS_CONFIG_DUPLICATE_HANDLER, place(index), what, hint);
        }
        debug_assert!(places.iter().all(|place| *place < self.plugins.len()));
    }
}

fn place(index: usize) -> String {
    format!("Extensions/Plugins/Plugin[{}]", index + 1)
}

/// `location`, `failoverlocation` and `additionalLocations/additionalLocation`, those that are not empty.
fn locations(plugin: &Element) -> Vec<String> {
    let own = ["location", "failoverlocation"].map(|name| plugin.attribute(name).unwrap_or_default());
    let lists = plugin.children("additionalLocations");
    let more = lists
        .flat_map(|list| list.children("additionalLocation"))
        .map(Element::text);
    own.into_iter().chain(more).filter_map(some).collect()
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
