//! What hostler adds to a handler's entry in the agent's status document, under the key `hostler`.

use serde::{Deserialize, Serialize};

use hostler_contract::manifest::DirectoryAccess;
use hostler_contract::{Code, Command, Finding, Version, redact_sas};

use super::observed::HeartbeatSeen;
use super::output::printable;
use super::service::ServiceReport;
use crate::grants::Effective;
use crate::handler_dir::{HandlerDir, PackageRecord};
use crate::lifecycle::{Execution, HandlerState};
use crate::limits::{FolderUse, LimitName, Unit, Use};
use crate::sandbox::{Access, Captured, End, Origin, Preopen};
use crate::signatures::Signed;
use crate::state::UnderWay;

/// Most bytes of a stream that a report carries. More is kept up to the stream's limit and counted here.
const STREAM_BYTES: usize = 16 << 10;

/// Everything under the key `hostler`.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Addition {
    /// The state of the version that is reported (contract 7.2); left out where nothing is remembered of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<HandlerState>,
    /// A command that began and has not ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWayReport>,
    /// How its service is; left out where it has none, or nobody keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceReport>,
    /// The heartbeat file that was read, for who stays and can tell how old it is.
    #[serde(skip)]
    pub heartbeat_seen: Option<HeartbeatSeen>,
    /// Since when status and code of handler and extension have been what they are, as far as an apply saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What was run; left out where no package was ever opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<PackageReport>,
    /// Whether the settings file was written: not where it said the same already.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub settings_written: bool,
    /// Whether more of it was changed than what its enable wrote: its settings, its versions, their states.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
    /// All of the file system that the handler saw.
    pub folders: Vec<FolderReport>,
    /// The commands, in the order in which they ran.
    pub commands: Vec<CommandReport>,
    /// What is odd about package, settings, status or heartbeat, and what was refused of them.
    pub findings: Vec<Finding>,
}

/// A command that began and has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnderWayReport {
    /// Which.
    pub command: Command,
    /// Of which version.
    pub version: Version,
    /// Whether nobody works in the root any more: the host was stopped, and the next apply goes on from there.
    pub interrupted: bool,
}

impl UnderWayReport {
    /// `step`, in a root that is `in_use` by a hostler or not.
    pub(super) fn new(step: UnderWay, in_use: bool) -> Self {
        Self {
            command: step.command,
            version: step.version,
            interrupted: !in_use,
        }
    }
}

/// The package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageReport {
    /// `Publisher.Type-1.2.3`.
    pub handler: String,
    /// The folder in which the package was put (`BASE` in the contract).
    pub base: String,
    /// File name.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Size in bytes.
    pub bytes: u64,
    /// What was verified of its signature: `unsigned`, `unchecked` where the policy names no signer, `verified`, or `bad` where
    /// a rule takes it all the same.
    pub signature: String,
    /// The signer as the policy names it; left out for one that was not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// The subject of the signer's certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Why it does not verify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_signature: Option<String>,
    /// Where it came from; left out for one that was named on the command line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A folder that the handler saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FolderReport {
    /// Its name there.
    pub name: String,
    /// `read-only` or `read-write`.
    pub access: FolderAccess,
    /// Whether it is a folder of the machine that was granted to one command at least.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted: bool,
}

/// Whether a handler may write in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FolderAccess {
    /// It may list and read.
    ReadOnly,
    /// It may also create, change and remove, within the limits of that folder.
    ReadWrite,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandReport {
    /// `install`, `enable`, ...
    pub command: Command,
    /// The version whose command it was: in an update there are two.
    pub version: Version,
    /// Full command line.
    pub line: String,
    /// The component that ran.
    pub component: ComponentReport,
    /// The command's exit code; 134 for a trap, 137 for a stop at a limit.
    pub exit_code: i32,
    /// How it ended.
    pub end: End,
    /// Stable code of an end that is no success.
    pub code: Option<Code>,
    /// From start to end, in milliseconds.
    pub duration_ms: u64,
    /// Use against limit, for every limit.
    pub limits: Vec<LimitReport>,
    /// What it added to each granted folder that it could write in, against that folder's quota.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<FolderUse>,
    /// Standard output.
    pub stdout: StreamReport,
    /// Standard error.
    pub stderr: StreamReport,
}

