//! The option `--limit NAME=VALUE`.

use hostler_contract::codes;

use super::failure::Failure;
use crate::limits::{LimitName, parse_amount};

/// Reads every `--limit`; none of them can be above its default, whatever is run.
pub(super) fn parse_limits(texts: &[String]) -> Result<Vec<(LimitName, u64)>, Failure> {
    let mut lowered = Vec::new();
    for text in texts {
        let (name, value) = parse_limit(text)?;
        if value > name.default_value() {
            let what = format!("{} cannot be raised above its default", name.name());
            let hint = "give a lower value: limits can only be lowered";
            return Err(Failure::usage(codes::LIMIT_RAISE, "--limit", what, hint));
        }
        lowered.push((name, value));
    }
    Ok(lowered)
}

/// Reads `NAME=VALUE`, with a value in the limit's own unit or with one of its own.
fn parse_limit(text: &str) -> Result<(LimitName, u64), Failure> {
    let usage = |code, what: String, hint: String| Failure::usage(code, "--limit", what, hint);
    let (name, value) = text.split_once('=').ok_or_else(|| {
        usage(
            codes::LIMIT_VALUE,
            format!("`{text}` has no `=`"),
            "write NAME=VALUE, as in cmd.deadline=10s".to_owned(),
        )
    })?;
    let limit = LimitName::from_name(name).ok_or_else(|| {
        usage(
            codes::LIMIT_NAME,
            format!("there is no limit `{name}`"),
            LimitName::hint(name),
        )
    })?;
    let value = parse_amount(value, limit.unit()).map_err(|error| {
        usage(
            codes::LIMIT_VALUE,
            format!("{name}: {error}"),
            format!("bounds: {}", limit.meaning()),
        )
    })?;
    Ok((limit, value))
}
