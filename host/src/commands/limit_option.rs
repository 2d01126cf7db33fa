//! The option `--limit NAME=VALUE`.

use hostler_contract::codes;

use super::failure::Failure;
use crate::limits::{LimitName, parse_amount};

/// Reads `NAME=VALUE`, with a value in the limit's own unit or with one of its own.
pub(super) fn parse_limit(text: &str) -> Result<(LimitName, u64), Failure> {
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
