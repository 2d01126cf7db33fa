//! A document for a terminal: no line is longer than 120 columns.

use std::fmt::Write as _;

use crate::amount::{amount, bounds, figure};
use crate::baseline::{Change, Changes, Verdict};
use crate::document::{Document, PartDocument, ReadingDocument, Summary};
use crate::judgement::Difference;

/// Longest name of a series that is shown whole, in characters.
const NAME: usize = 58;

/// The whole of `document`, in lines that end with a line feed.
pub fn table(document: &Document) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail, here and below.
    let _ = writeln!(text, "{}, hostler {}", document.title, document.version);
    for (name, value) in document.machine.rows() {
        let _ = writeln!(text, "  {name:<12} {}", cut(&value, 100));
    }
    for part in &document.parts {
        text += &part_lines(part);
    }
    let left_out = document.not_run.iter();
    let said = |key: &str| document.readings().iter().any(|reading| reading.key == key);
    let left_out: Vec<_> = left_out.filter(|(key, _)| !said(key)).collect();
    if !left_out.is_empty() {
        let _ = writeln!(text, "\nnot run");
        for (key, why) in left_out {
            let _ = writeln!(text, "  {key:<44} {}", cut(why, 72));
        }
    }
    text
}

fn part_lines(part: &PartDocument) -> String {
    let mut text = format!("\n{} ({})\n", part.title, part.name);
    if !part.series.is_empty() {
        let _ = writeln!(
            text,
            "  {:<NAME$} {:>6} {:>12} {:>12} {:>12} {:>12}",
            "", "count", "min", "median", "p90", "p99"
        );
        part.series.iter().for_each(|series| text += &series_line(series));
    }
    if !part.readings.is_empty() {
        let _ = writeln!(
            text,
            "  {:<44} {:>8} {:>19} {:>8} {:>8}  held",
            "", "figure", "within", "of min", "target"
        );
        part.readings.iter().for_each(|reading| text += &reading_lines(reading));
    }
    text
}

fn series_line(series: &Summary) -> String {
    let figures = [series.min, series.median, series.p90, series.p99].map(|value| amount(value, &series.unit));
    let [min, median, p90, p99] = figures;
    let name = cut(&series.what, NAME);
    if series.count == 1 {
        return format!("  {name:<NAME$} {:>6} {:>12} {median:>12}\n", 1, "");
    }
    format!(
        "  {name:<NAME$} {:>6} {min:>12} {median:>12} {p90:>12} {p99:>12}\n",
        series.count
    )
}

fn reading_lines(reading: &ReadingDocument) -> String {
    let key = &reading.key;
    if let Some(why) = &reading.not_run {
        return format!("  {key:<44} not run: {}\n", cut(why, 62));
    }
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), figure);
    let target = reading
        .target
        .map_or_else(|| "-".to_owned(), |target| target.to_string());
    let mut line = format!(
        "  {key:<44} {:>8} {:>19} {:>8} {target:>8}  {}\n",
        number(reading.value),
        bounds(reading.interval),
        number(reading.value_of_min),
        reading.held.map_or("-", |held| held.words()),
    );
    let mut notes = Vec::new();
    if reading.difference == Some(Difference::CannotBeTold) && reading.interval.is_some() {
        notes.push(Difference::CannotBeTold.words());
    }
    if reading.noisy {
        notes.push("noisy: the figure is a guess");
    }
    if !notes.is_empty() {
        let _ = writeln!(line, "    {}", notes.join("; "));
    }
    line
}

/// What changed, in lines that end with a line feed.
pub fn changes_table(changes: &Changes) -> String {
    let mut text = "\nagainst the baseline (new / old)\n".to_owned();
    for difference in &changes.machine {
        let _ = writeln!(text, "  another machine: {}", cut(difference, 100));
    }
    let mut list = |changes: &[Change], heading: &str| {
        if !changes.is_empty() {
            let _ = writeln!(
                text,
                "  {heading:<50} {:>10} {:>10} {:>7} {:>15}",
                "old", "new", "ratio", "within"
            );
        }
        for change in changes {
            let _ = writeln!(
                text,
                "  {:<50} {:>10} {:>10} {:>7} {:>15}  {}",
                cut(&change.what, 50),
                amount(change.old, &change.unit),
                amount(change.new, &change.unit),
                figure(change.ratio),
                bounds(change.interval),
                if change.verdict == Verdict::CannotBeTold {
                    ""
                } else {
                    change.verdict.words()
                },
            );
        }
    };
    list(&changes.readings, "figures");
    list(&changes.series, "medians, which depend on what else the machine did");
    for gone in &changes.gone {
        let _ = writeln!(text, "  only in the baseline: {}", cut(gone, 90));
    }
    let _ = writeln!(
        text,
        "  Where nothing is said, there is no difference that can be told."
    );
    text
}

/// At most `most` characters of `text`, without what a terminal would obey.
fn cut(text: &str, most: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.chars().count() <= most {
        return clean;
    }
    clean.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
