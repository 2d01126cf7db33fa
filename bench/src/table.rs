//! The readings for people, and as JSON.

use serde_json::{Map, Value};

use crate::reading::{Reading, Side};

/// Prints all of `readings`, both sides of each.
pub(crate) fn print(readings: &[Reading]) {
    println!(
        "{:<38} {:>11} {:>11} {:>11} {:>8} {:>8} {:>8}  held",
        "", "median", "min", "p99", "ratio", "of min", "target"
    );
    for reading in readings {
        println!("{}", row(reading));
        for side in reading.sides() {
            println!("{}", side_row(side));
        }
        if let Reading::NotRun { why, .. } = reading {
            println!("    not run: {why}");
        }
    }
}

fn row(reading: &Reading) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let held = match reading.is_held() {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "-",
    };
    format!(
        "{:<38} {:>11} {:>11} {:>11} {:>8} {:>8} {:>8}  {held}",
        reading.key(),
        "",
        "",
        "",
        figure(reading.value()),
        figure(reading.value_of_min()),
        figure(reading.target()),
    )
}

fn side_row(side: &Side) -> String {
    let figure = |value: f64| format!("{value:.0} {}", side.unit);
    format!(
        "    {:<34} {:>11} {:>11} {:>11}",
        side.what,
        figure(side.median),
        figure(side.min),
        figure(side.p99)
    )
}

/// All of `readings`, each under its key.
pub(crate) fn by_key(readings: &[Reading]) -> Map<String, Value> {
    let keys = readings.iter();
    keys.map(|reading| (reading.key().to_owned(), reading.to_json()))
        .collect()
}
