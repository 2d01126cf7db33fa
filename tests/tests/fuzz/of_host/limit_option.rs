//! `--limit NAME=VALUE`.

use hostler_contract::{Command, escape};
use hostler_host::limits::{LimitName, Limits, Rule, Unit, parse_amount, show_amount};

/// The text of the option: an amount reads the same after it was shown, and no text raises a limit.
pub(crate) fn limit_option(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (name, value) = text.split_once('=').unwrap_or(("cmd.deadline", text));
    for unit in [Unit::Milliseconds, Unit::Bytes, Unit::Count] {
        match parse_amount(value, unit) {
            Ok(amount) => {
                let shown = show_amount(amount, unit).replace(' ', "");
                assert_eq!(
                    parse_amount(&shown, unit),
                    Ok(amount),
                    "{value:?} is shown as {shown:?}"
                );
            }
            Err(error) => assert_eq!(escape(&error.to_string()), error.to_string()),
        }
    }
    let hint = LimitName::hint(name);
    assert_eq!(escape(&hint), hint);
    let Some(limit) = LimitName::from_name(name) else {
        return;
    };
    assert_eq!(limit.name(), name);
    let Ok(amount) = parse_amount(value, limit.unit()) else {
        return;
    };
    for command in Command::ALL {
        let mut limits = Limits::of_command(command);
        let before = limits.value(limit);
        let lowered = limits.lower(limit, amount, Rule::CommandLine).is_ok();
        // One that is meant for another command, whose contract allows more, changes nothing here.
        let expected = if lowered { amount.min(before) } else { before };
        assert_eq!(limits.value(limit), expected, "{text:?}");
        assert!(lowered || amount > before, "{text:?} is refused");
    }
}
