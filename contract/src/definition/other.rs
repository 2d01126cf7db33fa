//! Elements that are kept and handed on without being understood.

use crate::xml::{
    Element,
    write::{Writer, is_character, is_name},
};

/// An element that nothing here reads: one of the later pipelines, or one that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherElement {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Self>,
}

impl OtherElement {
    /// An element with text only. `None` when `name` cannot be written as a name.
    pub fn text_element(name: &str, text: &str) -> Option<Self> {
        is_name(name).then(|| Self {
            name: name.to_owned(),
            attributes: Vec::new(),
            text: text.trim().chars().filter(|c| is_character(*c)).collect(),
            children: Vec::new(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its own text, without blanks around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Keeps `element` without its namespaces. `None` when a name in it could not be written again.
    pub(super) fn keep(element: &Element) -> Option<Self> {
        let attributes = element.attributes().iter();
        let attributes = attributes.filter(|(key, _)| is_name(key) && key != "xmlns").cloned();
        let children: Option<Vec<Self>> = element.elements().iter().map(Self::keep).collect();
        (is_name(&element.name) && element.text().chars().all(is_character)).then_some(())?;
        Some(Self {
            name: element.name.clone(),
            attributes: attributes.collect(),
            text: element.text().to_owned(),
            children: children?,
        })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        if self.attributes.is_empty() && self.children.is_empty() {
            writer.text(&self.name, &self.text);
            return;
        }
        writer.start(&self.name, &self.attributes);
        writer.characters(&self.text);
        self.children.iter().for_each(|child| child.write(writer));
        writer.end(&self.name);
    }
}
