//! Texts of a template that was not filled in.

/// The mark that a template left in `text`, if there is one.
///
/// `%VERSION%` and the like, `<%= name %>`, and `REPLACE-ME`. Two escapes of a URL are no mark: between the signs of a
/// mark stands a letter that no hexadecimal number has.
pub(super) fn mark(text: &str) -> Option<&str> {
    erb(text).or_else(|| percent(text)).or_else(|| replace_me(text))
}

/// `<%= name %>`, or as much of it as is there.
pub(super) fn erb(text: &str) -> Option<&str> {
    let start = text.find("<%")?;
    let rest = &text[start..];
    let end = rest.find("%>").map_or(rest.len().min(2), |end| end + 2);
    rest.get(..end)
}

fn percent(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let length = after
            .bytes()
            .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
            .count();
        let (word, behind) = after.split_at(length);
        let beyond_hex = word.bytes().any(|b| matches!(b, b'G'..=b'Z' | b'_'));
        if length >= 2 && beyond_hex && behind.starts_with('%') {
            let start = text.len() - after.len() - 1;
            return text.get(start..start + length + 2);
        }
        rest = after;
    }
    None
}

fn replace_me(text: &str) -> Option<&str> {
    ["REPLACE-ME", "REPLACE_ME", "REPLACEME"]
        .into_iter()
        .find(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn marks_of_templates_are_found_and_escapes_of_urls_are_none() {
        for (text, found) in [
            ("%VERSION%", Some("%VERSION%")),
            ("1.0.%BUILD_NO%.2", Some("%BUILD_NO%")),
            ("<%= extension_version %>", Some("<%= extension_version %>")),
            ("a <% b", Some("<%")),
            ("REPLACE-ME", Some("REPLACE-ME")),
            ("100% of it", None),
            ("https://host/a%20AB%20c", None),
            ("https://host/%E4%BD%A0", None),
            ("50%% and 20%%", None),
            ("", None),
        ] {
            assert_eq!(mark(text), found, "{text}");
        }
    }
}
