//! Values of single keys, and what is said of those that are none.

use std::borrow::Cow;

use hostler_contract::manifest::Precision;
use hostler_contract::{VersionRange, codes, escape_bounded, nearest};
use toml::Spanned;
use toml::de::DeValue;

use super::read::{Reader, Value};
use crate::limits::{Unit, parse_amount};

/// Keys of a rule that are kept for later, and what for.
const RESERVED: [(&str, &str); 3] = [
    ("downgrade", "refusing lower versions is reserved for a later version"),
    ("http", "outbound HTTP is reserved for a later version"),
    ("commands", "commands of the host are reserved for a later version"),
];

impl Reader<'_> {
    pub(super) fn name(&mut self, value: &Value<'_>) -> Option<String> {
        let name = self.string(value)?;
        let is_plain = !name.is_empty() && name.len() <= 80 && !name.chars().any(char::is_control);
        if !is_plain {
            let hint = "write at most 80 visible characters";
            self.refuse(codes::POLICY_VALUE, &value.span(), "it is not a name for a rule", hint);
        }
        is_plain.then(|| name.to_owned())
    }

    pub(super) fn version(&mut self, value: &Value<'_>) -> Option<VersionRange> {
        match VersionRange::parse(self.string(value)?) {
            Ok(range) => Some(range),
            Err(error) => {
                self.refuse(codes::POLICY_VALUE, &value.span(), error.what(), error.hint());
                None
            }
        }
    }

    pub(super) fn precision(&mut self, value: &Value<'_>) -> Precision {
        let said = value.get_ref().as_str().and_then(Precision::from_name);
        if said.is_none() {
            self.refuse(
                codes::POLICY_VALUE,
                &value.span(),
                "it is no precision",
                "write \"coarse\" or \"full\"",
            );
        }
        said.unwrap_or(Precision::Coarse)
    }

    pub(super) fn flag(&mut self, value: &Value<'_>) -> Option<bool> {
        let said = value.get_ref().as_bool();
        if said.is_none() {
            self.wrong_type(value, "a boolean", "write true or false, without quotes");
        }
        said
    }

    /// An integer, or a text with a unit.
    pub(super) fn amount(&mut self, value: &Value<'_>, unit: Unit) -> Option<u64> {
        let amount = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            DeValue::String(text) => parse_amount(text, unit).ok(),
            _ => None,
        };
        if amount.is_none() {
            let hint = "write a whole number from 0 on, or a text with a unit, as in \"64MiB\" or \"10s\"";
            self.refuse(codes::POLICY_VALUE, &value.span(), "it is not an amount", hint);
        }
        amount
    }

    pub(super) fn string<'v>(&mut self, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(value, "a string", "write it in quotes");
        }
        text
    }

    /// The elements of an array of at most `most`.
    pub(super) fn items<'v, 'i>(&mut self, value: &'v Value<'i>, most: usize) -> Vec<&'v Value<'i>> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, "an array", "write it in brackets");
            return vec![];
        };
        if array.len() > most {
            let what = format!("it has {} elements, and at most {most} can be", array.len());
            self.refuse(
                codes::POLICY_VALUE,
                &value.span(),
                what,
                "write fewer, or a folder that contains them",
            );
            return vec![];
        }
        array.iter().collect()
    }

    /// `value` is not `wanted`, a noun with its article.
    pub(super) fn wrong_type(&mut self, value: &Value<'_>, wanted: &str, hint: &str) {
        let what = format!(
            "this has to be {wanted}, and it is of type {}",
            value.get_ref().type_str()
        );
        self.refuse(codes::POLICY_TYPE, &value.span(), what, hint);
    }

    pub(super) fn unknown(&mut self, key: &Spanned<Cow<'_, str>>, known: &[&'static str]) {
        let name = key.get_ref();
        if let Some((_, why)) = RESERVED.iter().find(|(reserved, _)| reserved == name) {
            let what = format!("`{name}` cannot be used: {why}");
            return self.refuse(codes::POLICY_RESERVED, &key.span(), what, "leave it out");
        }
        let what = format!("there is no key `{}` here", escape_bounded(name, 80));
        let hint = match nearest(name, known.iter().copied()) {
            Some(known) => format!("leave it out, or write `{known}` if that was meant"),
            None => format!("leave it out; there are {}", known.join(", ")),
        };
        self.refuse(codes::POLICY_UNKNOWN_KEY, &key.span(), what, hint);
    }
}
