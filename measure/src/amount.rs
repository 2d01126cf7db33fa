//! Figures for people: three digits that count, in a unit that fits.

use crate::interval::Interval;

/// `value` with three digits that count, and without an exponent.
pub(crate) fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let digits = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        _ => 4,
    };
    let text = format!("{value:.digits$}");
    let (sign, number) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |number| ("-", number));
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{rest}")
}

/// `value` of `unit`, in the unit of its kind that fits.
pub(crate) fn amount(value: f64, unit: &str) -> String {
    let (value, unit) = match unit {
        "us" if value >= 1e6 => (value / 1e6, "s"),
        "us" if value >= 1e3 => (value / 1e3, "ms"),
        "us" => (value, "µs"),
        "ms" if value >= 1e3 => (value / 1e3, "s"),
        "kB" if value >= 1e4 => (value / 1e3, "MB"),
        unit => (value, unit),
    };
    format!("{} {unit}", figure(value)).trim_end().to_owned()
}

/// Both bounds of `interval`; empty where there is none.
pub(crate) fn bounds(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        format!("{} – {}", figure(interval.low), figure(interval.high))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_that_count() {
        let figures = [
            0.0,
            0.01234,
            0.1234,
            1.234,
            12.34,
            123.4,
            12_345.6,
            1_234_567.0,
            -1_234.0,
            f64::NAN,
        ]
        .map(figure);
        assert_eq!(
            figures,
            [
                "0",
                "0.0123",
                "0.123",
                "1.23",
                "12.3",
                "123",
                "12,346",
                "1,234,567",
                "-1,234",
                "-"
            ]
        );
    }

    #[test]
    fn amounts_are_in_the_unit_that_fits() {
        for (value, unit, text) in [
            (12.3, "us", "12.3 µs"),
            (1_234.0, "us", "1.23 ms"),
            (2.5e6, "us", "2.50 s"),
            (1_500.0, "ms", "1.50 s"),
            (8_336.0, "kB", "8,336 kB"),
            (83_360.0, "kB", "83.4 MB"),
            (9_000.0, "commands/s", "9,000 commands/s"),
            (0.5, "", "0.500"),
        ] {
            assert_eq!(amount(value, unit), text);
        }
        assert_eq!(bounds(Some(Interval { low: 0.5, high: 1.25 })), "0.500 – 1.25");
        assert_eq!(bounds(None), "");
    }
}
