//! A publisher's own versions. They may be very many: the list is put together page by page, and is never there as a whole
//! where it is too long to be kept.

use std::mem::take;

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::stream::{self, StreamExt as _};
use hostler_contract::registration::{ExtensionImages, ListedImage};

use super::super::answer::{self, Failure};
use super::Call;
use super::list_cache::MOST;
use super::lists::image;
use crate::records::{Records, RecordsError, Version};

/// Versions that are read from the records at a time.
const PAGE: u32 = 500;

impl Call<'_> {
    /// The list, kept as others are; one that is too long for that is answered while it is put together. Each version is in
    /// that one as it is when its page is read.
    pub(super) async fn publisher_list(&self) -> Result<Response<Body>, Failure> {
        let records = &self.server.context.records;
        let name = format!("publisher {}", self.subscription.id);
        let generation = records.generation().await?;
        let lists = &self.server.lists;
        if let Some(list) = lists.get(generation, &name) {
            return Ok(answer::document(list));
        }
        let mut pages = Pages::new(records.clone(), self.subscription.id.clone());
        let mut list = Vec::new();
        while let Some(page) = pages.next().await? {
            list.extend_from_slice(page.as_bytes());
            if list.len() > MOST {
                let first = stream::once(async { Ok(Bytes::from(list)) });
                return Ok(answer::document(Body::from_stream(first.chain(pages.rest()))));
            }
        }
        let list = Bytes::from(list);
        lists.keep(generation, &name, list.clone());
        Ok(answer::document(list))
    }
}

/// The document, page by page.
struct Pages {
    records: Records,
    subscription: String,
    /// What stands before the first version, until it was given.
    begin: String,
    /// What stands after the last one; nothing once that was given.
    end: Option<String>,
    /// Namespace, type and key of the last version that was given.
    after: (String, String, String),
}

impl Pages {
    fn new(records: Records, subscription: String) -> Self {
        let (begin, end) = ExtensionImages::around();
        Self {
            records,
            subscription,
            begin,
            end: Some(end),
            after: Default::default(),
        }
    }

    async fn next(&mut self) -> Result<Option<String>, RecordsError> {
        if self.end.is_none() {
            return Ok(None);
        }
        let (namespace, extension_type, key) = &self.after;
        let after = (namespace.as_str(), extension_type.as_str(), key.as_str());
        let versions = self
            .records
            .versions_of_subscription_after(&self.subscription, after, PAGE)
            .await?;
        let mut page = take(&mut self.begin);
        for version in &versions {
            page += &row(version)?;
        }
        if versions.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            page += &self.end.take().unwrap_or_default();
        }
        if let Some(last) = versions.into_iter().next_back() {
            self.after = (last.namespace, last.extension_type, last.key);
        }
        Ok(Some(page))
    }

    /// What is left of it. Where the records fail in the middle, the connection ends there, and the client has no whole
    /// document.
    fn rest(self) -> impl stream::Stream<Item = Result<Bytes, RecordsError>> + Send {
        stream::try_unfold(self, |mut pages| async move {
            let page = pages.next().await?;
            Ok(page.map(|page| (Bytes::from(page), pages)))
        })
    }
}

fn row(version: &Version) -> Result<String, RecordsError> {
    let listed = ListedImage {
        image: image(version)?,
        package_sha256: Some(version.package_sha256.clone()),
        package_size: Some(version.package_size),
    };
    Ok(listed.to_row())
}
