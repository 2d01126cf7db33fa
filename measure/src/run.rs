//! All of one run of a benchmark.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::machine::Machine;
use crate::part::Part;

/// What was measured, where, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// A heading for it.
    pub title: String,
    /// hostler's version.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// What it was told: rounds, parts, and whatever else.
    pub options: BTreeMap<String, Value>,
    /// What components ran behind, as hostler's own report has it.
    pub isolation: Value,
    /// The parts, in the order in which they are shown.
    pub parts: Vec<Part>,
    /// Keys of which no part says anything, and why.
    pub left_out: BTreeMap<String, String>,
}
