//! What was found for a key: two sides, their ratio, and whether that is within the target.

use serde_json::{Value, json};

use crate::samples::Samples;

/// Something that is measured, and the most that it should be.
#[derive(Debug)]
pub(crate) struct Key {
    /// The stable name.
    pub(crate) name: &'static str,
    /// The target; `None` where there is none and the figure is only of interest.
    pub(crate) at_most: Option<f64>,
}

/// Every key, in the order of the table.
pub(crate) const KEYS: [Key; 12] = [
    key("enable.worker_warm_vs_native_spawn", Some(0.50)),
    key("enable.worker_cold_vs_native_spawn", Some(4.0)),
    key("enable.worker_warm_vs_python", Some(0.03)),
    key("enable.inprocess_vs_native_spawn", Some(0.18)),
    key("enable.execute_vs_native_spawn", None),
    key("files.write_vs_native", Some(1.9)),
    key("files.read_vs_native", Some(1.5)),
    key("files.create_vs_native", Some(1.7)),
    key("files.quota_cost", Some(1.10)),
    key("memory.supervisor_growth", Some(1.05)),
    key("stop.overshoot_ms_p99", Some(5.0)),
    key("stop.overshoot_ms_p50", None),
];

const fn key(name: &'static str, at_most: Option<f64>) -> Key {
    Key { name, at_most }
}

/// One side of a comparison.
#[derive(Debug, Clone)]
pub(crate) struct Side {
    /// What was measured.
    pub(crate) what: String,
    /// The unit of the three figures.
    pub(crate) unit: &'static str,
    /// The middle one.
    pub(crate) median: f64,
    /// The smallest.
    pub(crate) min: f64,
    /// What one in a hundred is above.
    pub(crate) p99: f64,
    /// Of how many.
    pub(crate) count: usize,
}

impl Side {
    /// Of measured times.
    pub(crate) fn of(what: &str, samples: &Samples) -> Self {
        Self {
            what: what.to_owned(),
            unit: "us",
            median: samples.median(),
            min: samples.min(),
            p99: samples.p99(),
            count: samples.count(),
        }
    }

    /// Of one figure.
    pub(crate) fn single(what: &str, unit: &'static str, figure: f64) -> Self {
        Self {
            what: what.to_owned(),
            unit,
            median: figure,
            min: figure,
            p99: figure,
            count: 1,
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "what": self.what, "unit": self.unit, "count": self.count,
            "median": self.median, "min": self.min, "p99": self.p99,
        })
    }
}

/// What came of a key.
#[derive(Debug)]
pub(crate) enum Reading {
    /// Two sides, compared by their medians.
    Compared {
        /// The key's name.
        key: &'static str,
        /// hostler.
        ours: Side,
        /// What it is compared with.
        other: Side,
    },
    /// A figure that is held against its target as it is.
    Figure {
        /// The key's name.
        key: &'static str,
        /// All of what was measured.
        ours: Side,
        /// The figure.
        value: f64,
    },
    /// Nothing was measured.
    NotRun {
        /// The key's name.
        key: &'static str,
        /// Why not.
        why: String,
    },
}

impl Reading {
    /// The key's name.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Compared { key, .. } | Self::Figure { key, .. } | Self::NotRun { key, .. } => key,
        }
    }

    /// What is held against the target.
    pub(crate) fn value(&self) -> Option<f64> {
        match self {
            Self::Compared { ours, other, .. } => Some(ours.median / other.median),
            Self::Figure { value, .. } => Some(*value),
            Self::NotRun { .. } => None,
        }
    }

    /// The ratio of the smallest times, which repeats better.
    pub(crate) fn value_of_min(&self) -> Option<f64> {
        match self {
            Self::Compared { ours, other, .. } => Some(ours.min / other.min),
            Self::Figure { .. } | Self::NotRun { .. } => None,
        }
    }

    /// Both sides, as far as there are any.
    pub(crate) fn sides(&self) -> Vec<&Side> {
        match self {
            Self::Compared { ours, other, .. } => vec![ours, other],
            Self::Figure { ours, .. } => vec![ours],
            Self::NotRun { .. } => vec![],
        }
    }

    /// The most that the figure should be.
    pub(crate) fn target(&self) -> Option<f64> {
        KEYS.iter().find(|key| key.name == self.key())?.at_most
    }

    /// Whether the figure is within the target; `None` where one of them is missing.
    pub(crate) fn is_held(&self) -> Option<bool> {
        Some(self.value()? <= self.target()?)
    }

    /// As an object.
    pub(crate) fn to_json(&self) -> Value {
        let mut object = json!({
            "value": self.value(), "value_of_min": self.value_of_min(), "held": self.is_held(),
            "target": self.target().map(|value| json!({"op": "<=", "value": value})),
            "sides": self.sides().into_iter().map(Side::to_json).collect::<Vec<_>>(),
        });
        if let Self::NotRun { why, .. } = self {
            object["not_run"] = json!(why);
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use super::{Reading, Side};

    #[test]
    fn medians_are_held_against_the_target() {
        let compared = |ours, other| Reading::Compared {
            key: "files.read_vs_native",
            ours: Side::single("ours", "us", ours),
            other: Side::single("other", "us", other),
        };
        assert_eq!(compared(15.0, 10.0).is_held(), Some(true));
        assert_eq!(compared(15.1, 10.0).is_held(), Some(false));
        let figure = Reading::Figure {
            key: "stop.overshoot_ms_p50",
            ours: Side::single("ours", "ms", 1.0),
            value: 1.0,
        };
        assert_eq!((figure.value(), figure.is_held()), (Some(1.0), None));
    }
}
