//! Repeated measurements of one thing.

use std::time::Duration;

/// Measurements in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples(Vec<f64>);

/// One figure out of many samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// The smallest: what repeats best from run to run.
    Min,
    /// The middle one.
    Median,
    /// What one in ten is above.
    P90,
    /// What one in a hundred is above; of fewer than a hundred, the largest.
    P99,
}

impl Statistic {
    /// Its name in tables and documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Median => "median",
            Self::P90 => "p90",
            Self::P99 => "p99",
        }
    }

    fn thousandths(self) -> usize {
        match self {
            Self::Min => 0,
            Self::Median => 500,
            Self::P90 => 900,
            Self::P99 => 990,
        }
    }

    /// The statistic of `values`, which are put in another order; not a number if there are none.
    pub(crate) fn of(self, values: &mut [f64]) -> f64 {
        let index = (values.len() * self.thousandths() / 1000).min(values.len().saturating_sub(1));
        if values.is_empty() {
            return f64::NAN;
        }
        *values.select_nth_unstable_by(index, f64::total_cmp).1
    }
}

impl Samples {
    /// Adds a time, in microseconds.
    pub fn push(&mut self, time: Duration) {
        self.push_value(time.as_secs_f64() * 1e6);
    }

    /// Adds a value in whatever unit these samples have.
    pub fn push_value(&mut self, value: f64) {
        self.0.push(value);
    }

    /// All of them, in the order in which they were made.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One figure out of them; not a number if there are none.
    pub fn statistic(&self, statistic: Statistic) -> f64 {
        statistic.of(&mut self.0.clone())
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.statistic(Statistic::Median)
    }

    /// The smallest.
    pub fn min(&self) -> f64 {
        self.statistic(Statistic::Min)
    }

    /// What one in ten is above.
    pub fn p90(&self) -> f64 {
        self.statistic(Statistic::P90)
    }

    /// What one in a hundred is above; of fewer than a hundred, the largest.
    pub fn p99(&self) -> f64 {
        self.statistic(Statistic::P99)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Samples;

    #[test]
    fn quantiles_are_of_the_sorted_measurements() {
        let mut samples = Samples::default();
        assert!(samples.median().is_nan());
        for number in (1..=200).rev() {
            samples.push(Duration::from_micros(number));
        }
        let found = [samples.min(), samples.median(), samples.p90(), samples.p99()].map(f64::round);
        assert_eq!(found, [1.0, 101.0, 181.0, 199.0]);
        assert_eq!((samples.count(), samples.values()[0].round()), (200, 200.0));
    }

    #[test]
    fn of_few_the_largest_is_above_all() {
        let samples: Samples = [3.0, 1.0, 2.0].into_iter().collect();
        assert_eq!((samples.min(), samples.median(), samples.p99()), (1.0, 2.0, 3.0));
    }
}
