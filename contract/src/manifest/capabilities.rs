//! `sandbox.capabilities`: what a package asks for of the machine itself.
//!
//! Read strictly and to the end, so that an author learns of every fault at once. Whether something may be granted is for
//! the host and its operator to say; here it is only made sure that it is clear what is asked for.

use serde::{Deserialize, Serialize};

use super::FolderPath;
use super::fields::did_you_mean;
use crate::{
    Command, codes,
    json::{JsonPath, Node, Object},
    notes::Notes,
};

/// Most folders that are asked for in one list.
pub const MAX_DIRECTORIES: usize = 32;

/// Most variables that are asked for in one list.
pub const MAX_ENVIRONMENT: usize = 64;

/// Longest name of a variable, in bytes.
const MAX_VARIABLE: usize = 128;

/// The capabilities that there are.
const KNOWN: [&str; 5] = ["directories", "environment", "clock", "random", "service"];

/// Capabilities whose names are taken, and why nobody can have them yet.
const RESERVED: [(&str, &str); 2] = [
    ("http", "outbound HTTP is reserved for a later version"),
    ("commands", "commands of the host are reserved for a later version"),
];

/// What a handler may do in a folder; the wider one is the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectoryAccess {
    /// List and read.
    Read,
    /// Also create, change and remove.
    ReadWrite,
}

impl DirectoryAccess {
    /// The word in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadWrite => "read-write",
        }
    }

    /// The access of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Read, Self::ReadWrite]
            .into_iter()
            .find(|access| access.name() == name)
    }
}

/// How exact a clock or how good random numbers are; the finer one is the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Time in steps of 10 ms; random numbers of a generator of the command's own.
    Coarse,
    /// As the system has it.
    Full,
}

impl Precision {
    /// The word in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coarse => "coarse",
            Self::Full => "full",
        }
    }

    /// The precision of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Coarse, Self::Full]
            .into_iter()
            .find(|precision| precision.name() == name)
    }
}

/// A folder of the machine that is asked for; the handler sees it under the same path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRequest {
    /// Which.
    pub path: FolderPath,
    /// What is asked for there.
    pub access: DirectoryAccess,
    /// Most bytes that a command may add; only with `read-write`.
    pub bytes: Option<u64>,
    /// Most files, folders and links that a command may add; only with `read-write`.
    pub files: Option<u64>,
}

impl DirectoryRequest {
    /// What is asked for, for people: `read-write /srv/app, bytes 1024`.
    pub fn describe(&self) -> String {
        let mut text = format!("{} {}", self.access.name(), self.path);
        for (key, value) in [("bytes", self.bytes), ("files", self.files)] {
            if let Some(value) = value {
                text += &format!(", {key} {value}");
            }
        }
        text
    }
}

/// What is asked for of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Folders, each once.
    pub directories: Vec<DirectoryRequest>,
    /// Names of variables of the host's environment, each once.
    pub environment: Vec<String>,
    /// The clocks.
    pub clock: Option<Precision>,
    /// Random numbers.
    pub random: Option<Precision>,
    /// To run on after `enable`, as it stands here; only for the handler as a whole. A `serviceCommand` asks for it too:
    /// [`SandboxRequest::asks_for_service`](super::SandboxRequest::asks_for_service).
    pub service: bool,
}

impl Capabilities {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is asked for in folders, variables, clocks and random numbers, one line each.
    pub fn describe(&self) -> Vec<String> {
        let folders = self
            .directories
            .iter()
            .map(|one| format!("directories: {}", one.describe()));
        let variables = self.environment.iter().map(|name| format!("environment: {name}"));
        let precise = [("clock", self.clock), ("random", self.random)];
        let precise = precise
            .into_iter()
            .filter_map(|(of, precision)| Some(format!("{of}: {}", precision?.name())));
        folders.chain(variables).chain(precise).collect()
    }

