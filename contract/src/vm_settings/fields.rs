//! Single fields of a goal state in the vmSettings form, with keys looked up without regard to case.

use super::RequestedState;
use crate::{
    SequenceNumber, codes,
    json::{JsonPath, Node, Object},
    notes::Notes,
};

/// Every method notes a refusal for what is wrong and gives a harmless value, which is never seen then.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) notes: Notes<'a>,
}

impl Reader<'_> {
    pub(super) fn refuse(&mut self, path: &JsonPath, what: String, hint: &str) {
        self.notes.refuse(codes::VM_SETTINGS_SCHEMA, path, what, hint);
    }

    pub(super) fn state(&mut self, object: &Object, key: &str, at: &JsonPath) -> Option<RequestedState> {
        self.parsed(object, key, at, |word| {
            RequestedState::parse(word).ok_or_else(|| {
                let what = format!("`{}` is no state", crate::escape_bounded(word, 80));
                (what, "write `enabled`, `disabled` or `uninstall` in lower case")
            })
        })
    }

    /// A sequence number, written as an integer or as a string with blanks at most around it (contract 4.3).
    pub(super) fn number(&mut self, object: &Object, key: &str, at: &JsonPath) -> Option<SequenceNumber> {
        let text = object.get_ignore_case(key).and_then(scalar_text).unwrap_or_default();
        match SequenceNumber::parse(text.trim()) {
            Ok(number) => Some(number),
            Err(e) => {
                self.notes
                    .refuse(codes::SETTINGS_SEQ, &at.key(key), e.to_string(), e.hint());
                None
            }
        }
    }

    /// A string that has to be there and to be something.
    pub(super) fn parsed<T>(
        &mut self,
        object: &Object,
        key: &str,
        at: &JsonPath,
        parse: impl FnOnce(&str) -> Result<T, (String, &'static str)>,
    ) -> Option<T> {
        let Some(text) = self.text(object, key, at) else {
            if object.get_ignore_case(key).is_none_or(Node::is_null) {
                self.refuse(&at.key(key), format!("there is no `{key}`"), "write a string");
            }
            return None;
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err((what, hint)) => {
                self.refuse(&at.key(key), what, hint);
                None
            }
        }
    }

    /// A string that may be missing.
    pub(super) fn text(&mut self, object: &Object, key: &str, at: &JsonPath) -> Option<String> {
        let node = object.get_ignore_case(key).filter(|node| !node.is_null())?;
        if node.as_str().is_none() {
            self.refuse(&at.key(key), format!("`{key}` is {}", node.kind()), "write a string");
        }
        node.as_str().map(str::to_owned)
    }

    /// A boolean; false when it is missing.
    pub(super) fn flag(&mut self, object: &Object, key: &str, at: &JsonPath) -> bool {
        let Some(node) = object.get_ignore_case(key).filter(|node| !node.is_null()) else {
            return false;
        };
        if node.as_bool().is_none() {
            self.refuse(
                &at.key(key),
                format!("`{key}` is {}", node.kind()),
                "write true or false",
            );
        }
        node.as_bool().unwrap_or(false)
    }

    /// An array that may be missing.
    pub(super) fn array<'n>(&mut self, object: &'n Object, key: &str, at: &JsonPath) -> &'n [Node] {
        let Some(node) = object.get_ignore_case(key).filter(|node| !node.is_null()) else {
            return &[];
        };
        if node.as_array().is_none() {
            self.refuse(&at.key(key), format!("`{key}` is {}", node.kind()), "write an array");
        }
        node.as_array().unwrap_or_default()
    }

    /// The objects of an array that may be missing.
    pub(super) fn objects<'n>(&mut self, object: &'n Object, key: &str, at: &JsonPath) -> Vec<(&'n Object, JsonPath)> {
        let path = at.key(key);
        let mut objects = Vec::new();
        for (index, node) in self.array(object, key, at).iter().enumerate() {
            let path = path.index(index);
            match node.as_object() {
                Some(object) => objects.push((object, path)),
                None => self.refuse(&path, format!("it is {}", node.kind()), "write an object"),
            }
        }
        objects
    }
}

/// A number as it was written, or a string.
pub(super) fn scalar_text(node: &Node) -> Option<String> {
    node.as_number()
        .map(|number| number.as_str().to_owned())
        .or_else(|| node.as_str().map(str::to_owned))
}
