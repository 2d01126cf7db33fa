//! From bytes to a tree of nodes.
//!
//! `serde_json` checks the syntax of the whole text once and lends out each value as a slice of it; a slice's
//! address tells where the value lies. Nesting is bounded by a scan before that, so going down the tree is safe.

use std::{borrow::Cow, collections::HashMap};

use serde_json::value::RawValue;

use super::{
    ByteOrderMark, JsonPath, JsonRules, Node, Number, Object, Position, Value,
    members::Members,
    position,
    scan::{self, Excess, MAX_VALUES},
};
use crate::{Finding, Place, Refused, Severity, Source};

/// Most repeated keys that are named one by one.
const MAX_DUPLICATES: usize = 16;

/// A document that was read.
#[derive(Debug, Clone)]
pub struct Read {
    /// The tree.
    pub root: Node,
    /// What was odd and is not a reason to refuse.
    pub warnings: Vec<Finding>,
}

impl Read {
    /// Reads one JSON document under `rules`.
    ///
    /// # Errors
    /// Too many bytes or values, bytes that are not UTF-8, a byte order mark where none may be, too deep nesting, a syntax error
    /// (with line and column), a number outside the range of a double, and a repeated key where that is refused.
    pub fn document(source: Source<'_>, rules: &JsonRules) -> Result<Self, Refused> {
        let mut warnings = Vec::new();
        let text = text_of(source, rules, &mut warnings)?;
        if let Some(excess) = scan::excess(text, rules.max_depth) {
            return Err(too_much(source.file, text, rules, excess).into());
        }
        let mut reader = Reader {
            text,
            rules,
            repeated: Vec::new(),
            trail: Vec::new(),
        };
        let root = serde_json::from_str::<&RawValue>(text)
            .map_err(|e| reader.syntax(text, &e))
            .and_then(|raw| reader.node(raw))
            .map_err(|e| {
                let hint = "write JSON as RFC 8259 has it: UTF-8, double quotes, no comments, no trailing commas";
                Finding::refusal(rules.json, source.file, e.position.into(), e.what, hint)
            })?;
        warnings.extend(
            reader
                .repeated
                .into_iter()
                .map(|path| repeated_key(source.file, rules, &path)),
        );
        let warnings = Refused::unless_only_warnings(warnings)?;
        Ok(Self { root, warnings })
    }
}

fn too_much(file: &str, text: &str, rules: &JsonRules, excess: Excess) -> Finding {
    let (code, offset, what, hint) = match excess {
        Excess::Depth(offset) => {
            let what = format!(
                "more than {} arrays and objects lie inside each other here",
                rules.max_depth
            );
            (
                rules.depth,
                offset,
                what,
                format!("nest at most {} of them", rules.max_depth),
            )
        }
        Excess::Values(offset) => {
            let what = format!("it has more than {MAX_VALUES} values");
            (rules.size, offset, what, format!("write at most {MAX_VALUES} values"))
        }
    };
    Finding::refusal(code, file, position(text, offset).into(), what, hint)
}

fn repeated_key(file: &str, rules: &JsonRules, path: &JsonPath) -> Finding {
    let hint = "write each key of an object once";
    match rules.duplicates.severity() {
        Severity::Refusal => Finding::refusal(rules.duplicate_key, file, path.place(), "this key stands twice", hint),
        Severity::Warning => {
            let what = "this key stands twice, and the last one counts";
            Finding::warning(rules.duplicate_key, file, path.place(), what, hint)
        }
    }
}

/// The bytes as text without a byte order mark.
fn text_of<'a>(source: Source<'a>, rules: &JsonRules, warnings: &mut Vec<Finding>) -> Result<&'a str, Refused> {
    if source.bytes.len() > rules.max_bytes {
        return Err(Finding::refusal(
            rules.size,
            source.file,
            Place::Whole,
            format!("it has {} bytes", source.bytes.len()),
            format!("at most {} bytes are read", rules.max_bytes),
        )
        .into());
    }
    let hint = "save the file as UTF-8 without a byte order mark";
    let text = std::str::from_utf8(source.bytes).map_err(|e| {
        let (valid, _) = source.bytes.split_at(e.valid_up_to());
        let valid = String::from_utf8_lossy(valid);
        let what = match source.bytes {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it starts with the byte order mark of UTF-16",
            _ => "the bytes here are not UTF-8",
        };
        Finding::refusal(
            rules.encoding,
            source.file,
            position(&valid, valid.len()).into(),
            what,
            hint,
        )
    })?;
    match (text.strip_prefix('\u{feff}'), rules.byte_order_mark) {
        (None, _) => Ok(text),
        (Some(rest), ByteOrderMark::Strip) => {
            let what = "it starts with a byte order mark, which is left out";
            warnings.push(Finding::warning(rules.encoding, source.file, Place::Whole, what, hint));
            Ok(rest)
        }
        (Some(_), ByteOrderMark::Refuse) => {
            let what = "it starts with a byte order mark";
            Err(Finding::refusal(rules.encoding, source.file, Place::Whole, what, hint).into())
        }
    }
}

