//! Targets that take text: command lines, what is shown to people, and JSON as the agent writes it.

use hostler_contract::json::{ByteOrderMark, Duplicates, JsonRules, Node, Read, Value};
use hostler_contract::{CommandLine, Source, codes, escape, escape_bounded};

/// The most lenient rules that a document of the contract has.
const RULES: JsonRules = JsonRules {
    max_bytes: 1 << 20,
    max_depth: 64,
    byte_order_mark: ByteOrderMark::Strip,
    duplicates: Duplicates::LastWins,
    refuse_negative_zero: false,
    json: codes::STATUS_JSON,
    encoding: codes::STATUS_ENCODING,
    size: codes::STATUS_SIZE,
    depth: codes::STATUS_DEPTH,
    duplicate_key: codes::STATUS_DUPLICATE_KEY,
};

/// Longest command line whose quoted form is tried, in bytes: quotes must not push it over the limit.
const SHORT_LINE: usize = 1000;

/// Fails unless `path` is a relative path without a way out.
pub(super) fn assert_inside(path: &str) {
    assert!(!path.starts_with('/') && !path.contains('\0'), "{path:?}");
    for part in path.split('/') {
        assert!(!matches!(part, "" | "." | ".."), "{path:?}");
    }
}

/// Fails unless `name` is one part of a path.
pub(super) fn assert_one_part(name: &str) {
    assert_inside(name);
    assert!(!name.contains('/'), "{name:?}");
}

/// A command line: what is accepted stays in the package, and means the same with every word in quotes.
pub fn command_line(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(line) = CommandLine::parse(text) else { return };
    assert_inside(line.component());
    let words = || std::iter::once(line.component()).chain(line.arguments().iter().map(String::as_str));
    // A tab may stand in quotes; everything else is fit to be shown.
    assert!(
        words().all(|word| escape(word) == word.replace('\t', "\\t")),
        "{text:?}"
    );
    if text.len() <= SHORT_LINE {
        let quoted: Vec<_> = words()
            .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
            .collect();
        // A name with `=` in it is no assignment of a variable with a folder before it.
        let quoted = format!("./{}", quoted.join(" "));
        assert_eq!(CommandLine::parse(&quoted).as_ref(), Ok(&line), "{text:?}");
    }
}

/// What is shown to people: no control character and nothing that changes the order of text, within the bound.
pub fn log_escape(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown = escape(&text);
    assert!(!shown.chars().any(acts), "{shown:?}");
    assert_eq!(escape(&shown), shown, "escaped text is fit to be shown as it is");
    for max in [0, 1, 7, 80] {
        let cut = escape_bounded(&text, max);
        assert!(!cut.chars().any(acts), "{cut:?}");
        assert!(cut.len() <= max + " ...".len(), "{} bytes, not {max}", cut.len());
        let begins_alike = cut.strip_suffix(" ...").is_some_and(|start| shown.starts_with(start));
        assert!(
            cut == shown || begins_alike,
            "{cut:?} is not the beginning of {shown:?}"
        );
    }
}

/// Whether a character acts on a terminal, or on how the text around it is shown.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// JSON: what is written as the agent does is read back as it was.
pub fn json_agent(bytes: &[u8]) {
    let Ok(read) = Read::document(Source::new("input", bytes), &RULES) else {
        return;
    };
    let text = read.root.to_agent_json();
    assert!(text.bytes().all(|b| matches!(b, b' '..=b'~')), "{text:?}");
    let Ok(again) = Read::document(Source::new("input", text.as_bytes()), &RULES) else {
        assert!(text.len() > RULES.max_bytes, "what was written cannot be read: {text}");
        return;
    };
    assert!(same(&read.root, &again.root), "{text}");
    assert_eq!(again.root.to_agent_json(), text);
}

/// Whether two values mean the same: integers by their digits, other numbers as doubles.
fn same(a: &Node, b: &Node) -> bool {
    match (a.value(), b.value()) {
        (Value::Number(a), Value::Number(b)) if a.is_integer() => a == b || (a.as_str(), b.as_str()) == ("-0", "0"),
        (Value::Number(a), Value::Number(b)) => {
            let bits = |number: &str| number.parse::<f64>().map(f64::to_bits);
            !b.is_integer() && bits(a.as_str()) == bits(b.as_str())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.iter().count() == b.iter().count() && a.iter().zip(b.iter()).all(|(a, b)| a.0 == b.0 && same(a.1, b.1))
        }
        (a, b) => a == b,
    }
}
