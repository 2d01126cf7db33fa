//! Taking access tokens out of text before it is shown or kept.
//!
//! A shared access signature in a URL is as good as a password, and handlers print URLs (contract 7.6, scenario "B12").
//! The agent blanks `https://`, non-blanks, a `?` and parameters by the names of such a signature. This does the same
//! and a little more where the text is quoted or escaped, since too much taken out harms less than too little.

use std::borrow::Cow;

const SCHEME: &str = "https://";
const REDACTED: &str = "<redacted>";

/// Parameters of a shared access signature.
const PARAMETERS: [&str; 8] = ["sv", "st", "se", "sr", "sp", "sip", "spr", "sig"];

/// What ends a query inside a word: quotes and angle brackets, as documents put them around URLs.
const ENDS: [char; 4] = ['"', '\'', '<', '>'];

/// What stands between parameters: `&`, also as `&amp;` in XML, and a `?` too many.
const SEPARATORS: [char; 3] = ['&', ';', '?'];

/// An `&` as some writers of JSON put it.
const ESCAPED_AND: &str = "\\u0026";

/// Returns `text` with the query of every `https://` URL that holds a parameter of a shared access signature replaced
/// by `<redacted>`; the URL up to its `?` stays.
///
/// A query ends at a blank, a quote or an angle bracket, and goes as a whole if one parameter of it is named `sv`,
/// `st`, `se`, `sr`, `sp`, `sip`, `spr` or `sig`, in any case. What follows such an end in the same word, up to the
/// next blank, is looked at in the same way; a value in quotes of its own (`sig="x"`) is not recognised. `https` counts
/// in lower case only and `http://` stays as it is, as in the agent. Doing it twice is the same as doing it once.
pub fn redact_sas(text: &str) -> Cow<'_, str> {
    if !text.contains(SCHEME) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        match word.find(SCHEME) {
            Some(start) => {
                let (before, url) = word.split_at(start);
                out.push_str(before);
                push_url(&mut out, url);
            }
            None => out.push_str(word),
        }
    }
    if out == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out)
    }
}

/// Appends a word that starts with a URL, without what must not be seen of it.
fn push_url(out: &mut String, url: &str) {
    let mut in_query = false;
    for piece in url.split_inclusive(ENDS) {
        // A backslash before a quote belongs to the quote, or what was JSON would be none afterwards.
        let content = piece.trim_end().trim_end_matches(ENDS).trim_end_matches('\\');
        push_piece(out, content, in_query);
        in_query |= content.contains('?');
        out.push_str(piece.get(content.len()..).unwrap_or_default());
    }
}

/// Appends a piece of a word between two ends of queries; `in_query` tells whether a `?` came before it.
fn push_piece(out: &mut String, content: &str, in_query: bool) {
    let start = match content.find('?') {
        _ if in_query => 0,
        Some(mark) => mark + 1,
        None => content.len(),
    };
    let (before, query) = content.split_at(start);
    out.push_str(before);
    match token(query) {
        Some(token) => {
            // The beginning of one more URL in the same word, as in `"https://a?b","https://c?sig=d"`.
            let mark = query.find('?').filter(|mark| in_query && *mark < token);
            out.push_str(mark.and_then(|mark| query.get(..=mark)).unwrap_or_default());
            out.push_str(REDACTED);
        }
        None => out.push_str(query),
    }
}

/// Where the first parameter of a shared access signature starts.
fn token(query: &str) -> Option<usize> {
    let mut start = 0;
    for parameter in query.split(SEPARATORS) {
        if parameter.split(ESCAPED_AND).any(is_of_token) {
            return Some(start);
        }
        start += parameter.len() + 1;
    }
    None
}

fn is_of_token(parameter: &str) -> bool {
    let name = parameter.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::{PARAMETERS, redact_sas};

    #[test]
    fn tokens_are_taken_out_of_urls() {
        for (text, redacted) in [
            ("get https://a.b/c?sig=x now", "get https://a.b/c?<redacted> now"),
            ("https://a/b?sv=1&sr=b&sig=x%3D", "https://a/b?<redacted>"),
            ("https://a/b?comp=list&SIG=x\nnext", "https://a/b?<redacted>\nnext"),
            ("https://a?x=1?sig=x", "https://a?<redacted>"),
            ("https://a?x=1&amp;sig=x", "https://a?<redacted>"),
            (r"https://a?x=1\u0026sig=x", "https://a?<redacted>"),
            (
                "https://a?sv=1 https://b?x=1 https://c?se=1",
                "https://a?<redacted> https://b?x=1 https://c?<redacted>",
            ),
            // Quoted, and what stands in the same word.
            (
                r#"{"u":"https://a?sig=x","v":1}"#,
                r#"{"u":"https://a?<redacted>","v":1}"#,
            ),
            (
                r#""{\"u\":\"https://a?sig=x\"}""#,
                r#""{\"u\":\"https://a?<redacted>\"}""#,
            ),
            ("<Uri>https://a?sig=x</Uri>", "<Uri>https://a?<redacted></Uri>"),
            (
                "'https://a?b=1','https://c?sig=x'",
                "'https://a?b=1','https://c?<redacted>'",
            ),
            ("https://a?b='c'&sig=x", "https://a?b='c'<redacted>"),
            ("https://a/'b'?sig=x", "https://a/'b'?<redacted>"),
            ("https://a?sig=x\u{2003}b", "https://a?<redacted>\u{2003}b"),
        ] {
            assert_eq!(redact_sas(text), redacted, "{text}");
        }
        for name in PARAMETERS {
            assert_eq!(redact_sas(&format!("https://a?{name}=x")), "https://a?<redacted>");
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "",
            "sig=x",
            "http://a?sig=x",
            "HTTPS://a?sig=x",
            "https://a/sig=x",
            "https://a?",
            "https://a?signature=x&sig",
            "https://a?b=1 c?sig=x",
            "https://a?<redacted>",
        ] {
            assert!(
                matches!(redact_sas(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    /// Text with what URLs and the documents around them are made of.
    fn text() -> impl Strategy<Value = String> {
        "(https://|http://|\\?|&|&amp;|;|=|sig|sv|sig=|x=1|a|/|<|>|<redacted>|\"|'|\\\\|\\\\u0026| |\n|\u{e9}){0,40}"
    }

    proptest! {
        #[test]
        fn twice_is_once(text in text()) {
            let once = redact_sas(&text).into_owned();
            prop_assert_eq!(redact_sas(&once), once.as_str());
        }

        #[test]
        fn without_a_url_nothing_changes(text in text()) {
            let text = text.replace("https://", "http://");
            prop_assert_eq!(redact_sas(&text), text.as_str());
        }

        #[test]
        fn no_signature_survives(
            before in text(),
            path in "[a-z/'\"]{0,8}",
            query in "([a-z]{1,3}=[a-z0-9%'\"]{0,4}&){0,4}",
            after in text(),
        ) {
            let text = format!("{before}https://a/{path}?{query}sig=S3CR3T{after}");
            prop_assert!(!redact_sas(&text).contains("S3CR3T"), "{}", redact_sas(&text));
        }
    }
}
