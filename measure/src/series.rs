//! One thing that was measured: its name, its unit, and its samples.

use crate::samples::Samples;

/// Times of one contender, or other measurements of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What was measured, in the words of the table.
    pub what: String,
    /// The unit of the samples: `us`, `ms`, `kB`, `/s` (so many a second), …
    pub unit: &'static str,
    /// The samples.
    pub samples: Samples,
}

impl Series {
    /// Of measured times, in microseconds.
    pub fn of(what: &str, samples: &Samples) -> Self {
        Self::in_unit(what, "us", samples)
    }

    /// Of values in `unit`.
    pub fn in_unit(what: &str, unit: &'static str, samples: &Samples) -> Self {
        Self {
            what: what.to_owned(),
            unit,
            samples: samples.clone(),
        }
    }

    /// Of one figure: nothing can be told of its noise.
    pub fn single(what: &str, unit: &'static str, figure: f64) -> Self {
        Self::in_unit(what, unit, &std::iter::once(figure).collect())
    }
}
