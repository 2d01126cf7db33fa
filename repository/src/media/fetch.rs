//! Getting a package from where a MediaLink leads.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use reqwest::{Client, Response, header, redirect};
use url::Url;

use super::resolve::Looked;
use super::{AllowedHosts, LinkRefusal, MediaLink};
use crate::stores::{Bounds, ReceiveError, Received};

/// Most redirects that are followed, all on one host.
const MAX_REDIRECTS: usize = 5;
/// Longest time to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a package was not fetched. No text holds a query.
#[derive(Debug, thiserror::Error)]
pub enum FetchFailure {
    /// Where it leads is not asked.
    #[error(transparent)]
    Refused(#[from] LinkRefusal),
    /// A redirect that is not followed.
    #[error("{link}: a redirect is not followed: {why}")]
    Redirect {
        /// The link, as it may be shown.
        link: String,
        /// What it is not followed for.
        why: String,
    },
    /// The server answered something else.
    #[error("{link}: the server answered with status {status}")]
    Status {
        /// The link, as it may be shown.
        link: String,
        /// The status.
        status: u16,
    },
    /// No answer.
    #[error("{link}: {why}")]
    NoAnswer {
        /// The link, as it may be shown.
        link: String,
        /// What is known of it.
        why: String,
    },
    /// The package itself did not come as it should.
    #[error("{link}: {source}")]
    Received {
        /// The link, as it may be shown.
        link: String,
        /// What happened.
        source: ReceiveError,
    },
}

impl FetchFailure {
    /// Whether the same may go well later, or the link itself is at fault.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NoAnswer { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..=599),
            Self::Received { source, .. } => !matches!(source, ReceiveError::TooLarge(_)),
            Self::Refused(_) | Self::Redirect { .. } => false,
        }
    }
}

/// Fetches packages; one for a process is enough.
#[derive(Debug, Clone)]
pub struct MediaFetcher {
    client: Client,
    allowed: AllowedHosts,
}

impl MediaFetcher {
    /// A fetcher that asks only what is `allowed`, by no proxy.
    ///
    /// # Errors
    /// What keeps the client from being made, as text.
    pub fn new(allowed: AllowedHosts) -> Result<Self, String> {
        // The client takes the provider of the process; an error means that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("hostler-repository/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Looked(allowed.clone())));
        let client = client.build().map_err(|error| cause(&error))?;
        Ok(Self { client, allowed })
    }

    /// What is allowed.
    pub fn allowed(&self) -> &AllowedHosts {
        &self.allowed
    }

    /// Fetches what `link` leads to into a file without a name in `folder`.
    ///
    /// # Errors
    /// Each [`FetchFailure`]; then nothing is left.
    pub async fn fetch(&self, link: &MediaLink, folder: &Path, bounds: Bounds) -> Result<Received, FetchFailure> {
        let mut at = link.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&at, bounds.idle).await?;
            let status = response.status().as_u16();
            match status {
                200 => return take_in(response, &at, folder, bounds).await,
                301 | 302 | 303 | 307 | 308 => at = self.target(&response, &at)?,
                _ => {
                    return Err(FetchFailure::Status {
                        link: at.shown(),
                        status,
                    });
                }
            }
        }
        Err(FetchFailure::Redirect {
            link: link.shown(),
            why: format!("there are more than {MAX_REDIRECTS}"),
        })
    }

    async fn ask(&self, at: &MediaLink, idle: Duration) -> Result<Response, FetchFailure> {
        let no_answer = |why: String| FetchFailure::NoAnswer { link: at.shown(), why };
        match tokio::time::timeout(CONNECT + idle, self.client.get(at.url().clone()).send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(match refusal(&error) {
                Some(refusal) => FetchFailure::Refused(refusal),
                None => no_answer(cause(&error)),
            }),
            Err(_) => Err(no_answer("it did not answer in time".to_owned())),
        }
    }

    /// Where a redirect leads: to the same scheme, host and port, or nowhere.
    fn target(&self, response: &Response, at: &MediaLink) -> Result<MediaLink, FetchFailure> {
        let refused = |why: &str| FetchFailure::Redirect {
            link: at.shown(),
            why: why.to_owned(),
        };
        let named = response
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        let target = named.and_then(|text| at.url().join(text).ok());
        let target = target.ok_or_else(|| refused("it does not say where to"))?;
        let place = |url: &Url| {
            (
                url.scheme().to_owned(),
                url.host_str().map(str::to_owned),
                url.port_or_known_default(),
            )
        };
        if place(&target) != place(at.url()) {
            return Err(refused("it leads to another host"));
        }
        Ok(MediaLink::of_url(target, &self.allowed)?)
    }
}

async fn take_in(response: Response, at: &MediaLink, folder: &Path, bounds: Bounds) -> Result<Received, FetchFailure> {
    let failed = |source| FetchFailure::Received {
        link: at.shown(),
        source,
    };
    let announced = response.content_length();
    if announced.is_some_and(|size| size > bounds.max_bytes) {
        return Err(failed(ReceiveError::TooLarge(bounds.max_bytes)));
    }
    let pieces = stream::try_unfold(response, |mut response| async {
        let piece = response.chunk().await.map_err(|error| cause(&error))?;
        Ok::<_, String>(piece.map(|piece| (piece, response)))
    });
    let received = Received::take_in(folder, pieces, bounds).await.map_err(failed)?;
    received.was_announced(announced, None).map_err(failed)
}

/// The refusal of the resolver, if that is what an error comes from.
fn refusal(error: &reqwest::Error) -> Option<LinkRefusal> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(refusal) = inner.and_then(|inner| inner.downcast_ref::<LinkRefusal>()) {
            return Some(refusal.clone());
        }
        cause = error.source();
    }
    None
}

/// The innermost error as text; the client's own names the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost = std::error::Error::source(error);
    while let Some(next) = innermost.and_then(std::error::Error::source) {
        innermost = Some(next);
    }
    let text = innermost.map_or_else(|| "there was no answer".to_owned(), ToString::to_string);
    hostler_contract::escape_bounded(&text, 300)
}
