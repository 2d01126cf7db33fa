//! What a case says: `tests/conformance/NAME/case.json`.
//!
//! A key that is not known refuses the case, so that a mistyped expectation is never one that holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::expand::expand;

/// The handler that a case is about unless it says otherwise.
pub(crate) const HANDLER: &str = "Contoso.Demo";

/// A case: packages, and goal states one after another with what must come of each.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Case {
    /// Numbers of the scenarios that it proves; none for what only the contract or the design has.
    pub(crate) rows: Vec<String>,
    /// What it shows, in one sentence.
    pub(crate) about: String,
    /// The packages, by version of `Contoso.Demo` or by `Publisher.Type-version`.
    #[serde(default)]
    pub(crate) packages: BTreeMap<String, PackageSpec>,
    /// Files beside the packages, by name.
    #[serde(default)]
    pub(crate) source: BTreeMap<String, String>,
    /// What happens.
    pub(crate) steps: Vec<Step>,
}

/// A package of the recorder.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct PackageSpec {
    /// Members of `handlerManifest` in the place of the usual ones; null takes one away.
    pub(crate) manifest: Map<String, Value>,
    /// The whole text of the manifest file.
    pub(crate) manifest_text: Option<String>,
    /// Where the manifest lies in the package.
    pub(crate) manifest_path: Option<String>,
    /// `sandbox` beside `handlerManifest`; `[SOURCE]` in it is the publisher's folder.
    pub(crate) sandbox: Option<Value>,
    /// What the recorder does where the settings do not say it, by command.
    pub(crate) behaviour: Option<Value>,
    /// Further files, by path.
    pub(crate) files: BTreeMap<String, String>,
    /// A text in the place of the archive.
    pub(crate) text: Option<String>,
    /// What the version manifest names as its locations; its file by default.
    pub(crate) uris: Option<Vec<String>>,
    /// `sha256` in the version manifest: `right`, or a text.
    pub(crate) sha256: Option<String>,
    /// `size` in the version manifest: `right`, or a text.
    pub(crate) size: Option<String>,
    /// Not in the version manifest.
    pub(crate) unlisted: bool,
}

/// A goal state, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Step {
    /// What is special about it.
    #[serde(default)]
    pub(crate) about: String,
    /// Packages that are published anew before it.
    #[serde(default)]
    pub(crate) packages: BTreeMap<String, PackageSpec>,
    /// What happens to the machine before it.
    #[serde(default)]
    pub(crate) before: Vec<Change>,
    /// The goal state; without one the last is applied again.
    pub(crate) goal_state: Option<GoalState>,
    /// The policy from this step on, as TOML; `[SOURCE]` in it is the publisher's folder. Empty for none.
    #[serde(default)]
    pub(crate) policy: Option<String>,
    /// Further options of `hostler apply`.
    #[serde(default)]
    pub(crate) options: Vec<String>,
    /// Nothing is applied: what is reported now is looked at.
    #[serde(default)]
    pub(crate) only_status: bool,
    /// The exit code.
    pub(crate) exit: i32,
    /// The commands that ran, in their order: `i@1.0.0`, or `A:i@1.0.0` for the handler `Contoso.A`, with `/X` at the end
    /// for one of the extension `X`.
    pub(crate) ran: Vec<String>,
    /// Variables of commands that ran, null for one that must not be set.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, BTreeMap<String, Value>>,
    /// Patterns of what commands wrote down.
    #[serde(default)]
    pub(crate) records: BTreeMap<String, Value>,
    /// Patterns of the entries of handlers in the report, `Contoso.Demo/X` for one of the extension `X`; there must be no
    /// others.
    pub(crate) reported: BTreeMap<String, Value>,
    /// A pattern of the whole report.
    #[serde(default)]
    pub(crate) report: Option<Value>,
    /// Patterns of files and folders below the root; true for one that is there, false for one that is not.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Value>,
    /// Words that must be nowhere in what is printed and reported.
    #[serde(default)]
    pub(crate) never: Vec<String>,
}

/// The file that is applied: made of handlers, or bad.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct GoalState {
    /// Its entries.
    pub(crate) handlers: Vec<HandlerSpec>,
    /// Further members of the document.
    pub(crate) top: Map<String, Value>,
    /// The file's text, whatever it is.
    pub(crate) text: Option<String>,
    /// Only the first half of the file is there.
    pub(crate) half: bool,
    /// So many blanks before the end of the file.
    pub(crate) padding: usize,
    /// Another name on the command line than that of the file.
    pub(crate) named: Option<String>,
}

/// One entry of a goal state.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HandlerSpec {
    #[serde(default = "default_name")]
    pub(crate) name: String,
    pub(crate) version: String,
    #[serde(default = "enabled")]
    pub(crate) state: String,
    /// 0 by default.
    #[serde(default)]
    pub(crate) seq_no: i64,
    /// An object, empty by default.
    pub(crate) public: Option<Value>,
    /// The text in the place of `public`.
    pub(crate) public_text: Option<String>,
    pub(crate) protected: Option<String>,
    pub(crate) thumbprint: Option<String>,
    /// No settings at all.
    #[serde(default)]
    pub(crate) no_settings: bool,
    /// Several extensions, instead of the settings of one.
    #[serde(default)]
    pub(crate) extensions: Vec<ExtensionSpec>,
    pub(crate) level: Option<i64>,
    /// The version manifest that was made, by default.
    pub(crate) location: Option<String>,
    /// Further members of the entry, or others in the place of these; null takes one away.
    #[serde(default)]
    pub(crate) raw: Map<String, Value>,
}

/// One of several extensions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExtensionSpec {
    pub(crate) name: String,
    #[serde(default = "enabled")]
    pub(crate) state: String,
    /// 0 by default.
    #[serde(default)]
    pub(crate) seq_no: i64,
    /// An object, empty by default.
    #[serde(default)]
    pub(crate) public: Map<String, Value>,
    /// The text in the place of `public`.
    pub(crate) public_text: Option<String>,
    pub(crate) level: Option<i64>,
}

/// Something that happens to the machine; paths are below the root.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Change {
    /// A file, or a folder with all that is in it, goes away.
    Delete(String),
    /// A file is written.
    Write { path: String, text: String },
    /// `hostler approve` is run as the report says, for that handler, and with this exit code.
    Approve { handler: String, exit: i32 },
    /// The same with a digest of its own.
    ApproveDigest { handler: String, digest: String, exit: i32 },
    /// A folder is made, and those above it, with that mode in octal.
    MakeFolder { path: String, mode: String },
}

fn default_name() -> String {
    HANDLER.to_owned()
}

fn enabled() -> String {
    "enabled".to_owned()
}

/// The folder that has a folder for each case.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

impl Case {
    /// Reads the case `name`.
    pub(crate) fn read(name: &str) -> Self {
        let path = folder().join(name).join("case.json");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut json: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        expand(&mut json);
        serde_json::from_value(json).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}
