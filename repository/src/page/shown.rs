//! What the page shows, as texts.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::records::{AuditLine, Operation, Records, RecordsError, RegionState, RegionStatus, Regions, Version};

/// Most versions on one page.
pub const MOST_VERSIONS: u32 = 200;

/// An extension, or that part of its versions which fits the page.
#[derive(Debug)]
pub(super) struct ExtensionShown {
    pub(super) name: String,
    pub(super) versions: Vec<VersionShown>,
}

/// A version.
#[derive(Debug)]
pub(super) struct VersionShown {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) visibility: String,
    /// The regions that it is offered in, where those are not all.
    pub(super) slice: Option<String>,
    pub(super) state: String,
    pub(super) copies: Vec<CopyShown>,
    pub(super) copied: usize,
    pub(super) sha256: String,
    pub(super) size: u64,
    pub(super) asks: Option<String>,
    pub(super) published: String,
}

/// The copy of a version in one region.
#[derive(Debug)]
pub(super) struct CopyShown {
    pub(super) region: String,
    pub(super) status: String,
    pub(super) attempts: u32,
    pub(super) error: Option<String>,
}

/// An operation.
#[derive(Debug)]
pub(super) struct OperationShown {
    pub(super) id: String,
    pub(super) began: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) status: String,
    pub(super) error: Option<String>,
    pub(super) by: String,
}

/// A line of the record.
#[derive(Debug)]
pub(super) struct AuditShown {
    pub(super) at: String,
    pub(super) who: String,
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) outcome: String,
}

/// The extensions from `after` on, and what the next page begins after.
pub(super) async fn extensions(
    records: &Records,
    after: &str,
) -> Result<(Vec<ExtensionShown>, Option<String>), RecordsError> {
    let after = percent_decode_str(after).decode_utf8_lossy();
    let mut parts = after.splitn(3, '/').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (namespace, type_name, key) = (part(), part(), part());
    let versions = records
        .versions_after((&namespace, &type_name, &key), MOST_VERSIONS)
        .await?;
    let mut extensions: Vec<ExtensionShown> = Vec::new();
    for version in &versions {
        let states = records.region_states(&version.id).await?;
        let name = format!("{}.{}", version.namespace, version.extension_type);
        let shown = VersionShown::of(version, &states);
        match extensions.last_mut().filter(|last| last.name == name) {
            Some(last) => last.versions.push(shown),
            None => extensions.push(ExtensionShown {
                name,
                versions: vec![shown],
            }),
        }
    }
    let last = versions.last().filter(|_| versions.len() >= MOST_VERSIONS as usize);
    let next = last.map(|last| {
        let after = format!("{}/{}/{}", last.namespace, last.extension_type, last.key);
        utf8_percent_encode(&after, NON_ALPHANUMERIC).to_string()
    });
    Ok((extensions, next))
}

impl VersionShown {
    fn of(version: &Version, states: &[RegionState]) -> Self {
        let copied = states
            .iter()
            .filter(|state| state.status == RegionStatus::Completed)
            .count();
        let slice = match &version.regions {
            Regions::Only(names) => Some(names.join(", ")),
            Regions::All | Regions::Absent => None,
        };
        Self {
            id: version.id.clone(),
            version: version.version.clone(),
            visibility: version.visibility.to_string(),
            slice,
            state: version.state.to_string(),
            copies: states.iter().map(CopyShown::of).collect(),
            copied,
            sha256: version.package_sha256.clone(),
            size: version.package_size,
            asks: version.asks.as_deref().map(indented),
            published: at(version.published_ms),
        }
    }
}

impl CopyShown {
    fn of(state: &RegionState) -> Self {
        Self {
            region: state.region.clone(),
            status: state.status.to_string(),
            attempts: state.attempts,
            error: state.error.clone(),
        }
    }
}

impl OperationShown {
    pub(super) fn of(operation: &Operation) -> Self {
        let Operation {
            namespace,
            extension_type,
            version,
            ..
        } = operation;
        Self {
            id: operation.id.clone(),
            began: at(operation.created_ms),
            kind: operation.kind.to_string(),
            subject: format!("{namespace}.{extension_type} {version}"),
            status: operation.status.to_string(),
            error: operation.failure.as_ref().map(ToString::to_string),
            by: format!(
                "{} {} {}",
                operation.subscription, operation.thumbprint, operation.caller_ip
            ),
        }
    }
}

impl AuditShown {
    pub(super) fn of(line: &AuditLine) -> Self {
        let who = [&line.by.subscription, &line.by.actor, &line.by.caller_ip];
        let who: Vec<&str> = who
            .into_iter()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .collect();
        Self {
            at: at(line.at_ms),
            who: who.join(" "),
            action: line.action.clone(),
            subject: line.subject.clone(),
            outcome: line.outcome.clone(),
        }
    }
}

/// A time, in UTC.
pub(super) fn at(ms: i64) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let at = OffsetDateTime::from_unix_timestamp(ms / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(form).unwrap_or_default()
}

/// JSON on several lines; what is none, as it is.
fn indented(json: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(json);
    let text = value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
    text.unwrap_or_else(|| json.to_owned())
}
