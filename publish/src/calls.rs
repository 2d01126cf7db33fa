//! The calls of the management API, each with the answer that it has.

use hostler_contract::registration::{
    ExtensionImages, ListedUpload, ListedUploads, Operation, ReplicationStatusList, RequestId, ResourceExtensions,
    Subscription,
};
use hostler_contract::{Checked, ExtensionImage, Finding, Place, Refused, Source, codes};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;

use crate::client::{Answered, Client, Request};
use crate::error::PublishError;

/// A package that lies in the repository, under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// What a definition's `MediaLink` is to say.
    pub media_link: String,
}

/// What is called an answer in findings.
const ANSWER: &str = "the repository's answer";

impl Client {
    fn get<'a>(path: &'a [&'a str]) -> Request<'a> {
        Request {
            method: Method::GET,
            path,
            query: None,
            body: None,
            again: false,
        }
    }

    /// The account (6.10).
    ///
    /// # Errors
    /// As all calls: [`PublishError`].
    pub async fn subscription(&self) -> Result<Subscription, PublishError> {
        let path = [&*self.settings().subscription];
        let answered = self.call(&Self::get(&path)).await?;
        Ok(Subscription::parse(Source::new(ANSWER, &answered.body))?)
    }

    /// All versions of the publisher, with warnings about rows that cannot be read (6.4).
    ///
    /// # Errors
    /// As all calls.
    pub async fn list(&self) -> Result<Checked<ExtensionImages>, PublishError> {
        let path = [&*self.settings().subscription, "services", "publisherextensions"];
        let answered = self.call(&Self::get(&path)).await?;
        Ok(ExtensionImages::parse(Source::new(ANSWER, &answered.body))?)
    }

    /// What consumers see of an extension (6.5).
    ///
    /// # Errors
    /// As all calls.
    pub async fn versions(&self, namespace: &str, type_name: &str) -> Result<ResourceExtensions, PublishError> {
        let subscription = &*self.settings().subscription;
        let path = [subscription, "services", "resourceextensions", namespace, type_name];
        let answered = self.call(&Self::get(&path)).await?;
        Ok(ResourceExtensions::parse(Source::new(ANSWER, &answered.body))?)
    }

    /// In which regions a version is (6.7).
    ///
    /// # Errors
    /// As all calls.
    pub async fn replication(
        &self,
        namespace: &str,
        type_name: &str,
        version: &str,
    ) -> Result<ReplicationStatusList, PublishError> {
        let subscription = &*self.settings().subscription;
        let path = [
            subscription,
            "services",
            "extensions",
            namespace,
            type_name,
            version,
            "replicationstatus",
        ];
        let answered = self.call(&Self::get(&path)).await?;
        Ok(ReplicationStatusList::parse(Source::new(ANSWER, &answered.body))?)
    }

    /// How far an operation is (6.8).
    ///
    /// # Errors
    /// As all calls.
    pub async fn operation(&self, id: RequestId) -> Result<Operation, PublishError> {
        let id = id.to_string();
        let path = [&*self.settings().subscription, "operations", &id];
        let answered = self.call(&Self::get(&path)).await?;
        Ok(Operation::parse(Source::new(ANSWER, &answered.body))?)
    }

    /// Registers a new extension (6.1); `body` is sent as it is, and `image` is what it says.
    ///
    /// # Errors
    /// As all calls.
    pub async fn register(&self, image: &ExtensionImage, body: &str) -> Result<RequestId, PublishError> {
        let path = [&*self.settings().subscription, "services", "extensions"];
        let request = Request {
            method: Method::POST,
            path: &path,
            query: None,
            body: Some(body.as_bytes().to_vec()),
            again: false,
        };
        accepted(&self.call_once(request, image).await?)
    }

    /// Adds a version, or changes a known one (6.2).
    ///
    /// # Errors
    /// As all calls.
    pub async fn update(&self, image: &ExtensionImage, body: &str) -> Result<RequestId, PublishError> {
        let path = [&*self.settings().subscription, "services", "extensions"];
        let request = Request {
            method: Method::PUT,
            path: &path,
            query: Some("action=update"),
            body: Some(body.as_bytes().to_vec()),
            again: false,
        };
        accepted(&self.call_once(request, image).await?)
    }

    /// Removes a version (6.3).
    ///
    /// # Errors
    /// As all calls.
    pub async fn delete(&self, namespace: &str, type_name: &str, version: &str) -> Result<RequestId, PublishError> {
        let subscription = &*self.settings().subscription;
        let path = [subscription, "services", "extensions", namespace, type_name, version];
        let request = Request {
            method: Method::DELETE,
            path: &path,
            query: None,
            body: None,
            again: false,
        };
        accepted(&self.call(&request).await?)
    }

    /// Puts a package into the repository under `name`. The same bytes under the same name are no change.
    ///
    /// # Errors
    /// As all calls; another package of that name is a conflict.
    pub async fn put_blob(&self, name: &str, bytes: Vec<u8>) -> Result<Uploaded, PublishError> {
        let path = ["blob", "extensions", name];
        let request = Request {
            method: Method::PUT,
            path: &path,
            query: None,
            body: Some(bytes),
            // The same bytes may come twice.
            again: true,
        };
        self.call_same(&request).await?;
        Ok(Uploaded {
            media_link: self.blob_address(name),
        })
    }

    /// Where a package of this name lies once it was put.
    pub fn blob_address(&self, name: &str) -> String {
        let mut url = self.settings().endpoint.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.clear().extend(["blob", "extensions", name]);
        }
        url.into()
    }

    /// The packages that the publisher has put into the repository.
    ///
    /// # Errors
    /// As all calls.
    pub async fn blobs(&self) -> Result<Vec<ListedUpload>, PublishError> {
        let mut uploads = Vec::new();
        let mut query = "restype=container&comp=list".to_owned();
        loop {
            let request = Request {
                query: Some(&query),
                ..Self::get(&["blob", "extensions"])
            };
            let answered = self.call(&request).await?;
            let page = ListedUploads::parse(Source::new(ANSWER, &answered.body))?;
            let last = uploads.last().cloned();
            uploads.extend(page.uploads);
            match page.next {
                // A repository that gives the same page again and again is not asked for ever.
                Some(next) if uploads.last() != last.as_ref() => {
                    let marker = utf8_percent_encode(&next, NON_ALPHANUMERIC);
                    query = format!("restype=container&comp=list&marker={marker}");
                }
                _ => return Ok(uploads),
            }
        }
    }
}

/// The operation that an accepted request began.
fn accepted(answered: &Answered) -> Result<RequestId, PublishError> {
    answered.request_id.ok_or_else(|| {
        let what = "it says that the request was accepted, and not by which id to ask for its end";
        let hint = "look whether the address is that of a repository";
        let finding = Finding::refusal(codes::REGISTRATION_XML, ANSWER, Place::Whole, what, hint);
        PublishError::Answer(Refused::new(finding))
    })
}
