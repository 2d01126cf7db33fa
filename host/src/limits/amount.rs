//! Amounts as people write and read them: `500ms`, `2s`, `64MiB`, `4096`.

use super::Unit;

/// Text that is no amount of the wanted unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {}", match unit {
    Unit::Milliseconds => "a time such as 500ms, 30s or 5min (a bare number is milliseconds)",
    Unit::Bytes => "a size such as 64MiB, 512KiB or a number of bytes",
    Unit::Count => "a whole number",
})]
pub struct AmountError {
    text: String,
    unit: Unit,
}

/// The amount that `text` names in `unit`: digits, then a suffix of that unit or nothing.
///
/// # Errors
///
/// [`AmountError`] for anything else, and for what does not fit in 64 bits.
pub fn parse_amount(text: &str, unit: Unit) -> Result<u64, AmountError> {
    let error = || AmountError {
        text: hostler_contract::escape_bounded(text, 64),
        unit,
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = text.split_at_checked(digits).ok_or_else(error)?;
    let number: u64 = number.parse().map_err(|_| error())?;
    let factor = suffixes(unit)
        .iter()
        .find(|(name, _)| *name == suffix)
        .map(|(_, factor)| *factor);
    factor.and_then(|factor| number.checked_mul(factor)).ok_or_else(error)
}

/// `value` of `unit` in its largest suffix that leaves no remainder.
pub fn show_amount(value: u64, unit: Unit) -> String {
    let best = suffixes(unit)
        .iter()
        .filter(|(name, factor)| !name.is_empty() && value >= *factor && value.is_multiple_of(*factor))
        .max_by_key(|(_, factor)| *factor);
    match (best, unit) {
        (Some((suffix, factor)), _) => format!("{} {suffix}", value / factor),
        (None, Unit::Milliseconds) => format!("{value} ms"),
        (None, Unit::Bytes) => format!("{value} B"),
        (None, Unit::Count) => value.to_string(),
    }
}

fn suffixes(unit: Unit) -> &'static [(&'static str, u64)] {
    match unit {
        Unit::Milliseconds => &[("", 1), ("ms", 1), ("s", 1_000), ("min", 60_000)],
        Unit::Bytes => &[("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)],
        Unit::Count => &[("", 1)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_shown() {
        let cases = [
            ("500ms", Unit::Milliseconds, Some(500), "500 ms"),
            ("2s", Unit::Milliseconds, Some(2_000), "2 s"),
            ("5min", Unit::Milliseconds, Some(300_000), "5 min"),
            ("1500", Unit::Milliseconds, Some(1_500), "1500 ms"),
            ("64MiB", Unit::Bytes, Some(64 << 20), "64 MiB"),
            ("70000", Unit::Bytes, Some(70_000), "70000 B"),
            ("4096", Unit::Count, Some(4_096), "4096"),
            ("0", Unit::Count, Some(0), "0"),
            ("64MB", Unit::Bytes, None, ""),
            ("-1", Unit::Count, None, ""),
            ("", Unit::Count, None, ""),
            ("1.5s", Unit::Milliseconds, None, ""),
            ("99999999999GiB", Unit::Bytes, None, ""),
            ("１", Unit::Count, None, ""),
        ];
        for (text, unit, value, shown) in cases {
            assert_eq!(parse_amount(text, unit).ok(), value, "{text}");
            if let Some(value) = value {
                assert_eq!(show_amount(value, unit), shown, "{text}");
            }
        }
    }
}
