//! The version of the API that a client speaks: the header `x-ms-version`, a date.

use time::Date;
use time::macros::format_description;

/// Fails unless `header` is a date and not before `earliest`; the reason is for the client.
pub(super) fn check(header: Option<&[u8]>, earliest: &str) -> Result<(), String> {
    let hint = format!("send it as a date, {earliest} or later, for example 2014-06-01");
    let Some(header) = header else {
        return Err(format!("the header x-ms-version is missing; {hint}"));
    };
    let text = String::from_utf8_lossy(header);
    let form = format_description!("[year]-[month]-[day]");
    let shown = || hostler_contract::escape_bounded(&text, 40);
    if text.len() != "2014-06-01".len() || Date::parse(&text, form).is_err() {
        return Err(format!(
            "the header x-ms-version is `{}`, which is no date; {hint}",
            shown()
        ));
    }
    // Dates of this form have the order of their texts.
    if *text < *earliest {
        return Err(format!(
            "the header x-ms-version is {text}, which is too early for this call; {hint}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn dates_count_from_the_documented_one_on() {
        for (header, taken) in [
            (Some("2014-06-01"), true),
            (Some("2013-03-01"), true),
            (Some("2099-12-31"), true),
            (Some("2013-02-28"), false),
            (Some("2014-02-30"), false),
            (Some("2014-6-1"), false),
            (Some("2014-06-01 "), false),
            (Some("+014-06-01"), false),
            (Some("latest"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(
                check(header.map(str::as_bytes), "2013-03-01").is_ok(),
                taken,
                "{header:?}"
            );
        }
    }
}
