//! An element of a document that was read.

use std::ops::Range;

use crate::{Place, Source, json::position};

/// An element, with all that is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Its name, without a prefix.
    pub(crate) name: String,
    pub(super) prefix: Option<String>,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Self>,
    pub(super) text: String,
    /// Where it begins and ends in the text of the document.
    pub(super) span: Range<usize>,
}

impl Element {
    /// The value of the attribute `name`.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| &**value)
    }

    /// The first element of this name directly in it.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children(name).next()
    }

    /// The elements of this name directly in it.
    pub(crate) fn children(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// All elements directly in it, in their order.
    pub(crate) fn elements(&self) -> &[Self] {
        &self.children
    }

    /// All its attributes, declarations of namespaces among them, by their whole names.
    pub(crate) fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }

    /// Its own text, without that of its elements and without blanks at both ends.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its own text as it stands there.
    pub(crate) fn whole_text(&self) -> &str {
        &self.text
    }

    /// The namespace of its name, as far as it or one of `around` declares it, the innermost first.
    pub(crate) fn namespace<'e>(&'e self, around: &[&'e Self]) -> Option<&'e str> {
        let declaration = match &self.prefix {
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let places = std::iter::once(self).chain(around.iter().copied());
        places
            .filter_map(|element| element.attribute(&declaration))
            .next()
            .filter(|namespace| !namespace.is_empty())
    }

    /// Where it begins, in the document that it was read from.
    pub(crate) fn place(&self, source: Source<'_>) -> Place {
        position(text_of(source.bytes), self.span.start).into()
    }

    /// Where it begins and ends in the text of the document, behind a byte order mark.
    pub(crate) fn range(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The bytes that it was read from.
    pub(crate) fn source_text<'s>(&self, source: Source<'s>) -> &'s str {
        text_of(source.bytes).get(self.span.clone()).unwrap_or_default()
    }
}

/// The text of a document that was read, as offsets in it are counted.
fn text_of(bytes: &[u8]) -> &str {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.strip_prefix('\u{feff}').unwrap_or(text)
}
