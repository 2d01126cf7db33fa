//! An earlier document, and what changed since.
//!
//! What is compared is each figure of then with that of now. Ratios to something that was measured in the same run compare
//! well; plain times do as far as the machine did the same otherwise, and are marked as what they are.

use serde::{Deserialize, Serialize};

use crate::document::{Document, FORMAT, KIND};
use crate::interval::Interval;
use crate::target::Op;

/// A figure that has changed by less than this share is the same: two runs of the same program differ by as much, whatever
/// the interval of each says.
const SAME: f64 = 0.05;

/// Why a document cannot be compared with.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is something else.
    #[error("it is no result of a benchmark: {0}")]
    NotOurs(String),
    /// It was written by another hostler.
    #[error("it has form {found} of such documents, and this hostler reads form {FORMAT}")]
    OtherForm {
        /// The form that it says it has.
        found: u64,
    },
}

/// What became of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is better by more than noise.
    Better,
    /// It is worse by more than noise.
    Worse,
    /// It is the same, or the noise is larger than what changed.
    CannotBeTold,
}

impl Verdict {
    /// In a table.
    pub fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::CannotBeTold => "no difference that can be told",
        }
    }
}

/// A figure then and now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The key, or the part and the series.
    pub what: String,
    /// Its unit; empty of a key's figure.
    pub unit: String,
    /// What it was.
    pub old: f64,
    /// What it is.
    pub new: f64,
    /// New / old.
    pub ratio: f64,
    /// Between which bounds that lies; none where one of the two was measured once.
    pub interval: Option<Interval>,
    /// What became of it.
    pub verdict: Verdict,
}

/// All that can be said of two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changes {
    /// What is otherwise with the machine, so that little can be said.
    pub machine: Vec<String>,
    /// Keys of both runs.
    pub readings: Vec<Change>,
    /// Plain figures of both runs.
    pub series: Vec<Change>,
    /// What the earlier run has and this one has not.
    pub gone: Vec<String>,
}

impl Document {
    /// Reads a document that [`Document::to_json`] wrote.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn read(bytes: &[u8]) -> Result<Self, BaselineError> {
        let not_ours = |error: &dyn std::fmt::Display| BaselineError::NotOurs(error.to_string());
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| not_ours(&error))?;
        if value.get("kind").and_then(serde_json::Value::as_str) != Some(KIND) {
            return Err(not_ours(&format_args!("its `kind` is not `{KIND}`")));
        }
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(found) if found == u64::from(FORMAT) => {
                serde_json::from_value(value).map_err(|error| not_ours(&error))
            }
            Some(found) => Err(BaselineError::OtherForm { found }),
            None => Err(not_ours(&"it has no `format`")),
        }
    }

    /// What changed since `old`.
    pub fn changes_since(&self, old: &Self) -> Changes {
        let mut changes = Changes {
            machine: self.machine.differences(&old.machine),
            readings: vec![],
            series: vec![],
            gone: vec![],
        };
        for before in old.readings() {
            let Some(then) = before.value else { continue };
            let now = self.readings().into_iter().find(|reading| reading.key == before.key);
            let Some((now, figure)) = now.and_then(|now| Some((now, now.value?))) else {
                changes.gone.push(before.key.clone());
                continue;
            };
            let op = now.target.map_or(Op::AtMost, |target| target.op);
            let intervals = (before.interval, now.interval);
            changes
                .readings
                .push(change(&before.key, "", (then, figure), intervals, op));
        }
        for part in &old.parts {
            let now = self.parts.iter().find(|now| now.name == part.name);
            for before in &part.series {
                let same = |series: &&crate::Summary| series.what == before.what && series.unit == before.unit;
                let what = format!("{}: {}", part.name, before.what);
                match now.and_then(|now| now.series.iter().find(same)) {
                    Some(series) => {
                        let op = if before.unit.ends_with("/s") {
                            Op::AtLeast
                        } else {
                            Op::AtMost
                        };
                        let (figures, intervals) = ((before.median, series.median), (before.interval, series.interval));
                        changes.series.push(change(&what, &before.unit, figures, intervals, op));
                    }
                    None => changes.gone.push(what),
                }
            }
        }
        changes
    }
}

fn change(
    what: &str,
    unit: &str,
    (old, new): (f64, f64),
    intervals: (Option<Interval>, Option<Interval>),
    op: Op,
) -> Change {
    let ratio = new / old;
    let interval = match intervals {
        (Some(old), Some(new)) => Some(new.over(old)),
        _ => None,
    };
    let told = interval.is_some_and(|interval| !interval.contains(1.0)) && (ratio - 1.0).abs() > SAME;
    let verdict = match (told, (ratio < 1.0) == (op == Op::AtMost)) {
        (false, _) => Verdict::CannotBeTold,
        (true, true) => Verdict::Better,
        (true, false) => Verdict::Worse,
    };
    Change {
        what: what.to_owned(),
        unit: unit.to_owned(),
        old,
        new,
        ratio,
        interval,
        verdict,
    }
}
