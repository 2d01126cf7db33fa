//! What was found for a key: two sides and their ratio, a figure of its own, or nothing and why.

use crate::interval::Interval;
use crate::judgement::Judgement;
use crate::samples::Statistic;
use crate::series::Series;
use crate::target::{Target, targets};

/// What came of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Two sides, and the ratio of the first to the second.
    Compared {
        /// The key's name.
        key: &'static str,
        /// hostler.
        ours: Series,
        /// What it is compared with.
        other: Series,
        /// By which figure of their samples.
        by: Statistic,
    },
    /// A figure that is held against its target as it is.
    Figure {
        /// The key's name.
        key: &'static str,
        /// All of what was measured.
        ours: Series,
        /// The figure.
        value: f64,
        /// Between which bounds it lies, where that can be told.
        interval: Option<Interval>,
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
    /// Two sides, by their medians.
    pub fn compared(key: &'static str, ours: Series, other: Series) -> Self {
        Self::compared_by(Statistic::Median, key, ours, other)
    }

    /// Two sides, by `by`.
    pub fn compared_by(by: Statistic, key: &'static str, ours: Series, other: Series) -> Self {
        Self::Compared { key, ours, other, by }
    }

    /// One statistic of `ours`, times `factor` (`1e-3` makes milliseconds of microseconds).
    pub fn statistic(key: &'static str, ours: Series, statistic: Statistic, factor: f64) -> Self {
        let value = ours.samples.statistic(statistic) * factor;
        let interval = Interval::of(statistic, &ours.samples).map(|interval| interval.times(factor));
        Self::Figure {
            key,
            ours,
            value,
            interval,
        }
    }

    /// The ratio of two statistics of `ours`: how far its samples spread.
    pub fn shape(key: &'static str, ours: Series, above: Statistic, below: Statistic) -> Self {
        let value = ours.samples.statistic(above) / ours.samples.statistic(below);
        let interval = Interval::of_shape(above, below, &ours.samples);
        Self::Figure {
            key,
            ours,
            value,
            interval,
        }
    }

    /// A figure that was computed from `ours` in another way, of whose noise nothing can be told.
    pub fn figure(key: &'static str, ours: Series, value: f64) -> Self {
        let interval = None;
        Self::Figure {
            key,
            ours,
            value,
            interval,
        }
    }

    /// Nothing, and why.
    pub fn not_run(key: &'static str, why: impl Into<String>) -> Self {
        Self::NotRun { key, why: why.into() }
    }

    /// The key's name.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Compared { key, .. } | Self::Figure { key, .. } | Self::NotRun { key, .. } => key,
        }
    }

    /// Both sides, as far as there are any.
    pub fn sides(&self) -> Vec<&Series> {
        match self {
            Self::Compared { ours, other, .. } => vec![ours, other],
            Self::Figure { ours, .. } => vec![ours],
            Self::NotRun { .. } => vec![],
        }
    }

    /// What is held against the target; `None` where nothing was measured.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Compared { ours, other, by, .. } => Some(ours.samples.statistic(*by) / other.samples.statistic(*by)),
            Self::Figure { value, .. } => Some(*value),
            Self::NotRun { .. } => None,
        }
    }

    /// The ratio of the smallest samples, which repeats better than that of medians.
    pub fn value_of_min(&self) -> Option<f64> {
        match self {
            Self::Compared { ours, other, .. } => Some(ours.samples.min() / other.samples.min()),
            Self::Figure { .. } | Self::NotRun { .. } => None,
        }
    }

    /// The most, or the least, that it should be.
    pub fn target(&self) -> Option<Target> {
        targets().get(self.key()).copied()
    }

    /// What can be told; `None` where nothing was measured. Draws samples, so ask once.
    pub fn judgement(&self) -> Option<Judgement> {
        let (value, target) = (self.value()?, self.target());
        Some(match self {
            Self::Compared { ours, other, by, .. } => {
                let interval = Interval::of_ratio(*by, &ours.samples, &other.samples);
                Judgement::of_ratio(value, interval, target)
            }
            Self::Figure { interval, .. } => Judgement::of_figure(value, *interval, target),
            Self::NotRun { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::{Difference, Held};
    use crate::samples::Samples;

    fn series(values: &[f64]) -> Series {
        Series::of("it", &values.iter().copied().collect::<Samples>())
    }

    #[test]
    fn medians_are_held_against_the_target() {
        let read = |ours| {
            let sides = [ours, 10.0].map(|figure| Series::single("it", "us", figure));
            let [ours, other] = sides;
            Reading::compared("files.read_vs_native", ours, other)
                .judgement()
                .unwrap()
        };
        assert_eq!(read(15.0).held, Some(Held::Yes));
        assert_eq!(read(15.1).held, Some(Held::No));
        assert_eq!((read(15.1).interval, read(15.1).noisy), (None, false));
    }

    #[test]
    fn the_smallest_are_compared_where_that_is_asked_for() {
        let (ours, other) = (series(&[4.0, 9.0, 9.0]), series(&[2.0, 3.0, 3.0]));
        let reading = Reading::compared_by(Statistic::Min, "enable.inprocess_vs_function", ours, other);
        assert_eq!((reading.value(), reading.value_of_min()), (Some(2.0), Some(2.0)));
        assert_eq!(reading.judgement().unwrap().difference, Some(Difference::More));
    }

    #[test]
    fn figures_of_their_own_have_no_second_side() {
        let late = Reading::statistic("stop.overshoot_ms_p99", series(&[1e3, 2e3]), Statistic::P99, 1e-3);
        let judgement = late.judgement().unwrap();
        assert_eq!((judgement.value, judgement.difference), (2.0, None));
        assert_eq!(judgement.interval, Some(Interval { low: 1.0, high: 2.0 }));
        let shape = Reading::shape(
            "enable.p99_vs_p50",
            series(&[1.0, 1.0, 3.0]),
            Statistic::P99,
            Statistic::Median,
        );
        assert_eq!(shape.value(), Some(3.0));
        let not_run = Reading::not_run("enable.p99_vs_p50", "no time");
        assert_eq!(
            (not_run.judgement(), not_run.value(), not_run.sides().len()),
            (None, None, 0)
        );
    }
}