/// The component that a command ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentReport {
    /// Path in the package.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// `compiled` just now, or `kept` from an earlier time.
    pub origin: String,
    /// How long compiling took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compile_ms: Option<u64>,
}

/// Use against limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitReport {
    /// The limit's name.
    pub name: LimitName,
    /// `ms`, `bytes` or `count`.
    pub unit: String,
    /// What was allowed.
    pub limit: u64,
    /// Who set it: `default`, `contract`, `package`, `policy` or `command-line`.
    pub rule: crate::limits::Rule,
    /// What was used; null where the engine enforces the limit without telling.
    pub used: Option<u64>,
    /// Whether it was reached.
    pub reached: bool,
}

/// What a command wrote to a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamReport {
    /// The first 16 KiB; bytes that are not UTF-8 as `\xNN`.
    pub text: String,
    /// How many bytes were kept.
    pub bytes: usize,
    /// How many bytes came after those.
    pub dropped: u64,
}

impl PackageReport {
    /// What is remembered of the package that lies in `folders`.
    pub fn new(folders: &HandlerDir, record: &PackageRecord) -> Self {
        Self {
            handler: folders.identity().to_string(),
            base: folders.base().display().to_string(),
            file: record.file.clone(),
            digest: record.digest.clone(),
            bytes: record.bytes,
            signature: record.signature.word().to_owned(),
            signer: record.signature.signer().map(str::to_owned),
            certificate: match &record.signature {
                Signed::Verified { certificate, .. } => certificate.clone(),
                _ => None,
            },
            bad_signature: match &record.signature {
                Signed::Bad { why } => Some(why.clone()),
                _ => None,
            },
            source: record.source.clone(),
        }
    }
}

impl From<Preopen> for FolderReport {
    fn from(preopen: Preopen) -> Self {
        Self {
            name: preopen.name,
            access: match preopen.access {
                Access::ReadOnly => FolderAccess::ReadOnly,
                Access::ReadWrite(_) => FolderAccess::ReadWrite,
            },
            granted: preopen.granted,
        }
    }
}

/// The folders of the machine that `grants` has for any command.
pub fn granted_folders(grants: &Effective) -> impl Iterator<Item = FolderReport> {
    grants.directories().into_iter().map(|(path, access)| FolderReport {
        name: path.to_string(),
        access: match access {
            DirectoryAccess::Read => FolderAccess::ReadOnly,
            DirectoryAccess::ReadWrite => FolderAccess::ReadWrite,
        },
        granted: true,
    })
}

impl From<&Execution> for CommandReport {
    fn from(execution: &Execution) -> Self {
        let outcome = &execution.outcome;
        let (origin, compile_ms) = match execution.code.origin() {
            Origin::Compiled(took) => ("compiled", Some(milliseconds(took))),
            Origin::Kept => ("kept", None),
        };
        Self {
            command: execution.command,
            version: execution.identity.version.clone(),
            line: execution.line.clone(),
            component: ComponentReport {
                name: execution.component.clone(),
                digest: execution.code.digest_text(),
                origin: origin.to_owned(),
                compile_ms,
            },
            exit_code: outcome.end.exit_code(),
            end: outcome.end.clone(),
            code: outcome.end.code(),
            duration_ms: milliseconds(outcome.duration),
            limits: outcome.usage.iter().map(LimitReport::from).collect(),
            granted: outcome.usage.folders().to_vec(),
            stdout: StreamReport::from(&outcome.stdout),
            stderr: StreamReport::from(&outcome.stderr),
        }
    }
}

impl From<&Use> for LimitReport {
    fn from(used: &Use) -> Self {
        Self {
            name: used.name,
            unit: match used.name.unit() {
                Unit::Milliseconds => "ms",
                Unit::Bytes => "bytes",
                Unit::Count => "count",
            }
            .to_owned(),
            limit: used.limit.value,
            rule: used.limit.rule,
            used: used.used,
            reached: used.reached,
        }
    }
}

impl From<&Captured> for StreamReport {
    fn from(stream: &Captured) -> Self {
        let head = stream.bytes.get(..STREAM_BYTES).unwrap_or(&stream.bytes);
        Self {
            text: redact_sas(&printable(head)).into_owned(),
            bytes: stream.bytes.len(),
            dropped: stream.dropped,
        }
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
