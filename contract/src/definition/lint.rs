//! What is worth saying about a definition that is accepted all the same: what the old service or the old scripts
//! would have made of it, and what its readers will miss.

use super::{DefinitionRules, ELEMENTS, ExtensionImage, fields::belongs, file::file_image};
use crate::{Checked, Finding, HandlerName, Place, Source, codes, xml::Element};

/// Everything in the definition file `source` that deserves a remark, its own findings included; refusals among them
/// when it is refused.
pub fn lint(source: Source<'_>) -> Vec<Finding> {
    let (file, Checked { value, warnings }) = match file_image(source, DefinitionRules::default()) {
        Ok(read) => read,
        Err(refused) => return refused.findings().to_vec(),
    };
    let mut remarks = warnings;
    let mut remark = |place: Place, what: String, hint: &str| {
        remarks.push(Finding::warning(codes::DEFINITION_LINT, source.file, place, what, hint));
    };
    if let Some((element, before)) = out_of_order(file.image()) {
        let what = format!(
            "`{}` stands behind `{before}`; a reader that goes by order takes one of them as absent",
            element.name
        );
        remark(
            element.place(source),
            what,
            "write the elements in the order of the documentation",
        );
    }
    for (place, what, hint) in of_image(&value) {
        remark(place, what, hint);
    }
    for lacking in value.check_new(source.file) {
        // A change of a known version needs none of it, and pipelines fill the rest in.
        remark(lacking.place().clone(), lacking.what().to_owned(), lacking.hint());
    }
    if needs_line_ends(source) {
        let what = "without its line ends it is not well-formed, and the old scripts send it without them".to_owned();
        remark(Place::Whole, what, "put a blank between the attributes of an element");
    }
    remarks
}

/// The first element that stands behind one that should follow it, with the name of that one.
fn out_of_order(image: &Element) -> Option<(&Element, &'static str)> {
    let mut last = 0;
    for element in image.elements().iter().filter(|element| belongs(element, image)) {
        let Some(rank) = ELEMENTS.iter().position(|name| *name == element.name) else {
            continue;
        };
        if rank < last {
            return Some((element, ELEMENTS[last]));
        }
        last = rank;
    }
    None
}

/// Whether `source` is read only with its line ends in it.
fn needs_line_ends(source: Source<'_>) -> bool {
    let squeezed: Vec<u8> = source
        .bytes
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'\r' | b'\n' | 0))
        .collect();
    let squeezed = Source::new(source.file, &squeezed);
    file_image(squeezed, DefinitionRules::default()).is_err()
}

fn of_image(image: &ExtensionImage) -> Vec<(Place, String, &'static str)> {
    let mut remarks = Vec::new();
    let mut remark = |name: &str, what: String, hint: &'static str| {
        let place = Place::Xml(format!("{}/{name}", super::ROOT));
        remarks.push((place, what, hint));
    };
    if image.version.as_str().split('.').count() < 4 {
        let what = format!("`Version` {} has fewer than four numbers", image.version);
        remark("Version", what, "write four; those that are missing count as 0");
    }
    if HandlerName::parse(&image.handler_name()).is_err() {
        let what = format!("hosts cannot have a handler named `{}`", image.handler_name());
        remark(
            "Type",
            what,
            "keep namespace and type shorter than 128 characters together",
        );
    }
    if image.is_internal_extension.is_none() {
        let what = "`IsInternalExtension` is missing, so a new version is public at once".to_owned();
        remark(
            "IsInternalExtension",
            what,
            "write `true`, and promote the version when it has been tried",
        );
    }
    if image.supported_os.is_none() {
        remark("SupportedOS", "`SupportedOS` is missing".to_owned(), "write `Linux`");
    }
    if image.is_json_extension.is_none() {
        let what = "`IsJsonExtension` is missing".to_owned();
        remark(
            "IsJsonExtension",
            what,
            "write `true`: handlers for Linux have settings in JSON",
        );
    }
    let links = [
        ("Eula", &image.eula),
        ("PrivacyUri", &image.privacy_uri),
        ("HomepageUri", &image.homepage_uri),
    ];
    for (name, text) in links {
        let link = text
            .as_deref()
            .is_some_and(|text| super::MediaLink::parse(text).is_ok());
        if !link {
            remark(name, format!("`{name}` is no link"), "write the URL of a page");
        }
    }
    let encoded = [
        ("PublicConfigurationSchema", &image.public_configuration_schema),
        ("PrivateConfigurationSchema", &image.private_configuration_schema),
        ("SampleConfig", &image.sample_config),
    ];
    for (name, text) in encoded {
        if !text.as_deref().is_none_or(is_base64) {
            remark(name, format!("`{name}` is not base64"), "encode the document as base64");
        }
    }
    if let Some(date) = image.published_date.as_deref().filter(|date| !date.is_empty()) {
        let format = &time::format_description::well_known::Rfc3339;
        if time::OffsetDateTime::parse(date, format).is_err() {
            let what = "`PublishedDate` is not a date of the form 2026-01-31T12:00:00Z".to_owned();
            remark("PublishedDate", what, "leave it out: the repository knows when it came");
        }
    }
    remarks
}

/// Whether a text without blanks is base64, with its padding.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    text.len().is_multiple_of(4)
        && padding <= 2
        && digits
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}