    /// Reads `capabilities`, which lies at `path`: those of every command, or those of `one`.
    pub(super) fn read(object: &Object, path: &JsonPath, one: Option<Command>, notes: &mut Notes<'_>) -> Self {
        let mut asked = Self::default();
        for (name, node) in object.iter() {
            let at = path.key(name);
            match name {
                "directories" => asked.directories = directories(node, &at, notes),
                "environment" => asked.environment = environment(node, &at, notes),
                "clock" => asked.clock = precision(node, &at, notes),
                "random" => asked.random = precision(node, &at, notes),
                "service" => asked.service = service(node, &at, one, notes),
                other => refuse_name(other, &at, notes),
            }
        }
        asked
    }
}

fn refuse_name(name: &str, at: &JsonPath, notes: &mut Notes<'_>) {
    match RESERVED.iter().find(|(reserved, _)| *reserved == name) {
        Some((_, why)) => notes.refuse(
            codes::MANIFEST_CAPABILITY,
            at,
            format!("`{name}` cannot be granted: {why}"),
            "take it out of `capabilities`",
        ),
        None => notes.refuse(
            codes::MANIFEST_UNKNOWN_KEY,
            at,
            format!("there is no capability `{}`", crate::escape_bounded(name, 80)),
            did_you_mean(name, KNOWN.into_iter()),
        ),
    }
}

fn directories(node: &Node, path: &JsonPath, notes: &mut Notes<'_>) -> Vec<DirectoryRequest> {
    let mut asked: Vec<DirectoryRequest> = Vec::new();
    for (index, node) in items(node, MAX_DIRECTORIES, "folders", path, notes).iter().enumerate() {
        let at = path.index(index);
        let Some(one) = directory(node, &at, notes) else {
            continue;
        };
        if asked.iter().any(|other| other.path == one.path) {
            let what = format!("{} stands twice", one.path);
            notes.refuse(codes::MANIFEST_VALUE, &at.key("path"), what, "ask for each folder once");
            continue;
        }
        asked.push(one);
    }
    asked
}

fn directory(node: &Node, at: &JsonPath, notes: &mut Notes<'_>) -> Option<DirectoryRequest> {
    const KEYS: [&str; 4] = ["path", "access", "bytes", "files"];
    let Some(object) = node.as_object() else {
        let what = format!("this is {}", node.kind());
        let hint = "write an object, as in {\"path\": \"/srv/app\", \"access\": \"read\"}";
        notes.refuse(codes::MANIFEST_TYPE, at, what, hint);
        return None;
    };
    for (key, _) in object.iter().filter(|(key, _)| !KEYS.contains(key)) {
        let hint = did_you_mean(key, KEYS.into_iter());
        notes.refuse(
            codes::MANIFEST_UNKNOWN_KEY,
            &at.key(key),
            "there is no such key of a folder",
            hint,
        );
    }
    let path = text(object, "path", at, notes).and_then(|text| match FolderPath::parse(text) {
        Ok(path) => Some(path),
        Err(error) => {
            notes.refuse(codes::MANIFEST_VALUE, &at.key("path"), error.what(), error.hint());
            None
        }
    });
    let access = text(object, "access", at, notes).and_then(|text| {
        let access = DirectoryAccess::from_name(text);
        if access.is_none() {
            let what = format!("`{}` is no access", crate::escape_bounded(text, 80));
            notes.refuse(
                codes::MANIFEST_VALUE,
                &at.key("access"),
                what,
                "write `read` or `read-write`",
            );
        }
        access
    });
    let mut quota = |key: &str| {
        let node = object.get(key)?;
        if access == Some(DirectoryAccess::Read) {
            let what = format!("`{key}` means nothing for a folder that is only read");
            let hint = "leave it out, or ask for `read-write`";
            notes.refuse(codes::MANIFEST_VALUE, &at.key(key), what, hint);
        }
        let value = node.as_u64();
        if value.is_none() {
            let what = format!("`{key}` is {}", node.quoted());
            let hint = "write an integer from 0 on, without quotes, fraction or exponent";
            notes.refuse(codes::MANIFEST_TYPE, &at.key(key), what, hint);
        }
        value
    };
    let (bytes, files) = (quota("bytes"), quota("files"));
    Some(DirectoryRequest {
        path: path?,
        access: access?,
        bytes,
        files,
    })
}

