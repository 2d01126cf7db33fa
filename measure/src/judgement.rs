//! What can be told from a figure and its interval.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::target::Target;

/// Whether a target is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// The figure is on the right side of it.
    Yes,
    /// The figure is on the wrong side of it.
    No,
    /// The noise reaches to both sides.
    CannotBeTold,
}

impl Held {
    /// In a table.
    pub fn words(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "NO",
            Self::CannotBeTold => "cannot be told",
        }
    }
}

/// Whether two sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// The first is less than the second.
    Less,
    /// The first is more than the second.
    More,
    /// 1 lies in the interval of their ratio, or there is none.
    CannotBeTold,
}

impl Difference {
    /// By the interval of a ratio.
    pub fn of(interval: Option<Interval>) -> Self {
        match interval {
            Some(interval) if interval.high < 1.0 => Self::Less,
            Some(interval) if interval.low > 1.0 => Self::More,
            _ => Self::CannotBeTold,
        }
    }

    /// In a table.
    pub fn words(self) -> &'static str {
        match self {
            Self::Less => "less",
            Self::More => "more",
            Self::CannotBeTold => "no difference that can be told",
        }
    }
}

/// All that is said of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// The figure: a ratio of two sides, or a figure of its own.
    pub value: f64,
    /// Between which bounds it lies; `None` where it was measured once.
    pub interval: Option<Interval>,
    /// Whether the two sides differ; `None` of a figure of its own.
    pub difference: Option<Difference>,
    /// Whether the interval reaches so far that the figure is a guess.
    pub noisy: bool,
    /// Whether the target is held; `None` where there is none.
    pub held: Option<Held>,
}

impl Judgement {
    /// Of a ratio of two sides.
    pub fn of_ratio(value: f64, interval: Option<Interval>, target: Option<Target>) -> Self {
        Self {
            difference: Some(Difference::of(interval)),
            ..Self::of_figure(value, interval, target)
        }
    }

    /// Of a figure of its own.
    pub fn of_figure(value: f64, interval: Option<Interval>, target: Option<Target>) -> Self {
        Self {
            value,
            interval,
            difference: None,
            noisy: interval.is_some_and(|interval| interval.is_noisy(value)),
            held: target.map(|target| target.held(value, interval)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_differ_where_one_is_outside_of_the_interval() {
        let of = |low, high| Difference::of(Some(Interval { low, high }));
        assert_eq!(of(0.8, 0.99), Difference::Less);
        assert_eq!(of(1.01, 1.2), Difference::More);
        assert_eq!(of(0.99, 1.01), Difference::CannotBeTold);
        assert_eq!(Difference::of(None), Difference::CannotBeTold);
    }
}
