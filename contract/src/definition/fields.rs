//! Single elements of a definition, each with what is said when it breaks its rule.

use super::{Booleans, template};
use crate::{
    Code, Finding, Source, codes, escape_bounded,
    notes::Notes,
    xml::{
        Element,
        write::{INSTANCE_NAMESPACE, NAMESPACE, is_character},
    },
};

/// Longest text of an element, in characters (REGISTRATION 8).
pub const MAX_TEXT_CHARACTERS: usize = 4096;

/// What elements are read with; every method notes what is wrong and goes on.
pub(super) struct Fields<'a> {
    pub(super) source: Source<'a>,
    pub(super) booleans: Booleans,
    pub(super) notes: Notes<'a>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(source: Source<'a>, booleans: Booleans) -> Self {
        Self {
            source,
            booleans,
            notes: Notes::new(source.file, Vec::new()),
        }
    }

    pub(super) fn refuse(&mut self, code: Code, at: &Element, what: impl AsRef<str>, hint: impl AsRef<str>) {
        let what = format!("`{}`: {}", at.name, what.as_ref());
        let finding = Finding::refusal(code, self.source.file, at.place(self.source), what, hint);
        self.notes.take(finding);
    }

    pub(super) fn warn(&mut self, code: Code, at: &Element, what: impl AsRef<str>, hint: impl AsRef<str>) {
        let what = format!("`{}`: {}", at.name, what.as_ref());
        let finding = Finding::warning(code, self.source.file, at.place(self.source), what, hint);
        self.notes.take(finding);
    }

    fn wrong(&mut self, at: &Element, what: impl AsRef<str>, hint: impl AsRef<str>) {
        self.refuse(codes::DEFINITION_VALUE, at, what, hint);
    }

    /// The element `name` of `parent`, unless it is absent or marked as not set. One that stands twice is refused.
    pub(super) fn child<'e>(&mut self, parent: &'e Element, name: &str) -> Option<&'e Element> {
        let mut found = parent
            .children(name)
            .filter(|child| belongs(child, parent) && !is_nil(child, parent));
        let first = found.next()?;
        if let Some(second) = found.next() {
            let what = "it stands twice";
            self.refuse(codes::DEFINITION_SCHEMA, second, what, "take out all but one");
        }
        Some(first)
    }

    /// The text of an element that holds nothing else, without blanks around it.
    pub(super) fn text_of<'e>(&mut self, element: &'e Element) -> &'e str {
        let text = element.text();
        if let Some(inner) = element.elements().first() {
            let what = format!("there is an element `{}` in it", escape_bounded(&inner.name, 80));
            self.refuse(codes::DEFINITION_SCHEMA, element, what, "write text only");
        }
        if text.chars().any(|c| !is_character(c)) {
            self.wrong(element, "it holds a control character", "take it out");
        }
        if let Some(mark) = template::mark(text) {
            let what = format!("`{}` is of a template that was not filled in", escape_bounded(mark, 80));
            self.refuse(codes::DEFINITION_TEMPLATE, element, what, "fill it in");
        }
        text
    }

    /// A text that people read, or that is handed on.
    pub(super) fn text(&mut self, parent: &Element, name: &str) -> Option<String> {
        let element = self.child(parent, name)?;
        let text = self.text_of(element);
        let length = text.chars().count();
        if length > MAX_TEXT_CHARACTERS {
            let what = format!("it has {length} characters");
            self.wrong(element, what, format!("write at most {MAX_TEXT_CHARACTERS}"));
        }
        Some(text.to_owned())
    }

    /// Base64, without the blanks and line ends in it. What is not base64 is kept too: such files are used.
    pub(super) fn base64(&mut self, parent: &Element, name: &str) -> Option<String> {
        let element = self.child(parent, name)?;
        let text = self.text_of(element);
        Some(text.split_ascii_whitespace().collect())
    }

    /// A text that has to be there, and what is made of it; `None` when it is missing or wrong.
    pub(super) fn needed<T>(
        &mut self,
        parent: &Element,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, (String, &'static str)>,
    ) -> Option<T> {
        let Some(element) = self.child(parent, name) else {
            let what = format!("there is no `{name}` in it");
            self.refuse(codes::DEFINITION_FIELD, parent, what, "write the element");
            return None;
        };
        self.parsed(element, parse)
    }

    /// What is made of a text.
    pub(super) fn parsed<T>(
        &mut self,
        element: &Element,
        parse: impl FnOnce(&str) -> Result<T, (String, &'static str)>,
    ) -> Option<T> {
        let text = self.text_of(element);
        match parse(text) {
            Ok(value) => Some(value),
            Err(_) if template::mark(text).is_some() => None,
            Err((what, hint)) => {
                self.wrong(element, what, hint);
                None
            }
        }
    }

    /// One of a list of words.
    pub(super) fn word<T>(
        &mut self,
        parent: &Element,
        name: &str,
        parse: fn(&str) -> Option<T>,
        hint: &'static str,
    ) -> Option<T> {
        let element = self.child(parent, name)?;
        if element.text().is_empty() {
            return None;
        }
        self.parsed(element, |word| {
            parse(word).ok_or_else(|| (format!("`{}` is none of its words", escape_bounded(word, 80)), hint))
        })
    }

    /// `true` or `false`, and exactly that unless the rules are lenient.
    pub(super) fn flag(&mut self, parent: &Element, name: &str) -> Option<bool> {
        let element = self.child(parent, name)?;
        let hint = "write `true` or `false` in lower case, without blanks";
        let exact = match element.whole_text() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if exact.is_some() && element.elements().is_empty() {
            return exact;
        }
        let text = self.text_of(element);
        let meant = match &*text.to_ascii_lowercase() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        };
        if template::mark(text).is_some() {
            return None;
        }
        let what = format!("`{}` is no boolean", escape_bounded(element.whole_text(), 80));
        match (self.booleans, meant) {
            (Booleans::AnyCase, Some(meant)) => {
                self.warn(codes::DEFINITION_VALUE, element, what, hint);
                Some(meant)
            }
            _ => {
                self.wrong(element, what, hint);
                None
            }
        }
    }

    /// The elements `item` of the list `name`; an empty list is the same as none.
    pub(super) fn list<'e>(&mut self, parent: &'e Element, name: &str, item: &str) -> Vec<&'e Element> {
        let Some(list) = self.child(parent, name) else {
            return Vec::new();
        };
        for other in list.elements().iter().filter(|element| element.name != item) {
            let hint = format!("only `{item}` is read there");
            self.warn(
                codes::DEFINITION_UNKNOWN,
                other,
                "it is not known here, and left out",
                hint,
            );
        }
        list.children(item).collect()
    }
}

/// Whether an element is of the namespace of definitions.
pub(super) fn belongs(child: &Element, parent: &Element) -> bool {
    child
        .namespace(&[parent])
        .is_none_or(|namespace| namespace == NAMESPACE)
}

/// Whether an element says of itself that it is not set, as data contract writers do.
fn is_nil(child: &Element, parent: &Element) -> bool {
    let declared = |prefix: &str| {
        let declaration = format!("xmlns:{prefix}");
        let places = [child, parent];
        let found = places.iter().find_map(|element| element.attribute(&declaration));
        found.is_none_or(|namespace| namespace == INSTANCE_NAMESPACE)
    };
    child.attributes().iter().any(|(key, value)| {
        let prefix = key.strip_suffix(":nil");
        prefix.is_some_and(declared) && value == "true"
    })
}
