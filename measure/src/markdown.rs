//! A document's figures as a table for a page of documentation.

use std::fmt::Write as _;

use crate::amount::{amount, bounds, figure};
use crate::document::{Document, ReadingDocument, Summary};
use crate::judgement::{Difference, Held};

/// The table of all figures of `document` in Markdown, with the machine above it.
pub fn markdown(document: &Document) -> String {
    let mut text = format!("hostler {}\n\n| | |\n|---|---|\n", document.version);
    for (name, value) in document.machine.rows() {
        // Writing to a `String` cannot fail, here and below.
        let _ = writeln!(text, "| {} | {} |", cell(&name), cell(&value));
    }
    text += "\n| key | hostler, median (min, p99) | other, median (min, p99) | figure | within | of min | target | held |\n";
    text += "|---|---|---|---|---|---|---|---|\n";
    for reading in document.readings() {
        text += &row(reading);
    }
    text
}

fn row(reading: &ReadingDocument) -> String {
    let side = |index: usize| reading.sides.get(index).map(side).unwrap_or_default();
    let number = |value: Option<f64>| value.map_or_else(String::new, figure);
    let mut value = number(reading.value);
    if reading.noisy {
        value += " (noisy)";
    }
    if let Some(why) = &reading.not_run {
        value = format!("not run: {}", cell(why));
    }
    if reading.interval.is_some() && reading.difference == Some(Difference::CannotBeTold) {
        value += ", no difference that can be told";
    }
    format!(
        "| `{}` | {} | {} | {value} | {} | {} | {} | {} |\n",
        reading.key,
        side(0),
        side(1),
        bounds(reading.interval),
        number(reading.value_of_min),
        reading.target.map(|target| target.to_string()).unwrap_or_default(),
        match reading.held {
            Some(Held::Yes) => "yes",
            Some(Held::No) => "**no**",
            Some(Held::CannotBeTold) => "cannot be told",
            None => "",
        },
    )
}

fn side(summary: &Summary) -> String {
    let text = |value| amount(value, &summary.unit);
    match summary.count {
        1 => text(summary.median),
        _ => format!(
            "{} ({}, {})",
            text(summary.median),
            text(summary.min),
            text(summary.p99)
        ),
    }
}

/// `text` as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
