//! A document as one page that needs nothing else: tables and charts, no scripts, nothing from elsewhere.

mod rows;

use askama::Template;

use self::rows::{ChangesView, PartView, RatioView, ReadingRow};
use crate::baseline::Changes;
use crate::chart::{ChartError, Row, STYLE, Tone, chart};
use crate::document::{Document, ReadingDocument};
use crate::judgement::Held;

/// What a picture that stands alone needs to say what it is, and what a part of a page must not say: it is no address that
/// anything is fetched from, but looks like one.
const NAMESPACE: &str = " xmlns=\"http://www.w3.org/2000/svg\"";

const PAGE_STYLE: &str = include_str!("../templates/page.css");

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A chart.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The page around the charts.
    #[error("the page cannot be made: {0}")]
    Page(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    title: &'a str,
    style: String,
    summary: String,
    document: &'a Document,
    ratios: RatioView,
    changes: Option<ChangesView>,
    parts: Vec<PartView>,
    machine: Vec<(String, String)>,
    isolation: String,
}

/// The page of `document`, with what changed since a baseline.
///
/// # Errors
/// [`PageError`].
pub fn page(document: &Document, changes: Option<&Changes>) -> Result<String, PageError> {
    let readings = document.readings();
    let page = Page {
        title: &document.title,
        style: format!("{PAGE_STYLE}{STYLE}"),
        summary: summary(&readings),
        ratios: RatioView {
            chart: inline(ratio_chart(document)?),
            rows: readings.iter().map(|reading| ReadingRow::of(reading)).collect(),
        },
        changes: changes.map(ChangesView::of),
        parts: document.parts.iter().map(PartView::of).collect::<Result<_, _>>()?,
        machine: document.machine.rows(),
        isolation: isolation(&document.isolation),
        document,
    };
    Ok(page.render()?)
}

/// The chart of figures and their targets, as a picture that stands alone; `None` where there is no figure.
///
/// # Errors
/// [`PageError`].
pub fn picture(document: &Document) -> Result<Option<String>, PageError> {
    let svg = ratio_chart(document)?;
    let style = format!("</title>\n<style>\n{STYLE}</style>");
    Ok((!svg.is_empty()).then(|| svg.replacen("</title>", &style, 1)))
}

fn ratio_chart(document: &Document) -> Result<String, ChartError> {
    let mut readings = document.readings();
    // Those with a target are what the chart is about; without any, all are.
    if readings.iter().any(|reading| reading.target.is_some()) {
        readings.retain(|reading| reading.target.is_some());
    }
    let rows: Vec<Row> = readings.into_iter().filter_map(ratio_row).collect();
    chart("Figures and their targets", "", &rows)
}

fn ratio_row(reading: &ReadingDocument) -> Option<Row> {
    let at = reading.value?;
    let line = reading
        .interval
        .map_or((at, at), |interval| (interval.low, interval.high));
    let row = ReadingRow::of(reading);
    Some(Row {
        label: reading.key.clone(),
        note: match reading.target {
            Some(target) => format!("{} ({target})", row.value),
            None => row.value,
        },
        at,
        line,
        target: reading.target.map(|target| target.value),
        tone: match reading.held {
            Some(Held::Yes) => Tone::Good,
            Some(Held::No) => Tone::Bad,
            Some(Held::CannotBeTold) => Tone::Unclear,
            None => Tone::Plain,
        },
    })
}

/// A chart as a part of a page.
fn inline(svg: String) -> String {
    svg.replacen(NAMESPACE, "", 1)
}

/// How many targets there are, and how many of them are held.
fn summary(readings: &[&ReadingDocument]) -> String {
    let with = |held| readings.iter().filter(|reading| reading.held == Some(held)).count();
    let (held, missed, unclear) = (with(Held::Yes), with(Held::No), with(Held::CannotBeTold));
    match held + missed + unclear {
        0 => String::new(),
        all => format!("Of {all} targets {held} are held, {missed} are missed, and of {unclear} that cannot be told."),
    }
}

/// What components ran behind, in one line.
fn isolation(report: &serde_json::Value) -> String {
    let word = |value: &serde_json::Value, key: &str| value.get(key).and_then(|word| word.as_str()).map(str::to_owned);
    let layers = report
        .get("layers")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten();
    let layers = layers.filter_map(|layer| Some(format!("{} {}", word(layer, "name")?, word(layer, "state")?)));
    let mode = word(report, "mode").into_iter();
    mode.chain(layers).collect::<Vec<_>>().join(", ")
}
