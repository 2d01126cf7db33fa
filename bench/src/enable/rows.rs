//! Commands right after each other, by the same: what caches are worth that nobody has filled with other things since.
//!
//! A turn of `enable` alone comes after other programs and a pause, as a command on a machine comes that does other things. Between
//! the two lies what a cold start of everything costs, for native programs as for components.

use std::time::Duration;

use hostler_measure::{Contender, Reading, Rounds, Series, Statistic};

use super::{Field, SETTLE, Who};
use crate::effort::Effort;

/// Commands of a row that are not counted.
const BEFORE: u32 = 5;

/// Commands of a row that are.
const COUNTED: u32 = 20;

const IN_ROWS: [Who; 5] = [Who::InProcess, Who::Blocking, Who::Bare, Who::Native, Who::Function];

/// Measures rows in turns: what was found, and all series.
pub(super) fn measure(field: &Field<'_>, effort: &Effort) -> anyhow::Result<(Vec<Reading>, Vec<Series>)> {
    let contenders = IN_ROWS.map(|who| Contender::new(format!("{}, in a row", who.name()), move || row(field, who)));
    let series = Rounds::new(effort.share(4)).settle(SETTLE).run(contenders.into())?;
    let mut readings = Vec::new();
    if let [in_process, blocking, bare, native, function] = &series[..] {
        let compared =
            |by, key, ours: &Series, other: &Series| Reading::compared_by(by, key, ours.clone(), other.clone());
        readings.extend([
            compared(
                Statistic::Median,
                "enable.inprocess_row_vs_native_row",
                in_process,
                native,
            ),
            compared(
                Statistic::Median,
                "enable.inprocess_blocking_row_vs_native_row",
                blocking,
                native,
            ),
            compared(
                Statistic::Median,
                "enable.inprocess_blocking_row_vs_wasmtime_alone_row",
                blocking,
                bare,
            ),
            compared(
                Statistic::Median,
                "enable.wasmtime_alone_row_vs_native_row",
                bare,
                native,
            ),
            compared(
                Statistic::Min,
                "enable.inprocess_row_vs_function_row",
                blocking,
                function,
            ),
        ]);
    }
    Ok((readings, series))
}

/// The mean time of a command in a row.
fn row(field: &Field<'_>, who: Who) -> anyhow::Result<Duration> {
    for _ in 0..BEFORE {
        field.enable(who)?;
    }
    let mut sum = Duration::ZERO;
    for _ in 0..COUNTED {
        sum += field.enable(who)?;
    }
    Ok(sum / COUNTED)
}
