//! `ExtensionImages`: all versions of all extensions of a publisher.

use super::read;
use crate::{
    Checked, ExtensionImage, Finding, Refused, Source,
    definition::{Booleans, DefinitionRules, read_image},
    notes::Notes,
    xml::{Element, write::Writer},
};

/// One version in the publisher's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedImage {
    /// The definition, with `PublishedDate` and `ReplicationCompleted` as the server has them.
    pub image: ExtensionImage,
    /// `PackageSha256`: 64 lower-case hexadecimal digits. Ours; other clients pass over it.
    pub package_sha256: Option<String>,
    /// `PackageSize`, in bytes. Ours.
    pub package_size: Option<u64>,
}

impl ListedImage {
    /// The version as it stands in the document.
    pub fn to_row(&self) -> String {
        let mut writer = Writer::fragment();
        self.write(&mut writer);
        writer.into_text()
    }

    fn write(&self, writer: &mut Writer) {
        writer.element("ExtensionImage", |writer| {
            self.image.write(writer);
            writer.optional(SHA256, self.package_sha256.as_deref());
            writer.optional(SIZE, self.package_size.map(|size| size.to_string()).as_deref());
        });
    }
}

/// The publisher's list, in the order of the document: by namespace, type and number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtensionImages {
    /// The versions.
    pub images: Vec<ListedImage>,
}

const ROOT: &str = "ExtensionImages";
const SHA256: &str = "PackageSha256";
const SIZE: &str = "PackageSize";

impl ExtensionImages {
    /// The document.
    pub fn to_xml(&self) -> String {
        Writer::document(ROOT, |writer| {
            self.images.iter().for_each(|listed| listed.write(writer))
        })
    }

    /// What stands before and after the versions in the document: who has many writes them one after the other, each as
    /// [`ListedImage::to_row`] gives it.
    pub fn around() -> (String, String) {
        Writer::around(ROOT)
    }

    /// Reads the document. A row that is no definition is left out with its findings as warnings: one odd row shall
    /// not hide the others.
    ///
    /// # Errors
    /// What is not XML, or not a list.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let root = read(source, ROOT)?;
        let rules = DefinitionRules {
            booleans: Booleans::AnyCase,
        };
        let mut notes = Notes::new(source.file, Vec::new());
        let mut images = Vec::new();
        for row in root.children("ExtensionImage") {
            match read_image(source, row, &[&root], rules) {
                Ok(Checked { value, .. }) => images.push(listed(value, row)),
                Err(refused) => {
                    let first = refused.first();
                    let what = format!("{}, so this row is left out", first.what());
                    let place = row.place(source);
                    notes.take(Finding::warning(first.code(), source.file, place, what, first.hint()));
                }
            }
        }
        Ok(Checked {
            value: Self { images },
            warnings: notes.into_findings(),
        })
    }
}

fn listed(mut image: ExtensionImage, row: &Element) -> ListedImage {
    image
        .others
        .retain(|other| other.name() != SHA256 && other.name() != SIZE);
    ListedImage {
        image,
        package_sha256: super::text(row, SHA256),
        package_size: super::text(row, SIZE).and_then(|size| size.parse().ok()),
    }
}
