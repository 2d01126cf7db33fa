//! What is recorded: decisions, and uses of what was granted.

use hostler_contract::{Command, SequenceNumber, Version};
use hostler_package::PackageDigest;
use serde::Serialize;

use super::field::{Codes, DirectoryText, EndKind, GrantSummary, RuleName, SourceText, Whose};
use super::head::Head;
use super::line::RemovedFiles;
use crate::limits::{LimitName, Rule};
use crate::report::Removal;
use crate::sandbox::RefusedCall;

/// One thing that happened. None of it holds settings, values of variables or what a handler wrote: the types of the fields
/// cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum AuditEvent {
    /// The first line of a log.
    LogBegun,
    /// The first line of another file of the log.
    LogRotated {
        /// The number of the file.
        file: u32,
        /// The files that go because of it, and where the log begins from now on.
        removed: Option<RemovedFiles>,
    },
    /// Lines were there that the state did not know of: the host was stopped between the two.
    LogResumed {
        /// How many.
        ahead: u64,
    },
    /// A line was cut off in the middle, since the host was stopped while it was written, and was taken away.
    TornLineRemoved {
        /// Its length so far, in bytes.
        bytes: u64,
    },
    /// The log did not end where the state said: lines are missing, or were changed.
    EndMismatch {
        /// What the state said.
        known: Option<Head>,
        /// The last line that was there.
        found: Option<Head>,
    },
    /// A record or the whole of the host's own state was damaged, and is not believed.
    StateDamaged {
        /// How much was found.
        found: usize,
        /// The codes.
        codes: Codes,
    },
    /// A goal state is taken up.
    ApplyBegun {
        /// Where it came from.
        source: SourceText,
    },
    /// A goal state is done with.
    ApplyEnded {
        /// What became of it.
        end: GoalStateEnd,
        /// Why it was refused.
        codes: Codes,
    },
    /// An entry of a goal state cannot be carried out: itself, its settings or its version.
    EntryRefused {
        /// Why.
        codes: Codes,
    },
    /// A package is taken; it is put in place next. The line's digest is the package's.
    PackageAccepted {
        /// Where it came from.
        source: SourceText,
        /// Its size.
        bytes: u64,
        /// What was verified of its signature: `unsigned`, `unchecked`, `verified` or `bad`.
        signature: &'static str,
        /// Who signed it, as the policy names them.
        #[serde(skip_serializing_if = "Option::is_none")]
        signer: Option<RuleName>,
    },
    /// No package was had (`download.*`), or it is not taken, or the host failed at it (`host.*`).
    PackageRefused {
        /// Why.
        codes: Codes,
    },
    /// A version is installed.
    VersionInstalled {
        /// Where its package came from.
        source: SourceText,
        /// The version before it.
        from: Option<Version>,
    },
    /// A lower version takes the place of a higher one.
    Downgrade {
        /// The higher one.
        from: Version,
    },
    /// An update failed and is taken back, to the version that the line is about.
    RollBackBegun {
        /// The version that failed.
        failed: Version,
        /// The contract's code of what failed.
        code: i32,
    },
    /// It is taken back.
    RollBackEnded {
        /// The version that failed.
        failed: Version,
        /// Whether the version before it is enabled again.
        well: bool,
    },
    /// A version that failed is not tried again, since the goal state is the same.
    FailedUpdateKeptBack {
        /// The version that failed.
        failed: Version,
    },
    /// Settings have a lower sequence number than those before them.
    LowerSequenceNumber {
        /// The number before.
        from: SequenceNumber,
        /// The number now.
        to: SequenceNumber,
    },
    /// A handler's packages are gone.
    HandlerRemoved {
        /// By its commands, or without.
        how: Removal,
    },
    /// A command begins. The line's digest is the package's.
    CommandBegun {
        /// Which.
        command: Command,
        /// The number of the settings that it is for.
        settings: SequenceNumber,
    },
    /// A command ended. The line's digest is the component's; of one that was not run there is none.
    CommandEnded {
        /// Which.
        command: Command,
        /// How.
        end: EndKind,
        /// Its exit code; none of one that was not run.
        exit_code: Option<i32>,
        /// Why that is no success.
        codes: Codes,
        /// From start to end.
        duration_ms: u64,
    },
    /// A command reached a limit.
    LimitReached {
        /// Which command.
        command: Command,
        /// Which limit.
        limit: LimitName,
        /// What was allowed, in the limit's unit.
        allowed: u64,
        /// Who set it.
        rule: Rule,
        /// What was used, where the engine tells.
        used: Option<u64>,
    },
    /// File calls of a component were refused.
    CallsRefused {
        /// While which command ran.
        command: Command,
        /// Each kind with its number: there are no more than some thirty kinds.
        calls: Vec<RefusedCall>,
    },
    /// A service is started. The line's digest is the component's.
    ServiceStarted {
        /// The number of the settings that it is for.
        settings: SequenceNumber,
    },
    /// A service ended.
    ServiceEnded {
        /// Whether it had been told to; it fell otherwise.
        told: bool,
        /// How.
        end: EndKind,
        /// Its exit code.
        exit_code: i32,
        /// Why that is no success.
        codes: Codes,
        /// From start to end.
        duration_ms: u64,
    },
    /// A service did not stop in its time when it was told to, and was ended.
    ServiceEndedByHost,
    /// A service is not started again before its handler is enabled again.
    ServiceGivenUp {
        /// How often it fell in an hour.
        falls: usize,
    },
    /// What a package may do was decided.
    GrantsDecided {
        /// The rule of the policy; none where no rule is for it.
        rule: Option<RuleName>,
        /// What came of it.
        effective: GrantSummary,
    },
    /// A package asks for more than it may.
    GrantsRefused {
        /// The rule of the policy; none where no rule is for it.
        rule: Option<RuleName>,
        /// Why.
        codes: Codes,
    },
    /// A version waits until somebody approves what it may do.
    ApprovalAsked {
        /// What is to be approved.
        grants: PackageDigest,
        /// In how many ways it is wider than what is in force.
        wider: usize,
    },
    /// Somebody approved it.
    ApprovalGiven {
        /// What was approved.
        grants: PackageDigest,
    },
    /// A folder of the host was opened for writing, as granted.
    DirectoryOpened {
        /// For which command.
        command: Command,
        /// The folder.
        directory: DirectoryText,
    },
    /// The operator's policy is in force.
    PolicyLoaded {
        /// SHA-256 of its file.
        policy: PackageDigest,
        /// How many rules it has.
        rules: usize,
    },
    /// The file of the policy was read again and cannot be used: what was in force stays so.
    PolicyKept {
        /// Why.
        codes: Codes,
    },
    /// An agent begins to follow a source of goal states.
    AgentStarted {
        /// The source.
        source: SourceText,
    },
    /// It was told to stop, and did so in order.
    AgentStopped,
    /// The source of goal states has given none that can be used for some time; the last one stays in force.
    SourceLost {
        /// The source.
        source: SourceText,
        /// Why.
        codes: Codes,
    },
    /// It gives one again.
    SourceBack {
        /// The source.
        source: SourceText,
    },
    /// Compiled code that was kept is not used: it was changed, or comes from elsewhere. The line's digest is the component's.
    CompiledCodeRejected,
}

/// What became of a goal state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GoalStateEnd {
    /// It was taken up: carried out, or on hold.
    TakenUp,
    /// It was refused.
    Refused,
}

/// An event, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(super) whose: Option<Whose>,
    pub(super) digest: Option<PackageDigest>,
    pub(super) event: AuditEvent,
}

impl AuditEvent {
    /// This event of a handler.
    pub fn of(self, whose: impl Into<Whose>) -> Entry {
        Entry {
            whose: Some(whose.into()),
            ..self.into()
        }
    }
}

impl From<AuditEvent> for Entry {
    fn from(event: AuditEvent) -> Self {
        Self {
            whose: None,
            digest: None,
            event,
        }
    }
}

impl Entry {
    /// With the digest of the package or the component; one that is none is left out.
    #[must_use]
    pub fn digest(self, hexadecimal: &str) -> Self {
        Self {
            digest: hexadecimal.parse().ok(),
            ..self
        }
    }
}
