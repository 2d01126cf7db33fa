//! What an operator wants machines to have: a TOML file.
//!
//! ```toml
//! region = "West US"
//! locations = ["https://repository.example:8443/published/westus"]
//!
//! [[handler]]
//! namespace = "Contoso"
//! type = "Web"
//! version = "1.0"            # asked for; fixes arrive by themselves
//! auto_upgrade = true        # minor versions too
//! settings = "web.settings"  # as an agent writes it: protected settings stay as they are
//! sequence = 3
//! ```

use hostler_contract::definition::ExtensionNamePart;
use hostler_contract::vm_settings::RequestedState;
use hostler_contract::{Finding, HandlerName, Place, Refused, SequenceNumber, Source, Version, codes, escape_bounded};
use serde::Deserialize;

/// Most bytes of the file.
pub const MAX_WANTED_BYTES: usize = 1024 * 1024;

/// What machines are to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The region whose versions count; none where the repository has one only.
    pub region: Option<String>,
    /// Where hosts fetch the region's files from, the first tried first.
    pub locations: Vec<String>,
    /// The handlers.
    pub handlers: Vec<WantedHandler>,
}

/// One handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedHandler {
    /// `ProviderNameSpace`
    pub namespace: ExtensionNamePart,
    /// `Type`
    pub type_name: ExtensionNamePart,
    /// Both, as hosts know them.
    pub name: HandlerName,
    /// The version asked for.
    pub version: Version,
    /// Whether newer minor versions are welcome; no by default.
    pub auto_upgrade: bool,
    /// `enabled` by default.
    pub state: RequestedState,
    /// Path of the settings file, relative to the file that names it.
    pub settings: Option<String>,
    /// The settings' sequence number; 0 by default.
    pub sequence: SequenceNumber,
    /// What machines have, where that is not what the document before says.
    pub installed: Option<Version>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    region: Option<String>,
    #[serde(default)]
    locations: Vec<String>,
    #[serde(default)]
    handler: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    namespace: String,
    r#type: String,
    version: String,
    #[serde(default)]
    auto_upgrade: bool,
    state: Option<String>,
    settings: Option<String>,
    #[serde(default)]
    sequence: u32,
    installed: Option<String>,
}

/// The region of a repository that was told of none.
const ONLY_REGION: &str = "Local";

impl Wanted {
    /// The region, or the only one.
    pub fn region_or_only(&self) -> &str {
        self.region.as_deref().unwrap_or(ONLY_REGION)
    }

    /// Reads the file. `location` is an address that counts where the file names no locations: `/published/` and the
    /// region are added to it.
    ///
    /// # Errors
    /// More than 1 MiB, what is not TOML, a key that is not known, is missing or has the wrong type, and a value that is
    /// none of its kind; a handler that stands twice; no location.
    pub fn parse(source: Source<'_>, location: Option<&str>) -> Result<Self, Refused> {
        let refuse = |place: Place, what: String, hint: &str| {
            Finding::refusal(codes::WANTED_FILE, source.file, place, what, hint)
        };
        if source.bytes.len() > MAX_WANTED_BYTES {
            let what = format!("it has {} bytes", source.bytes.len());
            return Err(refuse(Place::Whole, what, "at most 1048576 bytes are read").into());
        }
        let text = String::from_utf8_lossy(source.bytes);
        let file: File = toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let position = hostler_contract::json::position(&text, start);
            let what = escape_bounded(error.message(), 300);
            refuse(position.into(), what, "write the keys that docs/repository.md lists")
        })?;
        let mut findings = Vec::new();
        let mut note = |path: &str, what: String, hint: &str| {
            findings.push(refuse(Place::Json(path.to_owned()), what, hint));
        };
        let mut locations = file.locations;
        if let (true, Some(address)) = (locations.is_empty(), location) {
            let region = file
                .region
                .as_deref()
                .unwrap_or(ONLY_REGION)
                .replace(' ', "")
                .to_ascii_lowercase();
            locations.push(format!("{}/published/{region}", address.trim_end_matches('/')));
        }
        if locations.is_empty() {
            let hint = "name at least one place that hosts fetch from";
            note("locations", "it is empty".to_owned(), hint);
        }
        let mut handlers: Vec<WantedHandler> = Vec::new();
        for (index, entry) in file.handler.into_iter().enumerate() {
            match handler(entry) {
                Ok(handler) => {
                    let same = |other: &WantedHandler| other.name.as_str().eq_ignore_ascii_case(handler.name.as_str());
                    if handlers.iter().any(same) {
                        let what = format!("{} stands twice", handler.name);
                        note(&format!("handler[{index}]"), what, "take out all but one");
                    }
                    handlers.push(handler);
                }
                Err((key, what, hint)) => note(&format!("handler[{index}].{key}"), what, hint),
            }
        }
        Refused::unless_only_warnings(findings)?;
        Ok(Self {
            region: file.region,
            locations,
            handlers,
        })
    }
}

/// Which key of an entry is wrong, how, and what would be right.
type Wrong = (&'static str, String, &'static str);

fn handler(entry: Entry) -> Result<WantedHandler, Wrong> {
    let part =
        |key, text: &str| ExtensionNamePart::parse(text).map_err(|error| (key, error.what().to_owned(), error.hint()));
    let number = |key, text: &str| Version::parse(text).map_err(|error| (key, error.what().to_owned(), error.hint()));
    let namespace = part("namespace", &entry.namespace)?;
    let type_name = part("type", &entry.r#type)?;
    let name = HandlerName::parse(&format!("{namespace}.{type_name}"))
        .map_err(|error| ("type", error.what().to_owned(), error.hint()))?;
    let state = match entry.state.as_deref() {
        None => RequestedState::Enabled,
        Some(word) => RequestedState::parse(word).ok_or_else(|| {
            let what = format!("`{}` is no state", escape_bounded(word, 80));
            (
                "state",
                what,
                "write `enabled`, `disabled` or `uninstall` in lower case",
            )
        })?,
    };
    let sequence = SequenceNumber::parse(&entry.sequence.to_string())
        .map_err(|error| ("sequence", error.to_string(), error.hint()))?;
    Ok(WantedHandler {
        namespace,
        type_name,
        name,
        version: number("version", &entry.version)?,
        auto_upgrade: entry.auto_upgrade,
        state,
        settings: entry.settings,
        sequence,
        installed: entry
            .installed
            .as_deref()
            .map(|text| number("installed", text))
            .transpose()?,
    })
}
