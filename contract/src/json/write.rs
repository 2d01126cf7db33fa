//! Writing JSON byte for byte as the agent does.
//!
//! The agent writes with Python's `json.dumps` and its defaults: `", "` and `": "` between things, everything but
//! printable ASCII as `\uXXXX` (two of them beyond the basic plane), and doubles as Python shows them. Handlers that
//! compare settings files, or search in them, depend on it (contract 4.1).

use std::fmt::Write as _;

use super::{Node, Number, Value};

impl Node {
    /// The value as one line in the agent's format.
    pub fn to_agent_json(&self) -> String {
        let mut out = String::new();
        write_node(&mut out, self);
        out
    }
}

fn write_node(out: &mut String, node: &Node) {
    match node.value() {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_node(out, item);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (index, (key, item)) in object.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_string(out, key);
                out.push_str(": ");
                write_node(out, item);
            }
            out.push('}');
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

fn write_number(out: &mut String, number: &Number) {
    let text = number.as_str();
    if number.is_integer() {
        out.push_str(if text == "-0" { "0" } else { text });
    } else if let Ok(value) = text.parse::<f64>() {
        write_double(out, value);
    } else {
        out.push_str(text);
    }
}

/// A double as Python shows it: the fewest digits that give it back, an exponent below -4 and from 16 on.
fn write_double(out: &mut String, value: f64) {
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        out.push_str(&plain);
        if !plain.contains('.') {
            out.push_str(".0");
        }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
}
