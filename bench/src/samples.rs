//! Repeated measurements of one thing.

use std::time::Duration;

/// Measurements, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// Adds one.
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e6);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The middle one.
    pub(crate) fn median(&self) -> f64 {
        self.quantile(500)
    }

    /// The smallest: what repeats best from run to run.
    pub(crate) fn min(&self) -> f64 {
        self.quantile(0)
    }

    /// What one in a hundred is above; of fewer than a hundred, the largest.
    pub(crate) fn p99(&self) -> f64 {
        self.quantile(990)
    }

    fn quantile(&self, thousandths: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let index = (sorted.len() * thousandths / 1000).min(sorted.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or(f64::NAN)
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
        let rounded = [samples.min(), samples.median(), samples.p99()].map(f64::round);
        assert_eq!(rounded, [1.0, 101.0, 199.0]);
        assert_eq!(samples.count(), 200);
    }
}
