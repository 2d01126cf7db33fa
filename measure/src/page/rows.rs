//! What the page's tables show, as text.

use crate::amount::{amount, bounds, figure};
use crate::baseline::{Change, Changes, Verdict};
use crate::chart::{ChartError, Row, Tone, chart};
use crate::document::{PartDocument, ReadingDocument, Summary};
use crate::judgement::{Difference, Held};

/// Figures and targets.
pub(super) struct RatioView {
    pub(super) chart: String,
    pub(super) rows: Vec<ReadingRow>,
}

/// One figure.
pub(super) struct ReadingRow {
    pub(super) key: String,
    pub(super) compares: String,
    pub(super) sides: String,
    pub(super) value: String,
    pub(super) within: String,
    pub(super) of_min: String,
    pub(super) target: String,
    pub(super) held: String,
    /// The style of `held`.
    pub(super) class: &'static str,
    pub(super) notes: String,
}

impl ReadingRow {
    pub(super) fn of(reading: &ReadingDocument) -> Self {
        let number = |value: Option<f64>| value.map_or_else(String::new, figure);
        let mut notes = Vec::new();
        if reading.by.as_deref() == Some("min") {
            notes.push("by the smallest");
        }
        notes.extend(reading.difference.map(Difference::words));
        if reading.noisy {
            notes.push("noisy");
        }
        let not_run = reading.not_run.as_ref().map(|_| "not run");
        Self {
            key: reading.key.clone(),
            compares: reading.compares.clone(),
            sides: reading.sides.iter().map(side).collect::<Vec<_>>().join(" / "),
            value: number(reading.value),
            within: bounds(reading.interval),
            of_min: number(reading.value_of_min),
            target: reading.target.map_or_else(String::new, |target| target.to_string()),
            held: reading
                .held
                .map_or_else(|| not_run.unwrap_or("").to_owned(), |held| held.words().to_owned()),
            class: match reading.held {
                Some(Held::Yes) => "good",
                Some(Held::No) => "bad",
                Some(Held::CannotBeTold) => "unclear",
                None => "",
            },
            notes: notes.join("; "),
        }
    }
}

fn side(summary: &Summary) -> String {
    format!("{} ({})", summary.what, amount(summary.median, &summary.unit))
}

/// One part.
pub(super) struct PartView {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) repeat: String,
    /// One for each unit.
    pub(super) charts: Vec<String>,
    pub(super) series: Vec<SeriesRow>,
    pub(super) readings: Vec<ReadingRow>,
}

impl PartView {
    pub(super) fn of(part: &PartDocument) -> Result<Self, ChartError> {
        let mut units: Vec<&str> = Vec::new();
        for series in &part.series {
            if !units.contains(&series.unit.as_str()) {
                units.push(&series.unit);
            }
        }
        let charts: Result<Vec<String>, _> = units.into_iter().map(|unit| series_chart(part, unit)).collect();
        Ok(Self {
            name: part.name.clone(),
            title: part.title.clone(),
            about: part.about.clone(),
            repeat: part.repeat.clone(),
            charts: charts?.into_iter().filter(|chart| !chart.is_empty()).collect(),
            series: part.series.iter().map(SeriesRow::of).collect(),
            readings: part.readings.iter().map(ReadingRow::of).collect(),
        })
    }
}

/// The chart of those of `part`'s series that are in `unit`.
fn series_chart(part: &PartDocument, unit: &str) -> Result<String, ChartError> {
    let of_unit = part.series.iter().filter(|series| series.unit == unit);
    let rows: Vec<Row> = of_unit
        .map(|series| Row {
            label: series.what.clone(),
            note: amount(series.median, unit),
            at: series.median,
            line: (series.min, series.p99),
            target: None,
            tone: Tone::Plain,
        })
        .collect();
    Ok(super::inline(chart(&part.title, unit, &rows)?))
}

/// One thing that was measured.
pub(super) struct SeriesRow {
    pub(super) what: String,
    pub(super) count: usize,
    pub(super) min: String,
    pub(super) median: String,
    pub(super) within: String,
    pub(super) p90: String,
    pub(super) p99: String,
}

impl SeriesRow {
    fn of(series: &Summary) -> Self {
        let text = |value| amount(value, &series.unit);
        let within = series.interval.map_or_else(String::new, |interval| {
            format!("{} – {}", text(interval.low), text(interval.high))
        });
        Self {
            what: series.what.clone(),
            count: series.count,
            min: text(series.min),
            median: text(series.median),
            within,
            p90: text(series.p90),
            p99: text(series.p99),
        }
    }
}

/// What changed since a baseline.
pub(super) struct ChangesView {
    pub(super) machine: Vec<String>,
    pub(super) rows: Vec<ChangeRow>,
    pub(super) gone: Vec<String>,
}

/// A figure then and now.
pub(super) struct ChangeRow {
    pub(super) what: String,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) ratio: String,
    pub(super) within: String,
    pub(super) verdict: &'static str,
    /// The style of `verdict`.
    pub(super) class: &'static str,
}

impl ChangesView {
    pub(super) fn of(changes: &Changes) -> Self {
        Self {
            machine: changes.machine.clone(),
            rows: changes
                .readings
                .iter()
                .chain(&changes.series)
                .map(ChangeRow::of)
                .collect(),
            gone: changes.gone.clone(),
        }
    }
}

impl ChangeRow {
    fn of(change: &Change) -> Self {
        Self {
            what: change.what.clone(),
            old: amount(change.old, &change.unit),
            new: amount(change.new, &change.unit),
            ratio: figure(change.ratio),
            within: bounds(change.interval),
            verdict: change.verdict.words(),
            class: match change.verdict {
                Verdict::Better => "good",
                Verdict::Worse => "bad",
                Verdict::CannotBeTold => "",
            },
        }
    }
}
