//! What is said about a document: one shape for every refusal and every warning.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Code, text::escape_bounded};

/// Longest text of one finding's `what` or `hint`, in bytes, after escaping.
const MAX_TEXT: usize = 1024;
/// Longest such text with the mark that something was cut off.
const MAX_WRITTEN: usize = MAX_TEXT + " ...".len();
/// Longest location: a file, a place in it, and what stands between them.
const MAX_LOCATION: usize = 2 * MAX_WRITTEN + 64;

/// Bytes to be parsed, and the name that findings give them.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// File name, or entry name in a package, as the user knows it.
    pub file: &'a str,
    /// The bytes as they came.
    pub bytes: &'a [u8],
}

impl<'a> Source<'a> {
    /// Names `bytes` as `file`.
    pub fn new(file: &'a str, bytes: &'a [u8]) -> Self {
        Self { file, bytes }
    }
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is used; something in it is odd or ignored.
    Warning,
    /// The document is not used.
    Refusal,
}

/// Where in a document a finding lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The document as a whole.
    Whole,
    /// A value, by JSON path (`$[0].handlerManifest.enableCommand`).
    Json(String),
    /// A position in text, both counted from 1, the column in characters.
    Text {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// An element of an XML document, by path (`PluginVersionManifest/Plugins/Plugin[2]/Version`).
    Xml(String),
    /// An entry of a zip archive, by name, already escaped.
    Entry(String),
}

/// One thing that was found: what, where, and what would be right.
///
/// All texts are escaped and bounded when a finding is made, so that it can be shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    severity: Severity,
    code: Code,
    file: String,
    place: Place,
    what: String,
    hint: String,
}

impl Finding {
    /// A finding because of which the document is not used.
    pub fn refusal(code: Code, file: &str, place: Place, what: impl AsRef<str>, hint: impl AsRef<str>) -> Self {
        Self::new(Severity::Refusal, code, file, place, what.as_ref(), hint.as_ref())
    }

    /// A finding in spite of which the document is used.
    pub fn warning(code: Code, file: &str, place: Place, what: impl AsRef<str>, hint: impl AsRef<str>) -> Self {
        Self::new(Severity::Warning, code, file, place, what.as_ref(), hint.as_ref())
    }

    fn new(severity: Severity, code: Code, file: &str, place: Place, what: &str, hint: &str) -> Self {
        let place = match place {
            Place::Json(path) => Place::Json(escape_bounded(&path, MAX_TEXT)),
            Place::Xml(path) => Place::Xml(escape_bounded(&path, MAX_TEXT)),
            Place::Entry(name) => Place::Entry(escape_bounded(&name, MAX_TEXT)),
            other => other,
        };
        Self {
            severity,
            code,
            file: escape_bounded(file, MAX_TEXT),
            place,
            what: escape_bounded(what, MAX_TEXT),
            hint: escape_bounded(hint, MAX_TEXT),
        }
    }

    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Where in the document it lies.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// File and place in one text, for example `HandlerManifest.json: $[0].handlerManifest`.
    pub fn location(&self) -> String {
        match &self.place {
            Place::Whole => self.file.clone(),
            Place::Json(path) | Place::Xml(path) => format!("{}: {path}", self.file),
            Place::Text { line, column } => format!("{}:{line}:{column}", self.file),
            Place::Entry(name) => format!("{}: entry {name}", self.file),
        }
    }

    /// What was found, as a sentence without a full stop.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What would be right, as a sentence without a full stop.
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]; {}", self.location(), self.what, self.code, self.hint)
    }
}

impl Serialize for Finding {
    /// `{"code", "severity", "where", "what", "hint"}`, all strings.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut s = serializer.serialize_struct("Finding", 5)?;
        s.serialize_field("code", &self.code)?;
        s.serialize_field("severity", &self.severity)?;
        s.serialize_field("where", &self.location())?;
        s.serialize_field("what", &self.what)?;
        s.serialize_field("hint", &self.hint)?;
        s.end()
    }
}

impl<'de> Deserialize<'de> for Finding {
    /// Reads what [`Serialize`] writes, and fails for a code that is not in the table. `where` becomes the location as
    /// a whole, so [`Finding::location`] and all that is shown are the same, while the file cannot be told from the
    /// place in it any more: such a finding equals the one that was written only if that lay in no particular
    /// [`Place`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename = "Finding")]
        struct Written {
            code: Code,
            severity: Severity,
            r#where: String,
            what: String,
            hint: String,
        }
        let written = Written::deserialize(deserializer)?;
        Ok(Self {
            severity: written.severity,
            code: written.code,
            file: escape_bounded(&written.r#where, MAX_LOCATION),
            place: Place::Whole,
            what: escape_bounded(&written.what, MAX_WRITTEN),
            hint: escape_bounded(&written.hint, MAX_WRITTEN),
        })
    }
}

/// What a check of a document came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Used, and nothing to say about it.
    Accept,
    /// Used, with something odd in it.
    AcceptWithWarnings,
    /// Not used.
    Refuse,
}

impl Verdict {
    /// The verdict that `findings` amount to.
    pub fn of(findings: &[Finding]) -> Self {
        if findings.iter().any(|f| f.severity == Severity::Refusal) {
            Self::Refuse
        } else if findings.is_empty() {
            Self::Accept
        } else {
            Self::AcceptWithWarnings
        }
    }
}

/// A value that was accepted, with the warnings it was accepted in spite of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<T> {
    /// What was parsed.
    pub value: T,
    /// What is odd about it; never a refusal.
    pub warnings: Vec<Finding>,
}

/// A document that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.first())]
pub struct Refused {
    findings: Vec<Finding>,
}

impl Refused {
    /// A refusal for one reason.
    pub fn new(finding: Finding) -> Self {
        Self {
            findings: vec![finding],
        }
    }

    /// A refusal if any of `findings` is one, else the findings back as warnings.
    pub fn unless_only_warnings(findings: Vec<Finding>) -> Result<Vec<Finding>, Self> {
        match Verdict::of(&findings) {
            Verdict::Refuse => Err(Self { findings }),
            Verdict::Accept | Verdict::AcceptWithWarnings => Ok(findings),
        }
    }

    /// Everything found, refusals and warnings, in the order of the document.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The first refusal.
    pub fn first(&self) -> &Finding {
        self.findings
            .iter()
            .find(|f| f.severity == Severity::Refusal)
            .unwrap_or(&self.findings[0])
    }
}

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        Self::new(finding)
    }
}
