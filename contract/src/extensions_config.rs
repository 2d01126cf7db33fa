//! A goal state in the ExtensionsConfig form: XML from the fabric (contract 4.2).
//!
//! It is read into the same model as the vmSettings form. What is wrong inside the entry of one handler, or between that
//! and its settings, is a fault of that entry, and settings whose text cannot be used are one of that extension. The agent
//! drops the whole goal state for some of them (quirk 2 of contract 15).

mod plugin;
mod plugin_settings;

use std::collections::HashMap;

use crate::{
    Checked, Finding, Place, Refused, Source, codes,
    notes::{MAX_FINDINGS, Notes},
    vm_settings::{MAX_VM_SETTINGS_ENTRIES, VmSettings},
    xml::{self, Element, MAX_PARTS, XmlRules},
};

/// Most bytes of an ExtensionsConfig that are read.
pub const MAX_EXTENSIONS_CONFIG_BYTES: usize = 4 * 1024 * 1024;

const ROOT: &str = "Extensions";

const RULES: XmlRules = XmlRules {
    max_bytes: MAX_EXTENSIONS_CONFIG_BYTES,
    max_parts: MAX_PARTS,
    root: ROOT,
    xml: codes::EXTENSIONS_CONFIG_XML,
    size: codes::EXTENSIONS_CONFIG_SIZE,
    schema: codes::EXTENSIONS_CONFIG_SCHEMA,
    hint: "write Extensions/Plugins/Plugin and Extensions/PluginSettings/Plugin, without a DOCTYPE",
};

/// A goal state in the ExtensionsConfig form.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtensionsConfig {
    /// What it says, in the model that both forms share. Its number is the `goalStateIncarnation`; it is never on hold by
    /// itself.
    pub settings: VmSettings,
    /// `InVMArtifactsProfileBlob`, unless it is empty: where a document lies that may put it on hold (contract 8.6).
    pub artifacts_profile: Option<String>,
}

impl ExtensionsConfig {
    /// Reads an ExtensionsConfig. What is wrong inside one `Plugin`, or between it and its settings, makes that element a
    /// [`BadEntry`](crate::vm_settings::BadEntry) and stops no other.
    ///
    /// # Errors
    /// More than 4 MiB, bytes that are not UTF-8, XML that is not well-formed or has a document type, another root
    /// element, no `Plugins`, and more than [`MAX_VM_SETTINGS_ENTRIES`] handlers.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let root = xml::read(source, &RULES)?;
        let refuse = |code, place: &str, what: String, hint: &str| {
            let place = Place::Xml(place.to_owned());
            Refused::new(Finding::refusal(code, source.file, place, what, hint))
        };
        let Some(plugins) = root.child("Plugins") else {
            // As with the other form: an empty list removes every handler, and is to be meant.
            let what = "there is no `Plugins`".to_owned();
            let hint = "write the list; an empty one says that no handler is wanted";
            return Err(refuse(codes::EXTENSIONS_CONFIG_SCHEMA, ROOT, what, hint));
        };
        let plugins: Vec<&Element> = plugins.children("Plugin").collect();
        if plugins.len() > MAX_VM_SETTINGS_ENTRIES {
            let what = format!("it has {} elements", plugins.len());
            let hint = format!("at most {MAX_VM_SETTINGS_ENTRIES} are read");
            return Err(refuse(codes::EXTENSIONS_CONFIG_SIZE, "Extensions/Plugins", what, &hint));
        }
        let document = Document {
            file: source.file,
            settings: SettingsByName::of(&root),
            plugins: &plugins,
            names: names(&plugins),
        };
        let mut findings = 0;
        let mut handlers = Vec::with_capacity(plugins.len());
        for (index, plugin) in plugins.iter().enumerate() {
            let mut handler = document.handler(index, plugin);
            if let Err(bad) = &mut handler {
                findings += bad.refused.findings().len();
                // One finding must be there to say why; a document full of faults shall not fill the memory.
                if findings > MAX_FINDINGS {
                    bad.refused = Refused::new(bad.refused.first().clone());
                }
            }
            handlers.push(handler);
        }
        let warnings = document.unused_settings();
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let meta = root.child("InVMGoalStateMetaData");
        let meta = |name: &str| meta.and_then(|element| element.attribute(name)).and_then(some);
        Ok(Checked {
            value: Self {
                artifacts_profile: root.child("InVMArtifactsProfileBlob").and_then(|e| some(e.text())),
                settings: VmSettings {
                    in_svd_seq_no: root.attribute("goalStateIncarnation").and_then(some),
                    activity_id: meta("activityId"),
                    correlation_id: meta("correlationId"),
                    source: Some("Fabric".to_owned()),
                    on_hold: false,
                    required_features: required_features(&root),
                    handlers,
                },
            },
            warnings,
        })
    }
}

/// `RequiredFeatures/RequiredFeature/Name`, those that are not empty.
fn required_features(root: &Element) -> Vec<String> {
    let lists = root.children("RequiredFeatures");
    let features = lists.flat_map(|list| list.children("RequiredFeature"));
    let names = features.filter_map(|feature| feature.child("Name"));
    names
        .map(|name| name.text().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// What an entry is read from.
struct Document<'x> {
    file: &'x str,
    plugins: &'x [&'x Element],
    settings: SettingsByName<'x>,
    /// The places of the entries with each name, in lower case.
    names: HashMap<String, Vec<usize>>,
}

/// The elements of `PluginSettings` with their places, by name in lower case (contract 4.2: case does not count).
struct SettingsByName<'x>(HashMap<String, Vec<(usize, &'x Element)>>);

impl<'x> SettingsByName<'x> {
    fn of(root: &'x Element) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        let lists = root.children("PluginSettings");
        for (index, plugin) in lists.flat_map(|list| list.children("Plugin")).enumerate() {
            let name = plugin.attribute("name").unwrap_or_default().to_ascii_lowercase();
            by_name.entry(name).or_default().push((index, plugin));
        }
        Self(by_name)
    }
}

fn names(plugins: &[&Element]) -> HashMap<String, Vec<usize>> {
    let mut names: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, plugin) in plugins.iter().enumerate() {
        if let Some(name) = plugin.attribute("name") {
            names.entry(name.to_ascii_lowercase()).or_default().push(index);
        }
    }
    names
}

impl Document<'_> {
    /// A warning for each settings element whose handler is not in the list.
    fn unused_settings(&self) -> Vec<Finding> {
        let mut unused: Vec<(usize, &Element)> = self
            .settings
            .0
            .iter()
            .filter(|(name, _)| !self.names.contains_key(*name))
            .flat_map(|(_, elements)| elements.iter().copied())
            .collect();
        unused.sort_by_key(|(index, _)| *index);
        let mut notes = Notes::new(self.file, vec![]);
        for (index, element) in unused {
            let what = format!(
                "there are settings for `{}`, which is not among the `Plugins`",
                element.attribute("name").unwrap_or_default()
            );
            let (code, place) = (codes::EXTENSIONS_CONFIG_SETTINGS, plugin_settings::place(index));
            let hint = "list the handler, or take its settings out";
            notes.take(Finding::warning(code, self.file, place, what, hint));
        }
        notes.into_findings()
    }
}