/// What is not JSON, and where.
struct SyntaxError {
    position: Position,
    what: String,
}

struct Reader<'a> {
    text: &'a str,
    rules: &'a JsonRules,
    repeated: Vec<JsonPath>,
    /// The way down to the value being read, for paths that are rarely needed.
    trail: Vec<Step<'a>>,
}

#[derive(Clone)]
enum Step<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

impl<'a> Reader<'a> {
    fn node(&mut self, raw: &'a RawValue) -> Result<Node, SyntaxError> {
        let slice = raw.get();
        let offset = self.offset(slice);
        let value = match slice.as_bytes().first() {
            Some(b'n') => Value::Null,
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'"') => Value::String(serde_json::from_str(slice).map_err(|e| self.syntax(slice, &e))?),
            Some(b'[') => self.array(slice)?,
            Some(b'{') => self.object(slice)?,
            _ => self.number(slice)?,
        };
        Ok(Node::new(value, offset))
    }

    fn array(&mut self, slice: &'a str) -> Result<Value, SyntaxError> {
        let raws: Vec<&RawValue> = serde_json::from_str(slice).map_err(|e| self.syntax(slice, &e))?;
        let mut items = Vec::with_capacity(raws.len());
        for (index, raw) in raws.into_iter().enumerate() {
            self.trail.push(Step::Index(index));
            items.push(self.node(raw)?);
            self.trail.pop();
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, slice: &'a str) -> Result<Value, SyntaxError> {
        let raws: Members<'_> = serde_json::from_str(slice).map_err(|e| self.syntax(slice, &e))?;
        let mut members: Vec<(String, Node)> = Vec::with_capacity(raws.0.len());
        let mut places: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(raws.0.len());
        for (key, raw) in raws.0 {
            self.trail.push(Step::Key(key.clone()));
            let node = self.node(raw)?;
            match places.get(&key).and_then(|place| members.get_mut(*place)) {
                Some(earlier) => {
                    self.note_repeated();
                    earlier.1 = node;
                }
                None => {
                    places.insert(key.clone(), members.len());
                    members.push((key.into_owned(), node));
                }
            }
            self.trail.pop();
        }
        Ok(Value::Object(Object::from_members(members)))
    }

    fn number(&self, slice: &'a str) -> Result<Value, SyntaxError> {
        let number = Number::from_checked(slice);
        let wrong = |what: &str| SyntaxError {
            position: position(self.text, self.offset(slice)),
            what: format!("the number {} {what}", crate::escape_bounded(slice, 40)),
        };
        let finite = number.is_integer() || slice.parse::<f64>().is_ok_and(f64::is_finite);
        if !finite {
            return Err(wrong("is too large for a double"));
        }
        if self.rules.refuse_negative_zero && slice.parse::<f64>().is_ok_and(|n| n == 0.0 && n.is_sign_negative()) {
            return Err(wrong("is a negative zero"));
        }
        Ok(Value::Number(number))
    }

    fn note_repeated(&mut self) {
        if self.repeated.len() < MAX_DUPLICATES {
            let path = self.trail.iter().fold(JsonPath::root(), |path, step| match step {
                Step::Key(key) => path.key(key),
                Step::Index(index) => path.index(*index),
            });
            self.repeated.push(path);
        }
    }

    /// Where `slice`, which is a part of the text, starts in it.
    fn offset(&self, slice: &str) -> usize {
        (slice.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// An error of `serde_json` about `slice`, placed in the whole text.
    fn syntax(&self, slice: &str, error: &serde_json::Error) -> SyntaxError {
        let lines_before = slice
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum::<usize>();
        let offset = self.offset(slice) + lines_before + error.column().saturating_sub(1);
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message);
        SyntaxError {
            position: position(self.text, offset),
            what: format!("not JSON: {what}"),
        }
    }
}
