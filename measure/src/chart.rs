//! Charts: rows of dots with lines through them, on a scale where the same factor is the same distance.
//!
//! Colours are a few that the page's style sheet knows by their value and turns into those of a light or a dark page; a
//! picture that stands alone carries that style sheet with it.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    Cartesian2d, Circle, Color, DrawingArea, DrawingAreaErrorKind, EmptyElement, IntoDrawingArea, IntoFont,
    IntoLogRange, LogCoord, PathElement, RGBColor, Text, TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::amount::amount;

const INK: RGBColor = RGBColor(0x11, 0x11, 0x11);
const FAINT: RGBColor = RGBColor(0x76, 0x76, 0x76);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);

/// What a row's dot says beside where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// A measurement.
    Plain,
    /// Its target is held.
    Good,
    /// Its target is missed.
    Bad,
    /// Nothing can be told.
    Unclear,
}

impl Tone {
    fn colour(self) -> RGBColor {
        match self {
            Self::Plain => RGBColor(0x1F, 0x6F, 0xB5),
            Self::Good => RGBColor(0x2E, 0x85, 0x40),
            Self::Bad => RGBColor(0xC6, 0x28, 0x28),
            Self::Unclear => RGBColor(0xB2, 0x6A, 0x00),
        }
    }
}

/// The style sheet that colours need on a page, or in a picture that stands alone.
pub(crate) const STYLE: &str = include_str!("../templates/chart.css");

/// One row of a chart.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its name, on the left.
    pub(crate) label: String,
    /// What stands on the right.
    pub(crate) note: String,
    /// Where the dot is.
    pub(crate) at: f64,
    /// From where to where the line goes.
    pub(crate) line: (f64, f64),
    /// Where a target is.
    pub(crate) target: Option<f64>,
    /// What the dot says.
    pub(crate) tone: Tone,
}

/// Why a chart cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a chart cannot be drawn: {0}")]
pub struct ChartError(String);

impl From<DrawingAreaErrorKind<std::io::Error>> for ChartError {
    fn from(error: DrawingAreaErrorKind<std::io::Error>) -> Self {
        Self(error.to_string())
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<LogCoord<f64>, RangedCoordf64>>;

/// Widths in points: of all, of the names on the left, of the notes on the right.
const WIDTH: u32 = 960;
const NAMES: i32 = 400;
const NOTES: i32 = 120;
/// Heights in points: of a row, above the first, below the last.
const ROW: i32 = 22;
const ABOVE: i32 = 8;
const BELOW: i32 = 26;
/// Most characters of a name.
const NAME: usize = 62;

/// A chart of `rows` as SVG, with `title` for who cannot see it; empty where no row has a place on the scale.
///
/// # Errors
/// [`ChartError`].
pub(crate) fn chart(title: &str, unit: &str, rows: &[Row]) -> Result<String, ChartError> {
    let drawable = |value: &f64| value.is_finite() && *value > 0.0;
    let rows: Vec<&Row> = rows.iter().filter(|row| drawable(&row.at)).collect();
    let places = rows
        .iter()
        .flat_map(|row| [row.at, row.line.0, row.line.1].into_iter().chain(row.target));
    let places: Vec<f64> = places.filter(drawable).collect();
    let low = places.iter().copied().fold(f64::INFINITY, f64::min) / 1.3;
    let high = places.iter().copied().fold(0.0, f64::max) * 1.3;
    if rows.is_empty() || low >= high {
        return Ok(String::new());
    }
    let bottom = ABOVE + ROW * i32::try_from(rows.len()).unwrap_or(1);
    let height = u32::try_from(bottom + BELOW).unwrap_or(0);
    let right = i32::try_from(WIDTH).unwrap_or(0) - NOTES;
    let mut svg = String::new();
    {
        let plain: DrawingArea<_, Shift> = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        let scale = Cartesian2d::new(
            (low..high).log_scale(),
            0.0..rows.len() as f64,
            (NAMES..right, ABOVE..bottom),
        );
        let area: Area<'_> = plain.apply_coord_spec(scale);
        grid(&area, (low, high), rows.len() as f64, unit)?;
        for (index, row) in rows.iter().enumerate() {
            draw(&area, row, index as f64 + 0.5, right)?;
        }
        area.present()?;
    }
    // For who listens to a page instead of seeing it.
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    Ok(svg.replacen('>', &format!(" role=\"img\">\n<title>{title}</title>"), 1))
}

/// Lines at round figures, from top to bottom, with the figures below them.
fn grid(area: &Area<'_>, (low, high): (f64, f64), rows: f64, unit: &str) -> Result<(), ChartError> {
    let style = text(11, FAINT, HPos::Center, VPos::Top);
    for tick in ticks(low, high) {
        area.draw(&PathElement::new(vec![(tick, 0.0), (tick, rows)], GRID))?;
        let below = Text::new(round(tick, unit), (0, 6), style.clone());
        area.draw(&(EmptyElement::at((tick, rows)) + below))?;
    }
    Ok(())
}

fn draw(area: &Area<'_>, row: &Row, y: f64, right: i32) -> Result<(), ChartError> {
    let colour = row.tone.colour();
    let (low, high) = row.line;
    if low > 0.0 && high.is_finite() && low < high {
        area.draw(&PathElement::new(vec![(low, y), (high, y)], colour.stroke_width(2)))?;
    }
    if let Some(target) = row.target {
        area.draw(&PathElement::new(
            vec![(target, y - 0.38), (target, y + 0.38)],
            INK.stroke_width(3),
        ))?;
    }
    area.draw(&Circle::new((row.at, y), 5, colour.filled()))?;
    // Names and notes stand at fixed places in the same height as the dot.
    let (x, height) = area.map_coordinate(&(row.at, y));
    let at = |x_of_text: i32| (x_of_text - x, 0);
    debug_assert!(height > 0);
    let name: String = if row.label.chars().count() > NAME {
        row.label.chars().take(NAME - 1).chain(['…']).collect()
    } else {
        row.label.clone()
    };
    let name = Text::new(name, at(NAMES - 12), text(13, INK, HPos::Right, VPos::Center));
    let note = Text::new(
        row.note.clone(),
        at(right + 12),
        text(13, INK, HPos::Left, VPos::Center),
    );
    area.draw(&(EmptyElement::at((row.at, y)) + name + note))?;
    Ok(())
}

fn text(size: u32, colour: RGBColor, across: HPos, along: VPos) -> TextStyle<'static> {
    TextStyle {
        font: ("sans-serif", size).into_font(),
        color: colour.to_backend_color(),
        pos: Pos::new(across, along),
    }
}

/// A round figure, without zeros behind its point.
fn round(tick: f64, unit: &str) -> String {
    let text = amount(tick, unit);
    let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let number = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    };
    format!("{number} {unit}").trim_end().to_owned()
}

