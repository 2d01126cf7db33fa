//! A connection to a repository with the publisher's certificate: one request, one answer.

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use hostler_contract::registration::{MAX_ANSWER_BYTES, RequestId, ServiceError};
use hostler_contract::{Source, escape_bounded};
use reqwest::{Certificate, Identity, Method, Response, header, redirect};
use url::Url;

use crate::error::PublishError;
use crate::pauses::{Pauses, is_tried_again};
use crate::settings::ClientSettings;

/// Longest time to connect.
const CONNECT: Duration = Duration::from_secs(20);
/// Longest time without a byte from the server.
const IDLE: Duration = Duration::from_secs(300);
/// Most redirects; front ends send to another server with the same method and body.
const MAX_REDIRECTS: usize = 3;

/// A publisher's connection to a repository.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: ClientSettings,
    second: Duration,
}

/// What a repository answered to a request that it took.
pub(crate) struct Answered {
    pub(crate) request_id: Option<RequestId>,
    pub(crate) body: Vec<u8>,
}

/// One request.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// The parts of the path behind the subscription.
    pub(crate) path: &'a [&'a str],
    pub(crate) query: Option<&'a str>,
    pub(crate) body: Option<Vec<u8>>,
    /// Whether the repository is told that this may be the same request once more.
    pub(crate) again: bool,
}

impl Client {
    /// Makes a client. Nothing is sent yet.
    ///
    /// # Errors
    /// A certificate file that cannot be read, or has no usable certificate or key in it.
    pub fn new(settings: ClientSettings) -> Result<Self, PublishError> {
        // An error means that this process has a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let path = &settings.certificate;
        let identity = Identity::from_pem(&read(path)?).map_err(|error| wrong(path, &cause(&error)))?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("hostler/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::limited(MAX_REDIRECTS))
            .referer(false)
            .https_only(true)
            .connect_timeout(CONNECT)
            .read_timeout(IDLE)
            .tls_backend_rustls()
            .http1_only()
            .identity(identity);
        if let Some(path) = &settings.authorities {
            let authorities =
                Certificate::from_pem_bundle(&read(path)?).map_err(|error| wrong(path, &cause(&error)))?;
            builder = builder.tls_certs_merge(authorities);
        }
        let http = builder.build().map_err(|error| wrong(path, &cause(&error)))?;
        Ok(Self {
            http,
            settings,
            second: Duration::from_secs(1),
        })
    }

    /// The same client with other seconds between attempts and looks: for tests.
    #[must_use]
    pub fn with_second(self, second: Duration) -> Self {
        Self { second, ..self }
    }

    /// What the client was made with.
    pub fn settings(&self) -> &ClientSettings {
        &self.settings
    }

    pub(crate) fn second(&self) -> Duration {
        self.second
    }

    /// The address of something of the subscription.
    fn address(&self, request: &Request<'_>) -> Url {
        let mut url = self.settings.endpoint.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.clear().extend(request.path);
        }
        url.set_query(request.query);
        url
    }

    /// Sends a request, again after a pause where that is worth it, and gives the answer of success.
    pub(crate) async fn call(&self, request: &Request<'_>) -> Result<Answered, PublishError> {
        let mut pauses = Pauses::between_attempts(self.second);
        loop {
            let failed = match self.send(request).await {
                Ok(answered) => return Ok(answered),
                Err(error) => error,
            };
            let again = match &failed {
                PublishError::Service { status, error } => is_tried_again(*status, &error.message),
                // A server that nobody listens for is said at once; what changes something is sent again only by who
                // knows how: see `resend`.
                PublishError::Unreachable { sent, .. } => *sent && request.method == Method::GET,
                _ => false,
            };
            match pauses.next().filter(|_| again) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(failed),
            }
        }
    }

    /// Sends a request once.
    pub(crate) async fn send(&self, request: &Request<'_>) -> Result<Answered, PublishError> {
        let url = self.address(request);
        let mut builder = self
            .http
            .request(request.method.clone(), url)
            .header("x-ms-version", &self.settings.version);
        if let Some(body) = &request.body {
            builder = builder
                .header(header::CONTENT_TYPE, "application/xml")
                .body(body.clone());
        }
        if request.again {
            builder = builder.header("x-hostler-retry", "1");
        }
        let response = builder.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        let request_id = response
            .headers()
            .get("x-ms-request-id")
            .and_then(|value| value.to_str().ok())
            .and_then(RequestId::parse);
        let body = self.body(response).await?;
        if (200..300).contains(&status) {
            return Ok(Answered { request_id, body });
        }
        Err(PublishError::Service {
            status,
            error: service_error(&body),
        })
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, PublishError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(PublishError::Unreachable {
                    address: self.settings.endpoint.to_string(),
                    what: format!("it answers with more than {MAX_ANSWER_BYTES} bytes"),
                    sent: true,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn unreachable(&self, error: &reqwest::Error) -> PublishError {
        PublishError::Unreachable {
            address: self.settings.endpoint.to_string(),
            what: cause(error),
            sent: !error.is_connect() && !error.is_builder(),
        }
    }
}

/// The error that a repository sent, or what came in the place of one.
fn service_error(body: &[u8]) -> ServiceError {
    ServiceError::parse(Source::new("answer", body)).unwrap_or_else(|_| ServiceError {
        code: "Unknown".to_owned(),
        message: escape_bounded(&String::from_utf8_lossy(body), 300),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, PublishError> {
    std::fs::read(path).map_err(|error| wrong(path, &format!("it cannot be read: {error}")))
}

fn wrong(path: &Path, what: &str) -> PublishError {
    PublishError::Certificate {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

/// What is at the bottom of an error, where the words say something.
fn cause(error: &reqwest::Error) -> String {
    let mut deepest = error.to_string();
    let mut next = error.source();
    while let Some(inner) = next {
        deepest = inner.to_string();
        next = inner.source();
    }
    escape_bounded(&deepest, 300)
}
