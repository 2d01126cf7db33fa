//! Parameters of a query. Their names count without case, as in the service that came before.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The value of the parameter `name`; the first one if it stands twice.
pub(in super::super) fn parameter<'a>(query: Option<&'a str>, name: &str) -> Option<Cow<'a, str>> {
    query?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        key.eq_ignore_ascii_case(name).then(|| decode(value))
    })
}

fn decode(value: &str) -> Cow<'_, str> {
    match value.contains('+') {
        // A blank, as forms write it.
        true => Cow::Owned(
            percent_decode_str(&value.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned(),
        ),
        false => percent_decode_str(value).decode_utf8_lossy(),
    }
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn parameters_are_found_and_decoded() {
        let query = Some("action=update&StartTime=2015-01-01T00%3A00%3A00Z&x&y=a+b&action=other");
        for (name, value) in [
            ("action", Some("update")),
            ("ACTION", Some("update")),
            ("starttime", Some("2015-01-01T00:00:00Z")),
            ("x", Some("")),
            ("y", Some("a b")),
            ("z", None),
        ] {
            assert_eq!(parameter(query, name).as_deref(), value, "{name}");
        }
        assert_eq!(parameter(None, "action"), None);
    }
}
