//! What belongs together in a benchmark: measured in the same rounds, and shown in one chart.

use crate::reading::Reading;
use crate::series::Series;

/// One part of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The word for it on a command line, and its anchor on the page.
    pub name: &'static str,
    /// A heading.
    pub title: &'static str,
    /// What was compared, and what holds for all of it, in a few sentences.
    pub about: String,
    /// The command that measures it again.
    pub repeat: String,
    /// All that was measured, in the order of the chart.
    pub series: Vec<Series>,
    /// What was compared, or is held against a target by itself.
    pub readings: Vec<Reading>,
}
