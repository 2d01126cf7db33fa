//! Between which bounds a figure lies, as far as its samples tell.
//!
//! By drawing again (the bootstrap): as many samples as there are, drawn from those that there are, give the figure that
//! another such run might have given; of 999 of these, all but one in a hundred lie in the interval. Samples are drawn in
//! blocks of rounds that follow each other, since a machine that is busy is so for some rounds, and for both sides of a ratio
//! from the same rounds, since it was busy for both.
//!
//! It tells what lies in the noise of this run. What differs between two runs, such as where a program came to lie in memory,
//! no run alone can tell.

use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::samples::{Samples, Statistic};

/// How often is drawn.
const DRAWS: usize = 999;

/// Of that many draws, one lies outside, on either side half of it.
const OUTSIDE: usize = 100;

/// From so many samples on is drawn. Of fewer the largest and the smallest are the bounds: seven all lie on one side of the
/// true median more than once in a hundred times.
const ENOUGH: usize = 8;

/// An interval that reaches further than this share of the figure, to either side, is noisy: such a figure is a guess.
pub const NOISY: f64 = 0.25;

/// Two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Interval {
    /// Of a statistic of `samples`; `None` of fewer than two.
    pub fn of(statistic: Statistic, samples: &Samples) -> Option<Self> {
        Self::of_each(&[samples.values()], |figures| figures[0], &[statistic])
    }

    /// Of the ratio of a statistic of two sides; `None` where one of them has fewer than two samples.
    pub fn of_ratio(statistic: Statistic, ours: &Samples, other: &Samples) -> Option<Self> {
        let sides = [ours.values(), other.values()];
        Self::of_each(&sides, |figures| figures[0] / figures[1], &[statistic; 2])
    }

    /// Of the ratio of two statistics of the same samples; `None` of fewer than two.
    pub fn of_shape(above: Statistic, below: Statistic, samples: &Samples) -> Option<Self> {
        let sides = [samples.values(), samples.values()];
        Self::of_each(&sides, |figures| figures[0] / figures[1], &[above, below])
    }

    fn of_each(sides: &[&[f64]], figure: impl Fn(&[f64]) -> f64, statistics: &[Statistic]) -> Option<Self> {
        let fewest = sides.iter().map(|side| side.len()).min()?;
        if fewest < 2 {
            return None;
        }
        if fewest < ENOUGH {
            return Some(Self::of_few(sides));
        }
        let mut chance = Chance::new(fewest as u64);
        let mut drawn = vec![Vec::new(); sides.len()];
        let mut figures: Vec<f64> = (0..DRAWS)
            .map(|_| {
                draw(&mut chance, sides, &mut drawn);
                let each: Vec<f64> = drawn
                    .iter_mut()
                    .zip(statistics)
                    .map(|(drawn, one)| one.of(drawn))
                    .collect();
                figure(&each)
            })
            .collect();
        figures.sort_by(f64::total_cmp);
        let outside = DRAWS / OUTSIDE / 2;
        Some(Self {
            low: *figures.get(outside)?,
            high: *figures.get(DRAWS - 1 - outside)?,
        })
    }

    /// The furthest that any two samples lie apart.
    fn of_few(sides: &[&[f64]]) -> Self {
        let bounds = |side: &[f64]| {
            let low = side.iter().copied().fold(f64::INFINITY, f64::min);
            (low, side.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        };
        let (low, high) = bounds(sides[0]);
        match sides.get(1).map(|side| bounds(side)) {
            Some((least, most)) => Self {
                low: low / most,
                high: high / least,
            },
            None => Self { low, high },
        }
    }

    /// Whether `figure` lies in it.
    pub fn contains(&self, figure: f64) -> bool {
        (self.low..=self.high).contains(&figure)
    }

    /// Whether it reaches further from `figure` than [`NOISY`].
    pub fn is_noisy(&self, figure: f64) -> bool {
        self.low < figure * (1.0 - NOISY) || self.high > figure * (1.0 + NOISY)
    }

    /// The same in another unit.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            high: self.high * factor,
        }
    }

    /// What `self / other` may be, where the two know nothing of each other.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        Self {
            low: self.low / other.high,
            high: self.high / other.low,
        }
    }
}

