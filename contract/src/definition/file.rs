//! A definition file as it lies on a publisher's disk: bare, or in the wrapper of later pipelines.

use super::{DefinitionRules, ExtensionImage, HINT, MediaLink, ROOT, read_image, read_xml, refuse};
use crate::{
    Checked, Refused, Source, codes,
    xml::{self, Element, write::Writer},
};

/// What later pipelines put around a definition.
const WRAPPER: &str = "ExtensionInfo";

/// A definition file as a publisher keeps it: the definition, or the later wrapper with one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionFile {
    /// The definition.
    pub image: ExtensionImage,
    /// The text to send: the definition as it stands in the file, byte for byte. Only one that would not be complete
    /// without the wrapper around it is written anew.
    pub body: String,
}

impl DefinitionFile {
    /// Reads a definition file.
    ///
    /// # Errors
    /// As [`ExtensionImage::parse`], and a wrapper without a definition in it.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let (file, Checked { value, warnings }) = file_image(source, DefinitionRules::default())?;
        let body = match &file {
            FileElement::Bare(_) => String::from_utf8_lossy(source.bytes).into_owned(),
            FileElement::Wrapped(..) => {
                let inner = file.image().source_text(source);
                // It may lean on namespaces of the wrapper.
                let whole = ExtensionImage::parse(Source::new(source.file, inner.as_bytes()));
                match whole {
                    Ok(alone) if alone.value == value => inner.to_owned(),
                    _ => value.to_xml(),
                }
            }
        };
        Ok(Checked {
            value: Self { image: value, body },
            warnings,
        })
    }

    /// The text to send with another `MediaLink`: in the place of the one that stands there, all else byte for byte.
    /// Where the file has no such element the definition is written anew.
    pub fn with_media_link(&self, link: &MediaLink) -> String {
        let source = Source::new("definition", self.body.as_bytes());
        let found = read_xml(source, ROOT).ok().and_then(|root| {
            let range = root.child("MediaLink")?.range();
            // A byte order mark is not counted.
            let mark = self.body.len() - self.body.trim_start_matches('\u{feff}').len();
            Some(range.start + mark..range.end + mark)
        });
        match found.and_then(|range| Some((self.body.get(..range.start)?, self.body.get(range.end..)?))) {
            Some((before, after)) => {
                let mut element = Writer::fragment();
                element.text("MediaLink", link.as_str());
                format!("{before}{}{after}", element.into_text())
            }
            None => ExtensionImage {
                media_link: Some(link.clone()),
                ..self.image.clone()
            }
            .to_xml(),
        }
    }
}

/// The outermost element of a definition file.
pub(super) enum FileElement {
    /// The definition.
    Bare(Element),
    /// The wrapper; the number is that of the definition among its elements.
    Wrapped(Element, usize),
}

impl FileElement {
    pub(super) fn image(&self) -> &Element {
        match self {
            Self::Bare(element) => element,
            Self::Wrapped(wrapper, index) => &wrapper.elements()[*index],
        }
    }
}

pub(super) fn file_image(
    source: Source<'_>,
    rules: DefinitionRules,
) -> Result<(FileElement, Checked<ExtensionImage>), Refused> {
    if xml::root_name(source.bytes).as_deref() != Some(WRAPPER) {
        let root = read_xml(source, ROOT)?;
        let image = read_image(source, &root, &[], rules)?;
        return Ok((FileElement::Bare(root), image));
    }
    let wrapper = read_xml(source, WRAPPER)?;
    let images: Vec<usize> = (0..wrapper.elements().len())
        .filter(|index| wrapper.elements()[*index].name == ROOT)
        .collect();
    let [index] = images[..] else {
        let what = format!("there are {} definitions in `{WRAPPER}`", images.len());
        let place = wrapper.place(source);
        return Err(refuse(source, codes::DEFINITION_SCHEMA, place, what, HINT));
    };
    let image = read_image(source, &wrapper.elements()[index], &[&wrapper], rules)?;
    Ok((FileElement::Wrapped(wrapper, index), image))
}
