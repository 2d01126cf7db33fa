//! The settings of one handler: `PluginSettings/Plugin`, and how it has to agree with the handler's own entry.

use std::collections::HashSet;

use super::{Document, plugin::EntryReader};
use crate::{
    ExtensionName, HandlerName, Place, Refused, SequenceNumber, Settings, Source, codes, escape_bounded,
    vm_settings::{ExtensionGoalState, RequestedState},
    xml::Element,
};

/// Where the element at `index` of all `PluginSettings/Plugin` lies.
pub(super) fn place(index: usize) -> Place {
    Place::Xml(path(index))
}

fn path(index: usize) -> String {
    format!("Extensions/PluginSettings/Plugin[{}]", index + 1)
}

const SETTINGS: crate::Code = codes::EXTENSIONS_CONFIG_SETTINGS;

impl Document<'_> {
    /// Whether the handler has several extensions, and the settings of each. `state` is what is wanted of the handler.
    pub(super) fn settings_of(
        &self,
        name: &HandlerName,
        plugin: &Element,
        state: RequestedState,
        reader: &mut EntryReader<'_>,
    ) -> (bool, Vec<ExtensionGoalState>) {
        let found = self.settings.0.get(&name.as_str().to_ascii_lowercase());
        let found = found.map(Vec::as_slice).unwrap_or_default();
        let version = plugin.attribute("version").unwrap_or_default();
        for (index, element) in found {
            let other = element.attribute("version").unwrap_or_default();
            if other != version {
                let what = format!(
                    "Version Mismatch: the settings of {name} are for version `{}`, and `{}` is wanted",
                    escape_bounded(other, 80),
                    escape_bounded(version, 80)
                );
                let at = format!("{}/@version", path(*index));
                reader.refuse(SETTINGS, at, what, "write the same version in both places");
            }
        }
        let (index, element) = match found {
            [] => return (false, vec![]),
            [one] => *one,
            [_, (second, _), ..] => {
                let what = format!("{name} has {} elements of settings", found.len());
                reader.refuse(SETTINGS, path(*second), what, "write one element for each handler");
                return (false, vec![]);
            }
        };
        let at = path(index);
        let single: Vec<&Element> = element.children("RuntimeSettings").collect();
        let several: Vec<&Element> = element.children("ExtensionRuntimeSettings").collect();
        match (&*single, &*several) {
            ([], []) => (false, vec![]),
            ([one], []) => (false, reader.single(one, element, &at, state)),
            ([], several) => (true, reader.several(several, element, &at)),
            ([_, ..], [_, ..]) => {
                let what = "there are both `RuntimeSettings` and `ExtensionRuntimeSettings`";
                let hint = "write the one for a handler with a single extension, and the other for one with several";
                reader.refuse(SETTINGS, at, what, hint);
                (false, vec![])
            }
            ([_, _, ..], []) => {
                let what = format!("there are {} `RuntimeSettings`", single.len());
                let hint = "write one element; several extensions have `ExtensionRuntimeSettings`, each with a name";
                reader.refuse(SETTINGS, at, what, hint);
                (false, vec![])
            }
        }
    }
}

impl EntryReader<'_> {
    /// The extension of a handler that has only one.
    fn single(
        &mut self,
        runtime: &Element,
        element: &Element,
        at: &str,
        state: RequestedState,
    ) -> Vec<ExtensionGoalState> {
        let depends: Vec<&Element> = element.children("DependsOn").collect();
        if depends.len() > 1 {
            let what = format!("there are {} `DependsOn`", depends.len());
            let hint = "write one for a handler with a single extension";
            self.refuse(SETTINGS, format!("{at}/DependsOn"), what, hint);
        }
        let at = format!("{at}/RuntimeSettings");
        let number = self.number(runtime, &at);
        let settings = self.runtime_settings(runtime, &at).transpose();
        match (number, settings) {
            (Some(number), Some(settings)) => vec![ExtensionGoalState {
                extension: None,
                number,
                state,
                dependency_level: depends.first().map_or(0, |depends| level(depends)),
                settings,
            }],
            // An empty list of settings counts as no settings (contract 4.2).
            _ => vec![],
        }
    }

    /// The extensions of a handler that has several.
    fn several(&mut self, all: &[&Element], element: &Element, at: &str) -> Vec<ExtensionGoalState> {
        let mut levels: Vec<(&str, i64)> = Vec::new();
        for (index, depends) in element.children("DependsOn").enumerate() {
            let at = format!("{at}/DependsOn[{}]", index + 1);
            self.parsed(depends, "name", &at, |_| Ok(()));
            levels.push((depends.attribute("name").unwrap_or_default(), level(depends)));
        }
        let mut extensions = Vec::new();
        let mut seen = HashSet::new();
        for (index, runtime) in all.iter().enumerate() {
            let at = format!("{at}/ExtensionRuntimeSettings[{}]", index + 1);
            let name = self.parsed(runtime, "name", &at, |text| {
                ExtensionName::parse(text).map_err(|e| (e.code(), e.to_string(), e.hint()))
            });
            let number = self.number(runtime, &at);
            let Some((name, number)) = name.zip(number) else {
                continue;
            };
            if !seen.insert(name.clone()) {
                let what = format!("there are two extensions `{name}`");
                self.refuse(
                    SETTINGS,
                    format!("{at}/@name"),
                    what,
                    "give each extension a name of its own",
                );
                continue;
            }
            let (state, settings) = self.state_and_settings(runtime, &at);
            let dependency_level = levels
                .iter()
                .find(|(of, _)| *of == name.as_str())
                .map_or(0, |(_, level)| *level);
            extensions.push(ExtensionGoalState {
                extension: Some(name),
                number,
                state,
                dependency_level,
                settings,
            });
        }
        extensions
    }

    /// State and settings of one of several extensions. What is wrong with them is theirs alone.
    fn state_and_settings(&self, runtime: &Element, at: &str) -> (RequestedState, Result<Settings, Refused>) {
        let word = runtime.attribute("state").map(str::to_ascii_lowercase);
        let state = match word.as_deref() {
            None | Some("" | "enabled") => RequestedState::Enabled,
            Some("disabled") => RequestedState::Disabled,
            Some(other) => {
                let what = format!("`{}` is no state of an extension", escape_bounded(other, 80));
                let place = Place::Xml(format!("{at}/@state"));
                let hint = "write `enabled` or `disabled`";
                let finding = crate::Finding::refusal(codes::EXTENSIONS_CONFIG_SCHEMA, self.file, place, what, hint);
                return (RequestedState::Enabled, Err(finding.into()));
            }
        };
        let settings = self.runtime_settings(runtime, at).map(Option::unwrap_or_default);
        (state, settings)
    }

    fn runtime_settings(&self, runtime: &Element, at: &str) -> Result<Option<Settings>, Refused> {
        let file = format!("{}: {at}", self.file);
        Settings::parse_runtime(Source::new(&file, runtime.text().as_bytes()))
    }

    fn number(&mut self, runtime: &Element, at: &str) -> Option<SequenceNumber> {
        self.parsed(runtime, "seqNo", at, |text| {
            SequenceNumber::parse(text).map_err(|e| (e.code(), e.to_string(), e.hint()))
        })
    }
}

/// `dependencyLevel`; 0 for one that is no number (contract 8.2).
fn level(depends: &Element) -> i64 {
    let text = depends.attribute("dependencyLevel").unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}
