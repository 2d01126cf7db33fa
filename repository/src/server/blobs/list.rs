//! `GET /blob/extensions?restype=container&comp=list`: the uploads of a subscription, and which versions they became.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;
use hostler_contract::registration::ErrorCode;
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::Server;
use super::super::answer::{self, Failure};
use super::Known;
use crate::records::Blob;

/// Uploads of one answer at most.
const MOST: u32 = 1000;

/// What of a list is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    prefix: String,
    marker: String,
    count: u32,
}

pub(super) async fn list(server: &Arc<Server>, client: &Known, query: Option<&str>) -> Result<Response<Body>, Failure> {
    let asked = Asked::read(query.unwrap_or_default()).map_err(|what| Failure::new(ErrorCode::BadRequest, what))?;
    let records = &server.context.records;
    // One more, to know whether there are more.
    let subscription = &client.subscription.id;
    let mut blobs = records.blobs_of(subscription, &asked.prefix, &asked.marker, asked.count + 1).await?;
    let more = blobs.len() > asked.count as usize;
    blobs.truncate(asked.count as usize);
    let used = records.versions_by_package(subscription).await?;
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ContainerName=\"extensions\"><Blobs>");
    for blob in &blobs {
        let versions = used.iter().filter(|(sha256, _)| *sha256 == blob.sha256).map(|(_, version)| version.as_str());
        push(&mut xml, blob, versions);
    }
    xml += "</Blobs>";
    match blobs.last().filter(|_| more) {
        Some(last) => {
            let _ = write!(xml, "<NextMarker>{}</NextMarker>", last.name);
        }
        None => xml += "<NextMarker/>",
    }
    Ok(answer::document(xml + "</EnumerationResults>"))
}

/// One upload. Names, digests and versions hold nothing that XML would take for its own.
fn push<'a>(xml: &mut String, blob: &Blob, versions: impl Iterator<Item = &'a str>) {
    let at = OffsetDateTime::from_unix_timestamp(blob.created_ms / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    // Writing to a String cannot fail.
    let _ = write!(
        xml,
        "<Blob><Name>{}</Name><Properties><Creation-Time>{}</Creation-Time><Etag>{sha256}</Etag>\
         <Content-Length>{}</Content-Length><Content-SHA256>{sha256}</Content-SHA256><BlobType>BlockBlob</BlobType>\
         </Properties><Versions>",
        blob.name,
        at.format(&Rfc3339).unwrap_or_default(),
        blob.size,
        sha256 = blob.sha256,
    );
    for version in versions {
        let _ = write!(xml, "<Version>{version}</Version>");
    }
    *xml += "</Versions></Blob>";
}

impl Asked {
    fn read(query: &str) -> Result<Self, String> {
        let mut asked = Self {
            prefix: String::new(),
            marker: String::new(),
            count: MOST,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8();
            let value = value.map_err(|_| "the query is not UTF-8".to_owned())?.into_owned();
            match key {
                "prefix" => asked.prefix = value,
                "marker" => asked.marker = value,
                "maxresults" => {
                    let count = value.parse().ok().filter(|count| (1..=MOST).contains(count));
                    asked.count = count.ok_or_else(|| format!("`maxresults` is a number from 1 to {MOST}"))?;
                }
                // `restype` and `comp` say what this path is anyway.
                _ => {}
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn a_list_is_asked_for_in_parts() {
        let read = |query: &str| Asked::read(query).map(|asked| (asked.prefix, asked.marker, asked.count));
        let asked = |prefix: &str, marker: &str, count| Ok((prefix.to_owned(), marker.to_owned(), count));
        assert_eq!(read("restype=container&comp=list"), asked("", "", 1000));
        assert_eq!(read("comp=list&prefix=a%2Eb&marker=c&maxresults=2"), asked("a.b", "c", 2));
        for wrong in ["maxresults=0", "maxresults=1001", "maxresults=x", "prefix=%ff"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