/// Round figures between `low` and `high`: 1, 2, 5, 10, …, or fewer where there is no room for so many.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = (high / low).log10();
    let steps: &[f64] = match decades {
        decades if decades <= 2.5 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let first = low.log10().floor() as i32;
    let last = high.log10().ceil() as i32;
    let every = if decades > 8.0 { 2 } else { 1 };
    let all = (first..=last)
        .filter(|exponent| exponent.rem_euclid(every) == 0)
        .flat_map(|exponent| steps.iter().map(move |step| step * 10f64.powi(exponent)));
    all.filter(|tick| (low..=high).contains(tick)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_round_figures() {
        assert_eq!(ticks(0.8, 6.0), [1.0, 2.0, 5.0]);
        assert_eq!(ticks(0.005, 12.0), [0.01, 0.1, 1.0, 10.0]);
        assert_eq!(ticks(3.0, 4.0), Vec::<f64>::new());
        let round =
            [(0.01, ""), (1.0, ""), (200.0, ""), (2_000.0, "us"), (1_000.0, "")].map(|(tick, unit)| round(tick, unit));
        assert_eq!(round, ["0.01", "1", "200", "2 ms", "1,000"]);
    }

    #[test]
    fn names_are_escaped_and_rows_without_a_place_are_left_out() {
        let row = |label: &str, at: f64| Row {
            label: label.to_owned(),
            note: "<1".to_owned(),
            at,
            line: (at / 2.0, at * 2.0),
            target: Some(1.0),
            tone: Tone::Good,
        };
        let svg = chart(
            "a < b & c",
            "",
            &[row("<script>", 0.5), row("nothing", f64::NAN), row("none", 0.0)],
        )
        .unwrap();
        assert!(
            svg.contains("&lt;script&gt;") && svg.contains("<title>a &lt; b &amp; c</title>"),
            "{svg}"
        );
        assert!(!svg.contains("nothing") && !svg.contains("none<"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1);
        assert_eq!(chart("", "", &[row("nothing", f64::INFINITY)]).unwrap(), "");
    }
}
