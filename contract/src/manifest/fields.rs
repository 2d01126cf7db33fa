//! The fields of a manifest one by one, with the agent's rules for odd values (contract 1.2).
//!
//! Two rules decide what is warned of. A value that means what its author meant is fine, so the string `true` for
//! a flag is silent and `false` or `yes`, which count as the default, are not. And the published schema counts:
//! flags that it makes mandatory, the number that it makes of `version`, and keys that it or shipped handlers know.

use std::collections::BTreeMap;

use super::{SigningInfo, UpdateMode};
use crate::{
    Command, codes,
    json::{JsonPath, Kind, Node, Object},
    nearest,
    notes::Notes,
    text::is_deceptive,
};

/// Keys beside `handlerManifest` that are read.
const TOP: [&str; 6] = [
    "name",
    "version",
    "handlerManifest",
    "resourceLimits",
    "signingInfo",
    "sandbox",
];

/// Keys of `handlerManifest`, other than commands, that are read or looked at.
const FLAGS: [&str; 5] = [
    "reportHeartbeat",
    "continueOnUpdateFailure",
    "supportsMultipleExtensions",
    "updateMode",
    "rebootAfterInstall",
];

/// Keys of `handlerManifest` that are meant for other agents; they are ignored in silence.
const FOREIGN: [&str; 6] = [
    "resetStateCommand",
    "supportsPolicy",
    "catalogFileName",
    "stopOnMultipleConnections",
    "processNamesNotToKill",
    "supportedOS",
];

fn inner_keys() -> impl Iterator<Item = &'static str> {
    Command::ALL.into_iter().map(Command::manifest_key).chain(FLAGS)
}

/// Notes what is odd about `name`, `version` and unknown keys beside `handlerManifest`.
pub(super) fn note_top(top: &Object, at: &JsonPath, notes: &mut Notes<'_>) {
    match top.get("version").map(Node::kind) {
        Some(Kind::Number) => {}
        Some(kind) => notes.warn(
            codes::MANIFEST_TYPE,
            &at.key("version"),
            format!("`version` is {kind}"),
            "write the number 1.0: it is the version of the manifest's format, not of the handler",
        ),
        None => notes.warn(
            codes::MANIFEST_FIELD,
            &at.key("version"),
            "there is no `version`",
            "write the number 1.0",
        ),
    }
    if let Some(name) = top.get("name") {
        let readable = name
            .as_str()
            .is_some_and(|text| !text.chars().any(|c| c.is_control() || is_deceptive(c)));
        if !readable {
            let what = format!("`name` is {}", name.quoted());
            notes.warn(
                codes::MANIFEST_VALUE,
                &at.key("name"),
                what,
                "write a string of visible characters",
            );
        }
    }
    for (key, _) in top.iter().filter(|(key, _)| !TOP.contains(key)) {
        let hint = match inner_keys().find(|known| *known == key) {
            Some(_) => "move it into `handlerManifest`".to_owned(),
            None => misplaced(key).unwrap_or_else(|| did_you_mean(key, TOP.into_iter())),
        };
        notes.warn(
            codes::MANIFEST_UNKNOWN_KEY,
            &at.key(key),
            "nothing reads this key",
            hint,
        );
    }
}

/// Notes keys of `handlerManifest` that nothing reads.
pub(super) fn note_unknown(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) {
    for (key, _) in inner.iter() {
        if !FOREIGN.contains(&key) && inner_keys().all(|known| known != key) {
            let hint = misplaced(key).unwrap_or_else(|| did_you_mean(key, inner_keys()));
            notes.warn(
                codes::MANIFEST_UNKNOWN_KEY,
                &at.key(key),
                "nothing reads this key",
                hint,
            );
        }
    }
}

/// A hint for a key that belongs elsewhere.
fn misplaced(key: &str) -> Option<String> {
    (key == "serviceCommand").then(|| "move it into `sandbox`".to_owned())
}

