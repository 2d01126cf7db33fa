//! What became of looking over a log.

use hostler_contract::{Code, codes};
use serde::Serialize;

use super::folder::name;
use super::head::Head;

/// Most faults that are kept; the others are counted.
const MAX_FAULTS: usize = 20;

/// Where a line stands: number of the file and of the line in it, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) file: u32,
    pub(super) line: u64,
}

/// Something that an undisturbed log does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What kind.
    pub code: Code,
    /// The file, from the root on; empty where there is none.
    pub file: String,
    /// The line in the file, from 1; 0 where there is none.
    pub line: u64,
    /// The number that the line has, or should have; `None` where that is not known.
    pub sequence: Option<u64>,
    /// What was found, as a sentence without a full stop.
    pub what: String,
}

/// What became of looking over a log.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogVerdict {
    /// Whether nothing was found.
    pub whole: bool,
    /// How many files there are.
    pub files: usize,
    /// How many lines.
    pub lines: u64,
    /// The number of the first line; lines before it were removed in order, if there were any.
    pub first: Option<u64>,
    /// The last line.
    pub last: Option<Head>,
    /// The last line that the host's state knows.
    pub known: Option<Head>,
    /// Bytes at the end that are no whole line: being written just now, or cut off when the host was stopped.
    pub unfinished: u64,
    /// What was found, in order; the first 20.
    pub faults: Vec<Fault>,
    /// How much more was found.
    pub more_faults: u64,
}

impl LogVerdict {
    pub(super) fn fault(&mut self, code: Code, at: Option<At>, sequence: Option<u64>, what: String) {
        if self.faults.len() == MAX_FAULTS {
            self.more_faults += 1;
            return;
        }
        self.faults.push(Fault {
            code,
            file: at.map_or_else(String::new, |at| format!("audit/{}", name(at.file))),
            line: at.map_or(0, |at| at.line),
            sequence,
            what,
        });
    }

    /// A line that is not the one that its neighbour knew.
    pub(super) fn changed(&mut self, at: At, sequence: u64) {
        let what = format!("line {sequence} is not what it was when the next one was written");
        self.fault(codes::AUDIT_CHAIN, Some(at), Some(sequence), what);
    }
}
