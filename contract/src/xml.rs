//! XML documents as trees: read event by event, without a document type, with no entities but the five of XML, and
//! within bounds on bytes, depth and number of elements.

mod element;
pub(crate) mod write;

use std::ops::Range;

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::{Code, Finding, Place, Refused, Source, escape_bounded, json::position};

pub(crate) use element::Element;

/// Most elements inside each other.
const MAX_DEPTH: usize = 32;
/// Most elements and attributes of a document, unless its kind says otherwise.
pub(crate) const MAX_PARTS: usize = 50_000;
/// Most attributes of one element; each is compared with the others.
const MAX_ATTRIBUTES: usize = 64;

/// What counts as blank in XML.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// What a kind of document is read by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct XmlRules {
    /// Most bytes.
    pub(crate) max_bytes: usize,
    /// Most elements and attributes.
    pub(crate) max_parts: usize,
    /// Name of the outermost element.
    pub(crate) root: &'static str,
    /// Code of what is not XML, or has a document type.
    pub(crate) xml: Code,
    /// Code of what is out of bounds.
    pub(crate) size: Code,
    /// Code of another outermost element.
    pub(crate) schema: Code,
    /// What would be right.
    pub(crate) hint: &'static str,
}

/// Reads the document in `source`.
///
/// # Errors
/// What is out of bounds, not UTF-8 or not well-formed, a DOCTYPE, and another outermost element than that of `rules`.
pub(crate) fn read(source: Source<'_>, rules: &XmlRules) -> Result<Element, Refused> {
    let refuse = |code: Code, place: Place, what: String, hint: &str| {
        Refused::new(Finding::refusal(code, source.file, place, what, hint))
    };
    if source.bytes.len() > rules.max_bytes {
        let what = format!("it has {} bytes", source.bytes.len());
        let hint = format!("at most {} bytes are read", rules.max_bytes);
        return Err(refuse(rules.size, Place::Whole, what, &hint));
    }
    let text = std::str::from_utf8(source.bytes).map_err(|e| {
        let what = format!("the bytes at offset {} are not UTF-8", e.valid_up_to());
        refuse(rules.xml, Place::Whole, what, "save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut tree = Tree {
        rules,
        open: Vec::new(),
        root: None,
        parts: 0,
        event: 0..0,
    };
    loop {
        let before = offset_of(reader.buffer_position());
        let event = reader.read_event();
        let offset = offset_of(match &event {
            Ok(_) => reader.buffer_position(),
            Err(_) => reader.error_position(),
        });
        tree.event = before..offset;
        let here = || position(text, offset).into();
        let step = match event {
            Ok(Event::Eof) => break,
            Ok(event) => tree.take(event),
            Err(e) => Err((rules.xml, format!("not XML: {e}"))),
        };
        step.map_err(|(code, what)| refuse(code, here(), what, rules.hint))?;
    }
    match (tree.open.last(), tree.root) {
        (Some(open), _) => Err(format!("`{}` is not closed", open.name)),
        (None, None) => Err("there is no element".to_owned()),
        (None, Some(root)) => Ok(root),
    }
    .map_err(|what| refuse(rules.xml, Place::Whole, what, rules.hint))
}

fn offset_of(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// What stands directly behind the value of an attribute: the reader takes it for the next one, and XML does not.
fn glued(attributes: &str) -> Option<&str> {
    let mut quote = None;
    for (offset, c) in attributes.char_indices() {
        match quote {
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if c == open => {
                quote = None;
                let rest = &attributes[offset + 1..];
                if rest.starts_with(|next: char| !BLANKS.contains(&next)) {
                    return Some(rest);
                }
            }
            _ => {}
        }
    }
    None
}

/// The name of the outermost element, if `bytes` look like XML. Nothing of the document is checked.
pub(crate) fn root_name(bytes: &[u8]) -> Option<String> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Whatever is wrong behind it: a document that cannot be read is some XML document all the same.
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start_matches(BLANKS);
    if !text.starts_with('<') {
        return None;
    }
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) => return Some(start.local_name().into_inner().to_owned()),
            Ok(Event::Eof) | Err(_) => return Some(String::new()),
            Ok(_) => {}
        }
    }
}

/// Nothing, or why the document is refused.
type Step = Result<(), (Code, String)>;

/// What has been read so far.
struct Tree<'r> {
    rules: &'r XmlRules,
    /// The elements that are open, outermost first.
    open: Vec<Element>,
    root: Option<Element>,
    parts: usize,
    /// Where what is being taken stands.
    event: Range<usize>,
}

impl Tree<'_> {
    fn take(&mut self, event: Event<'_>) -> Step {
        match event {
            Event::Start(start) => self.open(&start),
            Event::Empty(start) => {
                self.open(&start)?;
                self.close();
                Ok(())
            }
            Event::End(_) => {
                self.close();
                Ok(())
            }
            Event::Text(text) => self.content(&text.xml10_content()),
            Event::CData(text) => self.content(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::DocType(_) => Err((self.rules.xml, "there is a DOCTYPE".to_owned())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Step {
        let name = start.local_name().into_inner();
        if self.open.is_empty() && (self.root.is_some() || name != self.rules.root) {
            let what = format!("the outermost element is `{name}`, or there is a second one");
            return Err((self.rules.schema, what));
        }
        if self.open.len() >= MAX_DEPTH {
            let what = format!("more than {MAX_DEPTH} elements lie inside each other");
            return Err((self.rules.size, what));
        }
        let element = Element {
            name: name.to_owned(),
            prefix: start.name().prefix().map(|prefix| prefix.as_ref().to_owned()),
            attributes: self.attributes(start)?,
            span: self.event.clone(),
            ..Element::default()
        };
        self.parts += 1 + element.attributes.len();
        if self.parts > self.rules.max_parts {
            let what = format!("there are more than {} elements and attributes", self.rules.max_parts);
            return Err((self.rules.size, what));
        }
        self.open.push(element);
        Ok(())
    }

    fn attributes(&self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, (Code, String)> {
        let mut attributes: Vec<(String, String)> = Vec::new();
        let wrong = |what: String| (self.rules.xml, format!("an attribute: {what}"));
        if let Some(glued) = glued(start.attributes_raw()) {
            return Err(wrong(format!(
                "there is no blank before `{}`",
                escape_bounded(glued, 40)
            )));
        }
        // The reader's own check for repeated attributes takes time by the square of their number.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|e| wrong(e.to_string()))?;
            let key = attribute.key.as_ref();
            if attributes.len() >= MAX_ATTRIBUTES {
                let what = format!("an element has more than {MAX_ATTRIBUTES} attributes");
                return Err((self.rules.size, what));
            }
            if attributes.iter().any(|(other, _)| other == key) {
                return Err(wrong(format!("`{key}` stands twice")));
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|e| wrong(e.to_string()))?.into_owned();
            attributes.push((key.to_owned(), value));
        }
        Ok(attributes)
    }

    fn close(&mut self) {
        let Some(mut element) = self.open.pop() else { return };
        element.span.end = self.event.end;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn content(&mut self, text: &str) -> Step {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_matches(BLANKS).is_empty() => {}
            None => {
                let what = "there is text outside of the outermost element".to_owned();
                return Err((self.rules.xml, what));
            }
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Step {
        let unknown = || (self.rules.xml, format!("`&{};` is not known", &**reference));
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.content(character.encode_utf8(&mut [0; 4])),
            Ok(None) => {
                let text = resolve_xml_entity(reference).ok_or_else(unknown)?;
                self.content(text)
            }
            Err(_) => Err(unknown()),
        }
    }
}
