//! A JSON value as it stood in its document.

use std::{borrow::Cow, fmt};

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

/// A value, and where its first byte lies in the text it was read from.
#[derive(Debug, Clone)]
pub struct Node {
    value: Value,
    offset: usize,
}

/// What a JSON value can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, with its text.
    Number(Number),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object.
    Object(Object),
}

/// The kind of a value, without the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for Kind {
    /// With its article, as sentences of findings use it: `an array`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// A number, kept as text so that nothing of it is lost: `1.0` stays `1.0`, and integers may have any length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(Box<str>);

impl Number {
    /// `text` must be a JSON number; the reader has checked it.
    pub(super) fn from_checked(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is written without a fraction and an exponent.
    pub fn is_integer(&self) -> bool {
        !self.0.contains(['.', 'e', 'E'])
    }
}

/// The members of an object in the order they were written.
///
/// When a key stands twice the later value takes the place of the earlier one, as in the agent's parser.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    members: Vec<(String, Node)>,
}

impl Object {
    pub(super) fn from_members(members: Vec<(String, Node)>) -> Self {
        Self { members }
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value of the first key that equals `key` but for the case of ASCII letters.
    pub fn get_ignore_case(&self, key: &str) -> Option<&Node> {
        self.members
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, node)| node)
    }

    /// All members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.members.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl Node {
    pub(super) fn new(value: Value, offset: usize) -> Self {
        Self { value, offset }
    }

    /// A value that was made and not read; it lies nowhere.
    pub fn made(value: Value) -> Self {
        Self { value, offset: 0 }
    }

    /// `null`, made.
    pub fn null() -> Self {
        Self::made(Value::Null)
    }

    /// A string, made.
    pub fn string(text: impl Into<String>) -> Self {
        Self::made(Value::String(text.into()))
    }

    /// An integer, made.
    pub fn integer(number: i64) -> Self {
        Self::made(Value::Number(Number::from_checked(&number.to_string())))
    }

    /// The number `1.0`, which is every schema version of the contract.
    pub fn version_one() -> Self {
        Self::made(Value::Number(Number::from_checked("1.0")))
    }

    /// A boolean, made.
    pub fn boolean(value: bool) -> Self {
        Self::made(Value::Bool(value))
    }

    /// An array, made.
    pub fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self::made(Value::Array(items.into_iter().collect()))
    }

    /// An object, made of members whose keys differ.
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::made(Value::Object(Object::from_members(
            members.into_iter().map(|(k, v)| (k.into(), v)).collect(),
        )))
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Byte offset of the value's first byte in its document, after a byte order mark.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The kind of the value.
    pub fn kind(&self) -> Kind {
        match &self.value {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    /// Whether the value is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self.value {
            Some(value)
        } else {
            None
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        if let Value::Number(number) = &self.value {
            Some(number)
        } else {
            None
        }
    }

    /// The number, if it is an integer from 0 to 2^64-1 written without fraction and exponent.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number().filter(|n| n.is_integer())?.as_str().parse().ok()
    }

    /// The number, if it is an integer from -2^63 to 2^63-1 written without fraction and exponent.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().filter(|n| n.is_integer())?.as_str().parse().ok()
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value {
            Some(text)
        } else {
            None
        }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Value::Array(items) = &self.value {
            Some(items)
        } else {
            None
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = &self.value {
            Some(object)
        } else {
            None
        }
    }

    /// The value as findings quote it: strings in backquotes, scalars as they are, the rest by kind. Bounded.
    pub fn quoted(&self) -> Cow<'static, str> {
        match &self.value {
            Value::String(text) => format!("`{}`", crate::escape_bounded(text, 80)).into(),
            Value::Number(number) => crate::escape_bounded(number.as_str(), 40).into(),
            Value::Bool(value) => value.to_string().into(),
            Value::Null | Value::Array(_) | Value::Object(_) => self.kind().to_string().into(),
        }
    }
}

/// Two values are equal when they would be written alike; where they lie does not matter.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Serialize for Node {
    /// With the text of numbers kept, which only serializers of `serde_json` can do.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::String(text) => serializer.serialize_str(text),
            Value::Number(number) => serde_json::value::RawValue::from_string(number.as_str().to_owned())
                .map_err(serde::ser::Error::custom)?
                .serialize(serializer),
            Value::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Value::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.members.len()))?;
                for (key, node) in &object.members {
                    map.serialize_entry(key, node)?;
                }
                map.end()
            }
        }
    }
}
