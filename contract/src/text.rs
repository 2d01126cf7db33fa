//! Text from outside made fit for people: escaped and bounded.

use std::fmt::Write as _;

/// Returns `text` with every character that could act on a terminal or pass for another written as an escape.
///
/// Control characters become `\n`, `\t`, `\x1b` and so on; bidirectional and invisible formatting characters,
/// line separators and the byte order mark become `\u{202e}`. A backslash stays as it is, since the result is for
/// reading and not for decoding.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_escaped(&mut out, c);
    }
    out
}

/// Returns `text` as [`escape`] does, cut after at most `max` bytes of output with ` ...` where something is missing.
pub fn escape_bounded(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let before = out.len();
        push_escaped(&mut out, c);
        if out.len() > max {
            out.truncate(before);
            out.push_str(" ...");
            break;
        }
    }
    out
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if (c as u32) < 0x20 || c == '\u{7f}' => push_hex(out, c),
        c if is_deceptive(c) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        c => out.push(c),
    }
}

fn push_hex(out: &mut String, c: char) {
    let _ = write!(out, "\\x{:02x}", c as u32);
}

/// Whether a character is invisible, or changes the order in which others are shown.
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}
