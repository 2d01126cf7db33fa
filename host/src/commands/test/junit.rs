//! The result as JUnit XML, which the servers that build things show.

use std::fmt::Write as _;

use super::Tested;

/// One test suite with a test case for each rule. Writing to a `String` cannot fail.
pub(super) fn junit(tested: &Tested) -> String {
    let rules = &tested.account.rules;
    let count = |verdict| tested.account.count(verdict);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\">",
        escaped(&tested.handler),
        rules.len(),
        count("broken"),
        count("not-tried") + count("not-applicable"),
        seconds(tested.duration_ms),
    );
    for ruling in rules {
        let _ = write!(
            text,
            "  <testcase classname=\"contract {}\" name=\"{}\" time=\"{}\"",
            escaped(&ruling.contract),
            escaped(&ruling.rule),
            seconds(ruling.duration_ms),
        );
        let (seen, says, right) = (escaped(&ruling.seen), escaped(&ruling.says), escaped(&ruling.right));
        let _ = match ruling.verdict {
            "held" => writeln!(text, "/>"),
            "broken" => writeln!(
                text,
                ">\n    <failure message=\"{seen}\">{says}\nseen: {seen}\nright: {right}</failure>\n  </testcase>"
            ),
            _ => writeln!(text, ">\n    <skipped message=\"{seen}\"/>\n  </testcase>"),
        };
    }
    text + "</testsuite>\n"
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// `text` for XML, without the characters that XML cannot hold.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\n' => out.push(' '),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_not_in_it() {
        assert_eq!(
            escaped("a<b & \"c\"\u{1b}\n>"),
            "a&lt;b &amp; &quot;c&quot;\u{fffd} &gt;"
        );
    }
}
