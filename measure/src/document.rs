//! A run as a document: what `--json` writes, `--baseline` reads, and tables and pages are made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::interval::Interval;
use crate::judgement::{Difference, Held};
use crate::key::Key;
use crate::machine::Machine;
use crate::part::Part;
use crate::reading::Reading;
use crate::run::Run;
use crate::samples::Statistic;
use crate::series::Series;
use crate::target::Target;

/// What a document calls itself.
pub(crate) const KIND: &str = "hostler-bench";

/// The version of the document's form, raised with whatever an older reader would misread.
pub(crate) const FORMAT: u32 = 1;

/// All of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What it is: `hostler-bench`.
    pub kind: String,
    /// The version of its form.
    pub format: u32,
    /// A heading for it.
    pub title: String,
    /// hostler's version.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// What the benchmark was told.
    pub options: BTreeMap<String, Value>,
    /// What components ran behind.
    pub isolation: Value,
    /// What is held against targets, by key.
    pub ratios: BTreeMap<String, f64>,
    /// What was not measured, by key, and why.
    pub not_run: BTreeMap<String, String>,
    /// All that was measured.
    pub parts: Vec<PartDocument>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartDocument {
    /// The word for it on a command line.
    pub name: String,
    /// A heading.
    pub title: String,
    /// What was compared.
    pub about: String,
    /// The command that measures it again.
    pub repeat: String,
    /// All that was measured.
    pub series: Vec<Summary>,
    /// What was compared, or is held against a target by itself.
    pub readings: Vec<ReadingDocument>,
}

/// What many samples come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What was measured.
    pub what: String,
    /// The unit of all figures.
    pub unit: String,
    /// Of how many samples.
    pub count: usize,
    /// The smallest.
    pub min: f64,
    /// The middle one.
    pub median: f64,
    /// What one in ten is above.
    pub p90: f64,
    /// What one in a hundred is above.
    pub p99: f64,
    /// Between which bounds the median lies; none of one sample.
    pub interval: Option<Interval>,
}

/// What came of a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadingDocument {
    /// The key.
    pub key: String,
    /// What it compares.
    pub compares: String,
    /// What is held against the target; none where nothing was measured.
    pub value: Option<f64>,
    /// Between which bounds it lies; none where that cannot be told.
    pub interval: Option<Interval>,
    /// The ratio of the smallest samples.
    pub value_of_min: Option<f64>,
    /// By which figure of their samples two sides were compared: `median`, `min`.
    pub by: Option<String>,
    /// Whether two sides differ.
    pub difference: Option<Difference>,
    /// Whether the interval is so wide that the value is a guess.
    pub noisy: bool,
    /// The most, or the least, that the value should be.
    pub target: Option<Target>,
    /// Whether it is.
    pub held: Option<Held>,
    /// What was measured, hostler's side first.
    pub sides: Vec<Summary>,
    /// Why nothing was.
    pub not_run: Option<String>,
}

impl From<&Run> for Document {
    fn from(run: &Run) -> Self {
        let parts: Vec<PartDocument> = run.parts.iter().map(PartDocument::from).collect();
        let readings = || parts.iter().flat_map(|part| &part.readings);
        let ratios = readings().filter_map(|reading| Some((reading.key.clone(), reading.value?)));
        let not_run = readings().filter_map(|reading| Some((reading.key.clone(), reading.not_run.clone()?)));
        Self {
            kind: KIND.to_owned(),
            format: FORMAT,
            title: run.title.clone(),
            version: run.version.clone(),
            machine: run.machine.clone(),
            options: run.options.clone(),
            isolation: run.isolation.clone(),
            ratios: ratios.collect(),
            not_run: not_run.chain(run.left_out.clone()).collect(),
            parts,
        }
    }
}

impl Document {
    /// All readings, in the order of [`crate::KEYS`].
    pub fn readings(&self) -> Vec<&ReadingDocument> {
        let mut readings: Vec<_> = self.parts.iter().flat_map(|part| &part.readings).collect();
        readings.sort_by_key(|reading| Key::place(&reading.key));
        readings
    }

    /// As JSON, ending with a line feed.
    pub fn to_json(&self) -> String {
        // Names and finite numbers: there is nothing in it that JSON has not.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl From<&Part> for PartDocument {
    fn from(part: &Part) -> Self {
        Self {
            name: part.name.to_owned(),
            title: part.title.to_owned(),
            about: part.about.clone(),
            repeat: part.repeat.clone(),
            series: part.series.iter().filter_map(Summary::of).collect(),
            readings: part.readings.iter().map(ReadingDocument::from).collect(),
        }
    }
}

impl Summary {
    /// Of `series`; `None` of one without samples.
    fn of(series: &Series) -> Option<Self> {
        let samples = &series.samples;
        samples.median().is_finite().then(|| Self {
            what: series.what.clone(),
            unit: series.unit.to_owned(),
            count: samples.count(),
            min: rounded(samples.min()),
            median: rounded(samples.median()),
            p90: rounded(samples.p90()),
            p99: rounded(samples.p99()),
            interval: Interval::of(Statistic::Median, samples).map(rounded_bounds),
        })
    }
}

impl From<&Reading> for ReadingDocument {
    fn from(reading: &Reading) -> Self {
        let key = reading.key();
        let sides: Vec<Summary> = reading.sides().into_iter().filter_map(Summary::of).collect();
        let judgement = reading.judgement().filter(|judgement| judgement.value.is_finite());
        let not_run = match (reading, &judgement) {
            (Reading::NotRun { why, .. }, _) => Some(why.clone()),
            (_, None) => Some("nothing was measured".to_owned()),
            (_, Some(_)) => None,
        };
        let finite = |interval: &Interval| interval.low.is_finite() && interval.high.is_finite();
        Self {
            key: key.to_owned(),
            compares: compares(key, &sides),
            value: judgement.map(|judgement| rounded(judgement.value)),
            interval: judgement
                .and_then(|judgement| judgement.interval)
                .filter(finite)
                .map(rounded_bounds),
            value_of_min: reading.value_of_min().filter(|value| value.is_finite()).map(rounded),
            by: match reading {
                Reading::Compared { by, .. } => Some(by.name().to_owned()),
                _ => None,
            },
            difference: judgement.and_then(|judgement| judgement.difference),
            noisy: judgement.is_some_and(|judgement| judgement.noisy),
            target: reading.target(),
            held: judgement.and_then(|judgement| judgement.held),
            sides,
            not_run,
        }
    }
}

/// What `key` compares: as the table of keys has it, else the names of both sides.
fn compares(key: &str, sides: &[Summary]) -> String {
    Key::find(key).map_or_else(
        || {
            sides
                .iter()
                .map(|side| side.what.as_str())
                .collect::<Vec<_>>()
                .join(" / ")
        },
        |key| key.compares.to_owned(),
    )
}

/// `value` with six digits that count: more of them are noise, and what is written is read again as the same number.
fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

fn rounded_bounds(interval: Interval) -> Interval {
    Interval {
        low: rounded(interval.low),
        high: rounded(interval.high),
    }
}
