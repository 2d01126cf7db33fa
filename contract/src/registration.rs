//! What the management API answers with: written as a repository does, read as its clients do.
//!
//! Everything is XML in one namespace, on one line, without a declaration. What is absent is `None` and not written; an
//! empty text is written as an element that closes itself. Readers take elements in any order and pass over those that
//! they do not know, as the clients of the old service do.

mod error;
mod history;
mod images;
mod operation;
mod replication;
mod request_id;
mod resources;
mod subscription;
mod uploads;

use time::{OffsetDateTime, UtcOffset};

use crate::{
    Finding, Refused, Source, codes,
    xml::{self, Element, XmlRules},
};

pub use error::{ErrorCode, ServiceError};
pub use history::{OperationCaller, OperationHistory, RecordedOperation};
pub use images::{ExtensionImages, ListedImage};
pub use operation::{Operation, OperationOutcome};
pub use replication::{RegionReplication, ReplicationState, ReplicationStatusList};
pub use request_id::RequestId;
pub use resources::{ResourceExtension, ResourceExtensions};
pub use subscription::Subscription;
pub use uploads::{ListedUpload, ListedUploads};

/// Most bytes of an answer that are read: lists grow with the number of versions.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024 * 1024;
/// Most elements and attributes of an answer.
const MAX_ANSWER_PARTS: usize = 8_000_000;

/// A time as the API writes it: UTC with seven digits behind the second.
pub fn timestamp(time: OffsetDateTime) -> String {
    let utc = time.to_offset(UtcOffset::UTC);
    let (date, ticks) = (utc.date(), utc.nanosecond() / 100);
    let (hour, minute, second) = utc.to_hms();
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{ticks:07}Z")
}

/// Reads an answer whose outermost element is `root`.
fn read(source: Source<'_>, root: &'static str) -> Result<Element, Refused> {
    let rules = XmlRules {
        max_bytes: MAX_ANSWER_BYTES,
        max_parts: MAX_ANSWER_PARTS,
        root,
        xml: codes::REGISTRATION_XML,
        size: codes::REGISTRATION_XML,
        schema: codes::REGISTRATION_XML,
        hint: "look whether the address is that of a repository",
    };
    xml::read(source, &rules)
}

/// The text of a child, without blanks around it; `None` when there is no such child.
fn text(parent: &Element, name: &str) -> Option<String> {
    parent.child(name).map(|child| child.text().to_owned())
}

/// The text of a child, empty when there is none.
fn text_or_empty(parent: &Element, name: &str) -> String {
    text(parent, name).unwrap_or_default()
}

/// A boolean child; absent, empty and everything but `true` in any case are false.
fn is_true(parent: &Element, name: &str) -> bool {
    parent
        .child(name)
        .is_some_and(|child| child.text().eq_ignore_ascii_case("true"))
}

fn refused(source: Source<'_>, at: &Element, what: impl AsRef<str>) -> Refused {
    let what = format!("`{}`: {}", at.name, what.as_ref());
    let hint = "look whether the address is that of a repository, and of which version it is";
    let (code, place) = (codes::REGISTRATION_XML, at.place(source));
    Refused::new(Finding::refusal(code, source.file, place, what, hint))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    #[test]
    fn times_have_seven_digits_behind_the_second() {
        for (time, text) in [
            (
                datetime!(2015-07-11 17:22:38.7887619 UTC),
                "2015-07-11T17:22:38.7887619Z",
            ),
            (datetime!(2015-03-08 13:10:00 UTC), "2015-03-08T13:10:00.0000000Z"),
            (datetime!(2015-03-08 01:10:00.5 +02:00), "2015-03-07T23:10:00.5000000Z"),
        ] {
            assert_eq!(super::timestamp(time), text);
        }
    }
}
