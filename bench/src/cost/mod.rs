//! The cost model: the terms that a command's time and a worker's memory are made of, each measured by itself, and their sum
//! held against the whole.

mod field;
mod memory;

use std::time::Duration;

use hostler_measure::{Contender, Part, Reading, Rounds, Samples, Series};

use self::field::Field;
use crate::effort::Effort;
use crate::surroundings::Surroundings;

/// How long the machine gets to clear up after each turn.
const SETTLE: Duration = Duration::from_millis(4);

const NO_PROCESS: &str = "a process that does nothing (/bin/true)";
const WORKER: &str = "a worker, started and behind its locks";
const CODE: &str = "code from the cache";
const NOTHING_ANY: &str = "nothing, in any ready worker";
const NOTHING_WARM: &str = "nothing, in a worker that was ready for it";
const NOTHING_HERE: &str = "nothing, in process";
const ENABLE_HERE: &str = "enable, in process";
const ENABLE_WARM: &str = "enable, in a worker that was ready for it";
const ENABLE_ANY: &str = "enable, in any ready worker";
const ENABLE_COLD: &str = "enable, in a worker started for it";

/// Measures all of it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let field = Field::new(around)?;
    let contenders = vec![
        Contender::new(NO_PROCESS, || field.no_process()),
        Contender::new(WORKER, || field.worker()),
        Contender::new(CODE, || field.code_from_cache()),
        Contender::new(NOTHING_ANY, || field.nothing_any()),
        Contender::new(NOTHING_WARM, || field.nothing_warm()),
        Contender::new(NOTHING_HERE, || field.nothing_here()),
        Contender::new(ENABLE_HERE, || field.enable_here()),
        Contender::new(ENABLE_WARM, || field.enable_warm()),
        Contender::new(ENABLE_ANY, || field.enable_any()),
        Contender::new(ENABLE_COLD, || field.enable_cold()),
    ];
    let mut series = Rounds::new(effort.share(2)).settle(SETTLE).run(contenders)?;
    let sum = |what: &str, plus: &[&str], minus: &[&str]| sum(&series, what, plus, minus);
    let whole = |what: &str| sum(what, &[what], &[]);
    let getting_ready = sum("getting ready: code, folders, memory", &[NOTHING_ANY], &[NOTHING_WARM]);
    let work = sum("the work and its file calls", &[ENABLE_HERE], &[NOTHING_HERE]);
    let warm = [NOTHING_WARM, ENABLE_HERE];
    let any = [NOTHING_ANY, ENABLE_HERE];
    let cold = [WORKER, CODE, NOTHING_ANY, ENABLE_HERE];
    let mut readings: Vec<Reading> = [
        ("cost.sum_vs_whole", "word, work, outcome", &warm[..], ENABLE_WARM),
        (
            "cost.any_sum_vs_whole",
            "the same, and getting ready",
            &any[..],
            ENABLE_ANY,
        ),
        (
            "cost.cold_sum_vs_whole",
            "the same, and a worker and code one after the other",
            &cold[..],
            ENABLE_COLD,
        ),
    ]
    .into_iter()
    .map(|(key, what, terms, of)| Reading::compared(key, sum(what, terms, &[NOTHING_HERE]), whole(of)))
    .collect();
    series.extend([getting_ready, work]);
    let (memory, reading) = memory::measure(around)?;
    series.extend(memory);
    readings.push(reading);
    Ok(Part {
        name: "cost",
        title: "What a command's time and a worker's memory are made of",
        about: "Each term by itself, and their sum against the whole. `nothing` is a component that ends at once: what it takes \
                is hostler's and the runtime's. The work of enable is what enable takes in process more than nothing does \
                there, so that its worker has no part in it. A cold start does some of its terms at one time, so that its \
                sum is more than the whole."
            .to_owned(),
        repeat: "cargo xtask bench --part cost".to_owned(),
        series,
        readings,
    })
}

/// The sum, round by round, of the series `plus` without those `minus`.
fn sum(series: &[Series], what: &str, plus: &[&str], minus: &[&str]) -> Series {
    let find = |name: &str| {
        series
            .iter()
            .find(|series| series.what == name)
            .map(|series| series.samples.values())
    };
    let rounds = plus
        .iter()
        .chain(minus)
        .filter_map(|name| Some(find(name)?.len()))
        .min()
        .unwrap_or(0);
    let of = |names: &[&str], round: usize| -> f64 {
        let values = names.iter().filter_map(|name| find(name)?.get(round).copied());
        values.sum()
    };
    let samples: Samples = (0..rounds).map(|round| of(plus, round) - of(minus, round)).collect();
    Series::of(what, &samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_added_round_by_round() {
        let series = |what: &str, values: &[f64]| Series::of(what, &values.iter().copied().collect());
        let all = [
            series("a", &[1.0, 2.0]),
            series("b", &[10.0, 20.0]),
            series("c", &[0.5]),
        ];
        assert_eq!(sum(&all, "it", &["a", "b"], &[]).samples.values(), [11.0, 22.0]);
        assert_eq!(sum(&all, "it", &["b"], &["a"]).samples.values(), [9.0, 18.0]);
        assert_eq!(sum(&all, "it", &["a"], &["c"]).samples.values(), [0.5]);
        assert_eq!(sum(&all, "it", &[], &[]).samples.values(), [0.0; 0]);
    }
}