/// Draws as many samples of each of `sides` as it has, in blocks: where sides are of the same length, of the same rounds.
fn draw(chance: &mut Chance, sides: &[&[f64]], drawn: &mut [Vec<f64>]) {
    let length = sides[0].len();
    let paired = sides.iter().all(|side| side.len() == length);
    let mut starts: Vec<usize> = Vec::new();
    for (index, (side, drawn)) in sides.iter().zip(drawn).enumerate() {
        let count = side.len();
        // The cube root: long enough for what lasts some rounds, and short enough for many blocks.
        let block = ((count as f64).cbrt() as usize).max(1);
        if index == 0 || !paired {
            starts = (0..count.div_ceil(block)).map(|_| chance.below(count)).collect();
        }
        drawn.clear();
        // Past the end it goes on at the beginning, so that no round is drawn less often.
        let rounds = starts.iter().flat_map(|start| *start..*start + block);
        drawn.extend(rounds.map(|round| side[round % count]).take(count));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Chance, Interval};
    use crate::samples::{Samples, Statistic};

    /// Times as machines give them: a smallest one, and above it now and then much more.
    fn times(chance: &mut Chance, count: usize, factor: f64) -> Samples {
        let one = |chance: &mut Chance| {
            let slow = if chance.below(20) == 0 {
                400.0 * chance.share()
            } else {
                0.0
            };
            (100.0 + 30.0 * chance.share() + slow) * factor
        };
        (0..count).map(|_| one(chance)).collect()
    }

    fn ratio_of(seed: u64, count: usize, factor: f64) -> Interval {
        let mut chance = Chance::new(seed);
        let (ours, other) = (times(&mut chance, count, factor), times(&mut chance, count, 1.0));
        Interval::of_ratio(Statistic::Median, &ours, &other).unwrap()
    }

    #[test]
    fn two_that_are_the_same_are_told_apart_no_more_often_than_the_interval_says() {
        // One in a hundred of intervals misses by its making; of those drawn in blocks somewhat more.
        let told = (0..200).filter(|seed| !ratio_of(*seed, 60, 1.0).contains(1.0)).count();
        assert!(told <= 6, "{told} of 200 pairs of the same thing were told apart");
    }

    #[test]
    fn what_is_slower_by_three_tenths_is_seen() {
        for seed in 0..30 {
            for count in [20, 60, 200] {
                let interval = ratio_of(seed, count, 1.3);
                assert!(interval.low > 1.0, "seed {seed}, {count} samples: {interval:?}");
                let other_way = ratio_of(seed, count, 1.0 / 1.3);
                assert!(other_way.high < 1.0, "seed {seed}, {count} samples: {other_way:?}");
            }
        }
    }

    #[test]
    fn what_both_sides_suffered_from_is_not_counted() {
        // The machine was three times as slow for a sixth of the rounds, for both sides.
        let mut chance = Chance::new(1);
        let busy = |samples: Samples| -> Samples {
            let rounds = samples.values().iter().enumerate();
            rounds
                .map(|(round, time)| if round < 10 { time * 3.0 } else { *time })
                .collect()
        };
        let (ours, other) = (busy(times(&mut chance, 60, 1.0)), busy(times(&mut chance, 60, 1.0)));
        let interval = Interval::of_ratio(Statistic::Median, &ours, &other).unwrap();
        assert!(interval.contains(1.0) && !interval.is_noisy(1.0), "{interval:?}");
    }

    #[test]
    fn of_few_samples_the_bounds_are_what_was_seen() {
        let samples = |values: &[f64]| values.iter().copied().collect::<Samples>();
        let one = samples(&[1.0]);
        assert_eq!(Interval::of(Statistic::Median, &one), None);
        assert_eq!(Interval::of_ratio(Statistic::Median, &one, &samples(&[1.0, 2.0])), None);
        let few = Interval::of_ratio(Statistic::Median, &samples(&[2.0, 4.0, 3.0]), &samples(&[1.0, 2.0]));
        assert_eq!(few, Some(Interval { low: 1.0, high: 4.0 }));
        let shape = Interval::of_shape(Statistic::P99, Statistic::Median, &samples(&[2.0, 4.0]));
        assert_eq!(shape, Some(Interval { low: 0.5, high: 2.0 }));
    }

    #[test]
    fn an_interval_that_reaches_far_is_noisy() {
        let interval = Interval { low: 0.8, high: 1.2 };
        assert!(!interval.is_noisy(1.0) && interval.is_noisy(0.9) && interval.is_noisy(1.1));
        assert_eq!(
            interval.over(Interval { low: 2.0, high: 4.0 }),
            Interval { low: 0.2, high: 0.6 }
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_holds_the_figure_that_it_is_of(values in prop::collection::vec(1.0..1e6f64, 2..80)) {
            let samples: Samples = values.into_iter().collect();
            let interval = Interval::of(Statistic::Median, &samples).unwrap();
            prop_assert!(interval.contains(samples.median()), "{interval:?}");
            // The same samples are as long as each other, in each round.
            let ratio = Interval::of_ratio(Statistic::Median, &samples, &samples).unwrap();
            prop_assert!(ratio.contains(1.0), "{ratio:?}");
        }
    }
}
