//! Contenders take turns: whatever the machine does meanwhile, it does to all of them.

use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use crate::contender::Contender;
use crate::samples::Samples;
use crate::series::Series;

/// How often everybody has a turn, and what lies between two turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounds {
    counted: usize,
    warm_up: usize,
    settle: Duration,
}

impl Rounds {
    /// `counted` rounds that count, after 2 that fill caches and do not; nothing between turns.
    pub fn new(counted: usize) -> Self {
        Self {
            counted,
            warm_up: 2,
            settle: Duration::ZERO,
        }
    }

    /// With `rounds` before those that count.
    #[must_use]
    pub fn warm_up(self, rounds: usize) -> Self {
        Self {
            warm_up: rounds,
            ..self
        }
    }

    /// With a pause of `settle` after each turn, in which the machine clears up after whoever had it.
    #[must_use]
    pub fn settle(self, settle: Duration) -> Self {
        Self { settle, ..self }
    }

    /// Who has a turn in `round`, in order, of so many contenders: each round somebody else begins, and every other time
    /// round it goes backwards, so that nobody always comes first or always after the same one.
    pub fn order(round: usize, contenders: usize) -> impl Iterator<Item = usize> {
        let backwards = contenders > 0 && (round / contenders) % 2 == 1;
        (0..contenders).map(move |turn| match backwards {
            false => (round + turn) % contenders,
            true => (round + contenders - turn) % contenders,
        })
    }

    /// Lets all of `contenders` have their turns, and gives their times, in the same order.
    ///
    /// # Errors
    /// The first that one of them has, with its name.
    pub fn run(&self, mut contenders: Vec<Contender<'_>>) -> anyhow::Result<Vec<Series>> {
        let mut samples = vec![Samples::default(); contenders.len()];
        for round in 0..self.warm_up + self.counted {
            for index in Self::order(round, contenders.len()) {
                let (Some(contender), Some(samples)) = (contenders.get_mut(index), samples.get_mut(index)) else {
                    continue;
                };
                let took = (contender.run)().with_context(|| contender.name.clone())?;
                if round >= self.warm_up {
                    samples.push(took);
                }
                if !self.settle.is_zero() {
                    thread::sleep(self.settle);
                }
            }
        }
        let named = contenders.iter().zip(&samples);
        Ok(named
            .map(|(contender, samples)| Series::of(&contender.name, samples))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn nobody_always_comes_first_or_after_the_same_one() {
        let orders: Vec<Vec<usize>> = (0..6).map(|round| Rounds::order(round, 3).collect()).collect();
        assert_eq!(orders[..3], [vec![0, 1, 2], vec![1, 2, 0], vec![2, 0, 1]]);
        assert_eq!(orders[3..], [vec![0, 2, 1], vec![1, 0, 2], vec![2, 1, 0]]);
        assert_eq!(Rounds::order(5, 0).count(), 0);
    }

    #[test]
    fn rounds_before_those_that_count_are_run_and_not_counted() {
        let turns = RefCell::new(String::new());
        let contender = |name: &'static str, took| {
            let turns = &turns;
            Contender::new(name, move || {
                turns.borrow_mut().push_str(name);
                Ok(Duration::from_micros(took))
            })
        };
        let series = Rounds::new(3)
            .warm_up(1)
            .run(vec![contender("a", 1), contender("b", 2)])
            .unwrap();
        assert_eq!(turns.into_inner(), "abbaabba");
        assert_eq!(series[0], Series::of("a", &[1.0; 3].into_iter().collect()));
        assert_eq!(series[1].samples.count(), 3);
    }

    #[test]
    fn whoever_fails_is_named() {
        let fails = Contender::new("the second", || anyhow::bail!("no more"));
        let error = Rounds::new(1)
            .run(vec![Contender::new("a", || Ok(Duration::ZERO)), fails])
            .unwrap_err();
        assert_eq!(format!("{error:#}"), "the second: no more");
    }
}
