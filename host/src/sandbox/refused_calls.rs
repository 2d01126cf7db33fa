//! File calls that were refused to a component: kinds and counts, for the audit log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

/// A call that makes something come, grow, move or go, or opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileCall {
    /// `write`, not by a stream.
    Write,
    /// `set-size`
    SetSize,
    /// `write-via-stream` and `append-via-stream`
    OpenStream,
    /// `open-at`
    OpenAt,
    /// `create-directory-at`
    CreateDirectoryAt,
    /// `symlink-at`
    SymlinkAt,
    /// `link-at`
    LinkAt,
    /// `rename-at`
    RenameAt,
    /// `unlink-file-at`
    UnlinkFileAt,
    /// `remove-directory-at`
    RemoveDirectoryAt,
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusedFor {
    /// It led out of the folder, or to where the component may not write.
    NotPermitted,
    /// A folder has no room for it, or not so deep, or the file would be too large.
    NoRoom,
    /// It led from one folder into another in a way that cannot be followed.
    OtherFolder,
}

impl RefusedFor {
    /// Why a call was refused that failed with `code`; `None` where it failed for the component's own reasons.
    fn of(code: ErrorCode) -> Option<Self> {
        match code {
            ErrorCode::Access | ErrorCode::NotPermitted | ErrorCode::ReadOnly => Some(Self::NotPermitted),
            ErrorCode::InsufficientSpace | ErrorCode::Quota | ErrorCode::FileTooLarge => Some(Self::NoRoom),
            ErrorCode::CrossDevice => Some(Self::OtherFolder),
            _ => None,
        }
    }
}

/// Calls of one kind that were refused for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCall {
    /// Which call.
    pub call: FileCall,
    /// Why.
    pub reason: RefusedFor,
    /// How often.
    pub times: u64,
}

/// Most kinds of refused calls: each call for each reason.
pub(super) const MAX_KINDS: usize = 10 * 3;

/// What was refused so far: as large as there are kinds, however often.
#[derive(Debug, Default)]
pub(super) struct RefusedCalls(BTreeMap<(FileCall, RefusedFor), u64>);

impl RefusedCalls {
    /// Counts a call that failed with `code`, if it was refused.
    pub(super) fn count(&mut self, call: FileCall, code: ErrorCode) {
        if let Some(reason) = RefusedFor::of(code) {
            let times = self.0.entry((call, reason)).or_default();
            *times = times.saturating_add(1);
        }
    }

    /// All of them.
    pub(super) fn list(&self) -> Vec<RefusedCall> {
        let kinds = self.0.iter();
        kinds
            .map(|((call, reason), times)| RefusedCall {
                call: *call,
                reason: *reason,
                times: *times,
            })
            .collect()
    }
}
