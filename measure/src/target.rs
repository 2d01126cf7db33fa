//! What a figure should be: `targets.json` beside this crate's sources, under the keys of the readings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::judgement::Held;

/// On which side of its target a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// It should be at most the target.
    #[serde(rename = "<=")]
    AtMost,
    /// It should be at least the target.
    #[serde(rename = ">=")]
    AtLeast,
}

/// The most, or the least, that a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// On which side of it the figure should be.
    pub op: Op,
    /// The bound, in the unit of the key: a plain ratio where the key has none.
    pub value: f64,
}

static TARGETS: LazyLock<BTreeMap<String, Target>> = LazyLock::new(|| {
    // A test of this crate reads it as well, and fails where this gives nothing.
    serde_json::from_str(include_str!("../targets.json")).unwrap_or_default()
});

/// All targets, by their keys.
pub fn targets() -> &'static BTreeMap<String, Target> {
    &TARGETS
}

impl Target {
    /// Whether `figure` alone is on the right side.
    pub fn is_met(&self, figure: f64) -> bool {
        match self.op {
            Op::AtMost => figure <= self.value,
            Op::AtLeast => figure >= self.value,
        }
    }

    /// Whether it is held: by the figure, unless that is noisy and its interval lies on both sides.
    pub fn held(&self, figure: f64, interval: Option<Interval>) -> Held {
        let on_both_sides = |interval: &Interval| self.is_met(interval.low) != self.is_met(interval.high);
        match interval {
            Some(interval) if interval.is_noisy(figure) && on_both_sides(&interval) => Held::CannotBeTold,
            _ if self.is_met(figure) => Held::Yes,
            _ => Held::No,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.op {
            Op::AtMost => '≤',
            Op::AtLeast => '≥',
        };
        write!(f, "{sign} {}", self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_held_against_its_target() {
        let at_most = |value| Target { op: Op::AtMost, value };
        let at_least = |value| Target { op: Op::AtLeast, value };
        let interval = |low, high| Some(Interval { low, high });
        for (target, figure, interval, held) in [
            (at_most(1.5), 1.5, None, Held::Yes),
            (at_most(1.5), 1.51, None, Held::No),
            (at_least(1.6), 1.7, None, Held::Yes),
            (at_least(1.6), 1.5, interval(1.4, 1.55), Held::No),
            // Not noisy: the figure decides.
            (at_most(1.5), 1.45, interval(1.4, 1.55), Held::Yes),
            (at_most(1.5), 1.45, interval(1.0, 1.55), Held::CannotBeTold),
            (at_most(1.5), 1.45, interval(1.4, 2.5), Held::CannotBeTold),
            // Noisy, and all of it on one side.
            (at_most(1.5), 0.5, interval(0.2, 1.4), Held::Yes),
            (at_least(1.6), 1.0, interval(0.2, 1.5), Held::No),
        ] {
            assert_eq!(target.held(figure, interval), held, "{figure} {interval:?} of {target}");
        }
    }
}