/// The member `key` of `object`, which has to be there as a string.
fn text<'o>(object: &'o Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> Option<&'o str> {
    match object.get(key) {
        None => {
            let what = format!("there is no `{key}`");
            notes.refuse(
                codes::MANIFEST_FIELD,
                &at.key(key),
                what,
                "write path and access of the folder",
            );
            None
        }
        Some(node) => {
            if node.as_str().is_none() {
                let what = format!("`{key}` is {}", node.kind());
                notes.refuse(codes::MANIFEST_TYPE, &at.key(key), what, "write a string");
            }
            node.as_str()
        }
    }
}

fn environment(node: &Node, path: &JsonPath, notes: &mut Notes<'_>) -> Vec<String> {
    let mut asked: Vec<String> = Vec::new();
    for (index, node) in items(node, MAX_ENVIRONMENT, "variables", path, notes)
        .iter()
        .enumerate()
    {
        let at = path.index(index);
        let Some(name) = node.as_str() else {
            let what = format!("this is {}", node.kind());
            notes.refuse(
                codes::MANIFEST_TYPE,
                &at,
                what,
                "write the name of a variable as a string",
            );
            continue;
        };
        if !is_variable(name) {
            let what = format!("{} is not the name of a variable", node.quoted());
            let hint = "write ASCII letters, digits and `_`, no digit first, at most 128";
            notes.refuse(codes::MANIFEST_VALUE, &at, what, hint);
        } else if asked.iter().any(|other| other == name) {
            notes.refuse(
                codes::MANIFEST_VALUE,
                &at,
                format!("{name} stands twice"),
                "ask for each variable once",
            );
        } else {
            asked.push(name.to_owned());
        }
    }
    asked
}

/// Whether `name` can be the name of a variable that is granted: ASCII letters, digits and `_`, no digit first, at most
/// 128 bytes.
pub fn is_variable(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() <= MAX_VARIABLE
        && name.bytes().all(plain)
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

fn precision(node: &Node, at: &JsonPath, notes: &mut Notes<'_>) -> Option<Precision> {
    let precision = node.as_str().and_then(Precision::from_name);
    if precision.is_none() {
        let code = if node.as_str().is_some() {
            codes::MANIFEST_VALUE
        } else {
            codes::MANIFEST_TYPE
        };
        notes.refuse(
            code,
            at,
            format!("this is {}", node.quoted()),
            "write `coarse` or `full`",
        );
    }
    precision
}

fn service(node: &Node, at: &JsonPath, one: Option<Command>, notes: &mut Notes<'_>) -> bool {
    if let Some(command) = one {
        let what = format!("`service` is nothing that {command} alone can have: it is the handler that runs on");
        let hint = "write it in the `capabilities` beside `commands`";
        notes.refuse(codes::MANIFEST_VALUE, at, what, hint);
        return false;
    }
    if node.as_bool().is_none() {
        let what = format!("this is {}", node.quoted());
        notes.refuse(codes::MANIFEST_TYPE, at, what, "write true or false without quotes");
    }
    node.as_bool().unwrap_or(false)
}

/// The elements of a list of at most `most`.
fn items<'n>(node: &'n Node, most: usize, of: &str, path: &JsonPath, notes: &mut Notes<'_>) -> &'n [Node] {
    match node.as_array() {
        None => {
            notes.refuse(
                codes::MANIFEST_TYPE,
                path,
                format!("this is {}", node.kind()),
                "write an array",
            );
            &[]
        }
        Some(items) if items.len() > most => {
            let what = format!("{} {of} are asked for, and at most {most} can be", items.len());
            notes.refuse(codes::MANIFEST_VALUE, path, what, "ask for fewer");
            &[]
        }
        Some(items) => items,
    }
}
