//! Getting something over HTTP.
//!
//! Redirects are followed here and not by the client, so that one rule decides what a document may name and where a
//! server may send us: [`Location::parse`].

use std::{error::Error as _, io, time::Duration};

use hostler_contract::{escape_bounded, redact_sas};
use reqwest::{Client, ClientBuilder, Response, header, redirect};
use tokio::time::timeout;
use url::Url;

use crate::{Location, error::Failure, intake::Intake, polled::Validator};

/// Most redirects that are followed, one after the other.
const MAX_REDIRECTS: usize = 5;
/// Longest time to connect. Where a name has several addresses, each gets its share of it.
const CONNECT: Duration = Duration::from_secs(10);
/// Most bytes of a text from elsewhere that an error repeats.
const MAX_TEXT: usize = 300;
/// Longest `ETag` that is kept, in bytes.
const MAX_TAG: usize = 1024;

/// Makes the client.
pub(crate) fn client(through_proxy: bool) -> Result<Client, Failure> {
    // An error means that this process has a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    builder(through_proxy)
        .build()
        // A machine without a single certificate: then no server is trusted, and what needs no trust still works.
        .or_else(|_| builder(through_proxy).tls_certs_only([]).build())
        .map_err(|error| Failure::Client(root_cause(&error)))
}

fn builder(through_proxy: bool) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(concat!("hostler/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        // Nobody drives a connection between two fetches, so none is kept.
        .pool_max_idle_per_host(0)
        // Whatever other crates of the same build switch on in the client: bytes come as they are, by the plainest way.
        .tls_backend_rustls()
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd();
    if through_proxy { builder } else { builder.no_proxy() }
}

/// What a server answered.
pub(crate) enum Answer {
    /// All of it was taken in; its `ETag`, if it has one that can be sent back.
    Whole(Option<String>),
    /// What is known is still what lies there.
    Same,
}

/// Asks for what lies at `at` and takes in the answer; `url` is its URL. Redirects move `at`. Where what is `known` came
/// from, only what differs from it is asked for; no other place hears of it.
pub(crate) async fn get(
    client: &Client,
    url: Url,
    at: &mut Location,
    known: Option<&Validator>,
    idle: Duration,
    intake: &mut Intake,
) -> Result<Answer, Failure> {
    let mut url = url;
    for _ in 0..=MAX_REDIRECTS {
        let tag = known.filter(|known| known.at == *at).map(|known| known.tag.as_str());
        let mut request = client.get(url);
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let response = match timeout(idle, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(no_answer(&error)),
            Err(_) => return Err(Failure::Idle(idle)),
        };
        match response.status().as_u16() {
            200 => {
                let tag = tag_of(&response);
                take_in(response, idle, intake).await?;
                return Ok(Answer::Whole(tag));
            }
            304 if tag.is_some() => return Ok(Answer::Same),
            301 | 302 | 303 | 307 | 308 => {
                let target = target(&response, at)?;
                url = target
                    .url()
                    .cloned()
                    .ok_or_else(|| Failure::Redirect("it leads to a file".to_owned()))?;
                *at = target;
            }
            other => return Err(Failure::Status(other)),
        }
    }
    Err(Failure::Redirects(MAX_REDIRECTS))
}

/// The `ETag` of an answer, unless it is none that can be sent back.
fn tag_of(response: &Response) -> Option<String> {
    let tag = response.headers().get(header::ETAG)?.to_str().ok()?;
    (!tag.is_empty() && tag.len() <= MAX_TAG).then(|| tag.to_owned())
}

/// Puts `body` at `url`, in the place of what lies there. What the server answers beyond its status is not read.
pub(crate) async fn put(client: &Client, url: Url, body: Vec<u8>, idle: Duration) -> Result<(), Failure> {
    let request = client
        .put(url)
        .header(header::CONTENT_TYPE, "application/json")
        // Blob storage wants to know what is made; others do not mind.
        .header("x-ms-blob-type", "BlockBlob")
        .body(body);
    let response = match timeout(idle, request.send()).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(no_answer(&error)),
        Err(_) => return Err(Failure::Idle(idle)),
    };
    match response.status().as_u16() {
        200..=299 => Ok(()),
        other => Err(Failure::Status(other)),
    }
}

/// Where a redirect leads, if it may lead there.
fn target(response: &Response, from: &Location) -> Result<Location, Failure> {
    let named = response
        .headers()
        .get(header::LOCATION)
        .ok_or_else(|| Failure::Redirect("it does not say where to".to_owned()))?;
    let text =
        std::str::from_utf8(named.as_bytes()).map_err(|_| Failure::Redirect("its target is not text".to_owned()))?;
    Location::parse(text, Some(from)).map_err(|error| Failure::Redirect(error.to_string()))
}

async fn take_in(mut response: Response, idle: Duration, intake: &mut Intake) -> Result<(), Failure> {
    if let Some(size) = response.content_length() {
        intake.announced(size)?;
    }
    loop {
        match timeout(idle, response.chunk()).await {
            Ok(Ok(Some(piece))) => intake.push(&piece)?,
            Ok(Ok(None)) => return Ok(()),
            // With the head of a good answer there, whatever fails now is the rest of it.
            Ok(Err(error)) => {
                return Err(Failure::Incomplete {
                    read: intake.size(),
                    why: root_cause(&error),
                });
            }
            Err(_) => return Err(Failure::Idle(idle)),
        }
    }
}

/// Why a request got no answer.
fn no_answer(error: &reqwest::Error) -> Failure {
    let why = root_cause(error);
    if error.is_timeout() {
        Failure::Idle(CONNECT)
    } else if is_about_certificate(error) {
        Failure::Certificate(why)
    } else if error.is_connect() {
        Failure::Connect(why)
    } else {
        Failure::NoAnswer(why)
    }
}

/// The innermost error as text. The client's own texts are left out: they say little, and name the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(next) = cause.and_then(std::error::Error::source) {
        cause = Some(next);
    }
    let text = cause.map_or_else(|| "the request was refused".to_owned(), ToString::to_string);
    escape_bounded(&redact_sas(&text), MAX_TEXT)
}

/// Whether the server's certificate was refused.
fn is_about_certificate(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let mut io = error.downcast_ref::<io::Error>();
        // What an I/O error was made from is not among its sources, and may be an I/O error again.
        while let Some(inner) = io.and_then(io::Error::get_ref) {
            if let Some(rustls::Error::InvalidCertificate(_)) = inner.downcast_ref() {
                return true;
            }
            io = inner.downcast_ref();
        }
        cause = error.source();
    }
    false
}
