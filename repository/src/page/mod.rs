//! The page for people: what is published, what is being done, who did what.
//!
//! It is put together on the server, is read without scripts, and has none: its policy for browsers allows a style sheet from
//! here and nothing else. Everything in it is escaped by the template.

mod shown;

use askama::Template;
use time::OffsetDateTime;

pub use shown::MOST_VERSIONS;
use shown::{AuditShown, ExtensionShown, OperationShown, at};

use crate::records::{Records, RecordsError};
use crate::stores::Regions;

/// The page's style sheet.
pub const STYLE: &str = include_str!("../../templates/page.css");
/// What a browser may do with the page: show it.
pub const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Operations and lines of the record that are shown: the last ones.
const LAST: u32 = 50;

/// Everything on the page.
#[derive(Debug, Template)]
#[template(path = "page.html")]
struct Page {
    now: String,
    regions: Vec<String>,
    total: i64,
    extensions_total: usize,
    is_first: bool,
    extensions: Vec<ExtensionShown>,
    next: Option<String>,
    operations: Vec<OperationShown>,
    audit: Vec<AuditShown>,
}

/// The page as HTML, from the version after `after` on, a text of an earlier page's link to the next.
///
/// # Errors
/// When the records fail.
pub async fn page(records: &Records, regions: &Regions, after: &str) -> Result<String, RecordsError> {
    let (extensions, next) = shown::extensions(records, after).await?;
    let counts = records.version_counts().await?;
    let page = Page {
        now: at(records.surroundings().now_ms()),
        regions: regions.iter().map(|region| region.name.to_string()).collect(),
        total: counts.iter().map(|(_, count)| count).sum(),
        extensions_total: records.extensions().await?.len(),
        is_first: after.is_empty(),
        extensions,
        next,
        operations: records
            .latest_operations(LAST)
            .await?
            .iter()
            .map(OperationShown::of)
            .collect(),
        audit: records.audit_lines(LAST).await?.iter().map(AuditShown::of).collect(),
    };
    // The template is part of the program, and writes to memory: it has nothing to fail of.
    Ok(page.render().unwrap_or_else(|error| {
        tracing::error!(%error, at = %OffsetDateTime::now_utc(), "the page could not be put together");
        String::new()
    }))
}

#[cfg(test)]
mod tests {
    use askama::Template as _;

    use super::Page;
    use super::shown::{AuditShown, CopyShown, ExtensionShown, VersionShown};

    /// What publishers write is shown, and does nothing.
    #[test]
    fn what_others_wrote_is_escaped() {
        let evil = "<script>alert(1)</script>\"'&".to_owned();
        let version = VersionShown {
            id: "1".to_owned(),
            version: evil.clone(),
            visibility: "internal".to_owned(),
            slice: Some(evil.clone()),
            state: "Replicating".to_owned(),
            copies: vec![CopyShown {
                region: "West US".to_owned(),
                status: "Failed".to_owned(),
                attempts: 3,
                error: Some(evil.clone()),
            }],
            copied: 0,
            sha256: "ab".to_owned(),
            size: 1,
            asks: Some(evil.clone()),
            published: String::new(),
        };
        let page = Page {
            now: String::new(),
            regions: vec![evil.clone()],
            total: 1,
            extensions_total: 1,
            is_first: true,
            extensions: vec![ExtensionShown {
                name: evil.clone(),
                versions: vec![version],
            }],
            next: Some("a%2Fb".to_owned()),
            operations: Vec::new(),
            audit: vec![AuditShown {
                at: String::new(),
                who: evil.clone(),
                action: evil.clone(),
                subject: evil.clone(),
                outcome: evil,
            }],
        };
        let html = page.render().unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("alert(1)").count(), 10);
        assert!(html.contains("attempt 3"));
    }
}