/// A hint that names the known key nearest to `key`.
pub(super) fn did_you_mean<'k>(key: &str, known: impl Iterator<Item = &'k str>) -> String {
    match nearest(key, known) {
        Some(known) => format!("leave it out, or write `{known}` if that was meant"),
        None => "leave it out".to_owned(),
    }
}

/// The command lines that are there.
pub(super) fn commands(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> BTreeMap<Command, String> {
    let mut commands = BTreeMap::new();
    for command in Command::ALL {
        let key = command.manifest_key();
        let Some(node) = inner.get(key) else { continue };
        match node.as_str() {
            Some(text) => {
                if text.trim().is_empty() {
                    let hint = "name the component that carries the command out";
                    notes.warn(codes::MANIFEST_COMMAND, &at.key(key), format!("`{key}` is empty"), hint);
                }
                commands.insert(command, text.to_owned());
            }
            None => {
                let what = format!("`{key}` is {}", node.kind());
                notes.refuse(
                    codes::MANIFEST_TYPE,
                    &at.key(key),
                    what,
                    "write the command line as a string",
                );
            }
        }
    }
    commands
}

/// A flag that the published schema makes mandatory and the agent defaults to false.
pub(super) fn mandatory_flag(inner: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> bool {
    if inner.get(key).is_none() {
        let what = format!("there is no `{key}`, which counts as false");
        notes.warn(codes::MANIFEST_FIELD, &at.key(key), what, "write true or false");
    }
    flag(inner, key, at, notes)
}

/// A flag as the agent reads it: a boolean, or the string `true` in any case; everything else is false.
pub(super) fn flag(inner: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> bool {
    let Some(node) = inner.get(key).filter(|node| !node.is_null()) else {
        return false;
    };
    if let Some(value) = node.as_bool() {
        return value;
    }
    if node.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return true;
    }
    let what = format!("`{key}` is {}, which counts as false", node.quoted());
    notes.warn(
        codes::MANIFEST_VALUE,
        &at.key(key),
        what,
        "write true or false without quotes",
    );
    false
}

/// `updateMode`; an unknown text skips `install`, as in the agent.
pub(super) fn update_mode(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> UpdateMode {
    let Some(node) = inner.get("updateMode").filter(|node| !node.is_null()) else {
        return UpdateMode::WithInstall;
    };
    let path = at.key("updateMode");
    let hint = "write `UpdateWithInstall` or `UpdateWithoutInstall`";
    match node.as_str() {
        Some(text) if text.eq_ignore_ascii_case("UpdateWithInstall") => UpdateMode::WithInstall,
        Some(text) => {
            if !text.eq_ignore_ascii_case("UpdateWithoutInstall") {
                let what = format!(
                    "`updateMode` is {}, which counts as `UpdateWithoutInstall`",
                    node.quoted()
                );
                notes.warn(codes::MANIFEST_VALUE, &path, what, hint);
            }
            UpdateMode::WithoutInstall
        }
        None => {
            notes.refuse(
                codes::MANIFEST_TYPE,
                &path,
                format!("`updateMode` is {}", node.kind()),
                hint,
            );
            UpdateMode::WithInstall
        }
    }
}

/// `signingInfo`; what is not a string in it is left out with a warning.
pub(super) fn signing_info(node: Option<&Node>, at: &JsonPath, notes: &mut Notes<'_>) -> Option<SigningInfo> {
    let node = node.filter(|node| !node.is_null())?;
    let path = at.key("signingInfo");
    let Some(object) = node.as_object() else {
        let what = format!("`signingInfo` is {} and is ignored", node.kind());
        notes.warn(
            codes::MANIFEST_TYPE,
            &path,
            what,
            "write an object with publisher, type and version",
        );
        return None;
    };
    let mut text = |key: &str| {
        let node = object.get(key)?;
        if node.as_str().is_none() {
            let what = format!("`{key}` is {} and is ignored", node.kind());
            notes.warn(codes::MANIFEST_TYPE, &path.key(key), what, "write a string");
        }
        node.as_str().map(str::to_owned)
    };
    Some(SigningInfo {
        publisher: text("publisher"),
        type_name: text("type"),
        version: text("version"),
    })
}
