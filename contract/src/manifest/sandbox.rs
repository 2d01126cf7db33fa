//! `sandbox`: what a package asks the sandbox for, in one object beside `handlerManifest` that other agents ignore.
//!
//! Names of limits are not checked here, since the host knows them; all else is, and strictly: what is asked for decides
//! what is granted, so nothing in it may be guessed.

use std::collections::BTreeMap;

use super::{Capabilities, CommandLine, command_line::component_path, fields::did_you_mean};
use crate::{
    Command, codes,
    json::{JsonPath, Node, Object},
    notes::Notes,
};

/// What a package asks for, for every command and for single ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SandboxRequest {
    /// `component`: the component's path in the package, where it is not to be taken from the command lines.
    pub component: Option<String>,
    /// `serviceCommand`: what runs on after `enable`. Its first word is a component in the package also where `component`
    /// names one for the other commands, since no other agent reads this.
    pub service_command: Option<CommandLine>,
    /// The same as it stands in the manifest.
    service_line: Option<String>,
    /// `limits` and `capabilities` for every command.
    pub all: Asked,
    /// The same for single commands, which come on top; from `commands`.
    pub commands: BTreeMap<Command, Asked>,
}

/// Limits and capabilities asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Limits by name, in the host's units.
    pub limits: BTreeMap<String, u64>,
    /// What is asked for of the machine.
    pub capabilities: Capabilities,
}

impl SandboxRequest {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it asks to run on after `enable`: by a `serviceCommand`, or by the capability `service` alone.
    pub fn asks_for_service(&self) -> bool {
        self.service_command.is_some() || self.all.capabilities.service
    }

    /// `serviceCommand` as it stands in the manifest; `None` when there is none.
    pub fn service_line(&self) -> Option<&str> {
        self.service_line.as_deref()
    }

    pub(super) fn read(node: Option<&Node>, at: &JsonPath, notes: &mut Notes<'_>) -> Self {
        let path = at.key("sandbox");
        let Some(object) = node.and_then(|node| object(node, &path, notes)) else {
            return Self::default();
        };
        refuse_unknown(
            object,
            &["component", "serviceCommand", "limits", "capabilities", "commands"],
            &path,
            notes,
        );
        let service_command = service_command(object, &path, notes);
        Self {
            service_line: service_command.as_ref().map(|(text, _)| text.clone()),
            service_command: service_command.map(|(_, line)| line),
            component: object
                .get("component")
                .and_then(|node| component(node, &path.key("component"), notes)),
            all: Asked::read(object, &path, None, notes),
            commands: commands(object.get("commands"), &path.key("commands"), notes),
        }
    }
}

impl Asked {
    /// Reads what `object`, which lies at `at`, asks for every command or for `one`.
    fn read(object: &Object, at: &JsonPath, one: Option<Command>, notes: &mut Notes<'_>) -> Self {
        let mut asked = Self::default();
        let path = at.key("limits");
        for (name, node) in members(object.get("limits"), &path, notes) {
            match node.as_u64() {
                Some(limit) => {
                    asked.limits.insert(name.to_owned(), limit);
                }
                None => {
                    let what = format!("the limit is {}", node.quoted());
                    let hint = "write an integer from 0 on, without quotes, fraction or exponent";
                    notes.refuse(codes::MANIFEST_LIMITS, &path.key(name), what, hint);
                }
            }
        }
        let path = at.key("capabilities");
        if let Some(object) = object
            .get("capabilities")
            .and_then(|node| self::object(node, &path, notes))
        {
            asked.capabilities = Capabilities::read(object, &path, one, notes);
        }
        asked
    }
}

fn commands(node: Option<&Node>, path: &JsonPath, notes: &mut Notes<'_>) -> BTreeMap<Command, Asked> {
    let mut commands = BTreeMap::new();
    for (name, node) in members(node, path, notes) {
        let path = path.key(name);
        let Some(command) = Command::parse(name) else {
            let hint = did_you_mean(name, Command::ALL.into_iter().map(Command::name));
            notes.refuse(codes::MANIFEST_UNKNOWN_KEY, &path, "there is no such command", hint);
            continue;
        };
        if let Some(object) = object(node, &path, notes) {
            refuse_unknown(object, &["limits", "capabilities"], &path, notes);
            commands.insert(command, Asked::read(object, &path, Some(command), notes));
        }
    }
    commands
}

fn component(node: &Node, path: &JsonPath, notes: &mut Notes<'_>) -> Option<String> {
    let Some(text) = node.as_str() else {
        notes.refuse(
            codes::MANIFEST_TYPE,
            path,
            format!("`component` is {}", node.kind()),
            "write a path as a string",
        );
        return None;
    };
    match component_path(text) {
        Ok(component) => Some(component),
        Err(e) => {
            notes.refuse(codes::MANIFEST_COMMAND, path, e.to_string(), e.hint());
            None
        }
    }
}

/// `serviceCommand`, as it stands there and taken apart. It is ours alone, so it is refused at once where it cannot be run.
fn service_command(object: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> Option<(String, CommandLine)> {
    let path = at.key("serviceCommand");
    let node = object.get("serviceCommand").filter(|node| !node.is_null())?;
    let capabilities = object.get("capabilities").and_then(Node::as_object);
    if let Some(false) = capabilities
        .and_then(|asked| asked.get("service"))
        .and_then(Node::as_bool)
    {
        notes.refuse(
            codes::MANIFEST_VALUE,
            &at.key("capabilities").key("service"),
            "`service` is false, and there is a `serviceCommand`, which asks for it",
            "take one of the two out",
        );
    }
    let Some(text) = node.as_str() else {
        let what = format!("`serviceCommand` is {}", node.kind());
        let hint = "write the command line as a string";
        notes.refuse(codes::MANIFEST_TYPE, &path, what, hint);
        return None;
    };
    match CommandLine::parse(text) {
        Ok(line) => Some((text.to_owned(), line)),
        Err(e) => {
            notes.refuse(codes::MANIFEST_COMMAND, &path, e.to_string(), e.hint());
            None
        }
    }
}

/// The members of the object `node`, or none with a refusal when it is something else.
fn members<'n>(node: Option<&'n Node>, path: &JsonPath, notes: &mut Notes<'_>) -> Vec<(&'n str, &'n Node)> {
    node.and_then(|node| object(node, path, notes))
        .map_or_else(Vec::new, |object| object.iter().collect())
}

fn object<'n>(node: &'n Node, path: &JsonPath, notes: &mut Notes<'_>) -> Option<&'n Object> {
    let object = node.as_object();
    if object.is_none() {
        notes.refuse(
            codes::MANIFEST_TYPE,
            path,
            format!("this is {}", node.kind()),
            "write an object",
        );
    }
    object
}

fn refuse_unknown(object: &Object, known: &[&str], at: &JsonPath, notes: &mut Notes<'_>) {
    for (key, _) in object.iter().filter(|(key, _)| !known.contains(key)) {
        let hint = did_you_mean(key, known.iter().copied());
        notes.refuse(
            codes::MANIFEST_UNKNOWN_KEY,
            &at.key(key),
            "there is no such key in `sandbox`",
            hint,
        );
    }
}
