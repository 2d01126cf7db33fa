//! One location, fetched.

use std::{sync::OnceLock, time::Duration};

use reqwest::Client;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::{
    Expected, FetchError, FetchLimits, Location, Polled, Validator,
    error::Failure,
    file,
    http::{self, Answer},
    intake::Intake,
    limits::Deadline,
    location::Way,
};

/// What came from a location.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// All bytes, as they lay there.
    pub bytes: Vec<u8>,
    /// The SHA-256 of [`bytes`](Self::bytes).
    pub sha256: [u8; 32],
    /// Where they came from in the end, after redirects. What they name relatively is relative to this.
    pub location: Location,
}

impl std::fmt::Debug for Fetched {
    /// Size instead of content: a goal state is long, and holds what is not for a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetched")
            .field("size", &self.bytes.len())
            .field("sha256", &hex::encode(self.sha256))
            .field("location", &self.location)
            .finish()
    }
}

/// Gets what lies at locations. One for a process is enough; threads may share it.
///
/// The HTTP client is made at the first `http:` or `https:` location, with the certificates and the proxy of that moment.
/// No connection, cookie or answer is kept between calls.
#[derive(Debug)]
pub struct Fetcher {
    through_proxy: bool,
    client: OnceLock<Client>,
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetcher {
    /// A fetcher that goes through the proxy of the environment, if there is one.
    pub const fn new() -> Self {
        Self {
            through_proxy: true,
            client: OnceLock::new(),
        }
    }

    /// A fetcher that connects directly, whatever the environment says.
    pub const fn without_proxy() -> Self {
        Self {
            through_proxy: false,
            client: OnceLock::new(),
        }
    }

    /// Gets what lies at `location`, once and without trying again.
    ///
    /// # Errors
    /// `download.unreachable`, `download.status` for anything but 200, `download.redirect` after 5 redirects or at one that
    /// leads to what [`Location::parse`] refuses, `download.size` above `limits.max_bytes`, `download.incomplete` and
    /// `download.timeout`.
    ///
    /// # Panics
    /// When called on a thread that drives asynchronous tasks. Such a caller hands it to a thread that may block.
    pub fn fetch(&self, location: &Location, limits: FetchLimits) -> Result<Fetched, FetchError> {
        self.fetch_before(location, limits, Expected::default(), Deadline::after(limits.budget))
    }

    pub(crate) fn fetch_before(
        &self,
        location: &Location,
        limits: FetchLimits,
        expected: Expected,
        deadline: Deadline,
    ) -> Result<Fetched, FetchError> {
        let polled = self.poll_before(location, limits, None, expected, deadline)?;
        match polled {
            Some(polled) => Ok(polled.fetched),
            // Nothing is known, so nothing can be the same.
            None => Err(FetchError::new(location, location, Failure::Status(304))),
        }
    }

    /// As [`fetch`](Self::fetch), for what is asked for again and again: `None` where it is still what it was.
    ///
    /// `known` is what the last answer came with. A server that does not know of `ETag`, and a file, give all of it each
    /// time.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    ///
    /// # Panics
    /// As [`fetch`](Self::fetch).
    pub fn poll(
        &self,
        location: &Location,
        limits: FetchLimits,
        known: Option<&Validator>,
    ) -> Result<Option<Polled>, FetchError> {
        let deadline = Deadline::after(limits.budget);
        self.poll_before(location, limits, known, Expected::default(), deadline)
    }

    /// Puts `body`, JSON, at `location` by one `PUT`, in the place of what lies there. Redirects are not followed: what is
    /// put may be for that server only.
    ///
    /// # Errors
    /// `download.unreachable` (for a file too), `download.status` for anything but 2xx, `download.incomplete` and
    /// `download.timeout`.
    ///
    /// # Panics
    /// As [`fetch`](Self::fetch).
    pub fn put(&self, location: &Location, body: Vec<u8>, limits: FetchLimits) -> Result<(), FetchError> {
        let put = || {
            let Some(url) = location.url() else {
                return Err(Failure::Unreadable("it is a file, to which nothing is put".to_owned()));
            };
            let (client, url) = (self.client()?, url.clone());
            finished_within(limits.budget, http::put(client, url, body, limits.idle))
                .unwrap_or(Err(Failure::Budget(limits.budget)))
        };
        put().map_err(|failure| FetchError::new(location, location, failure))
    }

    fn poll_before(
        &self,
        location: &Location,
        limits: FetchLimits,
        known: Option<&Validator>,
        expected: Expected,
        deadline: Deadline,
    ) -> Result<Option<Polled>, FetchError> {
        let mut at = location.clone();
        self.take_in(&mut at, limits, known, expected, deadline)
            .map_err(|failure| FetchError::new(location, &at, failure))
    }

    /// Takes in what lies at `at`, and leaves there where it was in the end.
    fn take_in(
        &self,
        at: &mut Location,
        limits: FetchLimits,
        known: Option<&Validator>,
        expected: Expected,
        deadline: Deadline,
    ) -> Result<Option<Polled>, Failure> {
        if deadline.is_over() {
            return Err(Failure::Budget(limits.budget));
        }
        let mut intake = Intake::new(limits.max_bytes, expected)?;
        let answer = match at.way() {
            Way::File(path) => {
                file::read(path, limits, deadline, &mut intake)?;
                Answer::Whole(None)
            }
            Way::Http(url) => {
                let url = url.clone();
                self.request(url, at, known, limits, deadline, &mut intake)?
            }
        };
        let Answer::Whole(tag) = answer else {
            return Ok(None);
        };
        let (bytes, sha256) = intake.finish()?;
        Ok(Some(Polled {
            fetched: Fetched {
                bytes,
                sha256,
                location: at.clone(),
            },
            validator: tag.map(|tag| Validator { at: at.clone(), tag }),
        }))
    }

    /// Everything that is done for one request ends with it: sockets, tasks, and the wait for a name to be looked up.
    fn request(
        &self,
        url: Url,
        at: &mut Location,
        known: Option<&Validator>,
        limits: FetchLimits,
        deadline: Deadline,
        intake: &mut Intake,
    ) -> Result<Answer, Failure> {
        let client = self.client()?;
        finished_within(deadline.left(), http::get(client, url, at, known, limits.idle, intake))
            .unwrap_or(Err(Failure::Budget(limits.budget)))
    }

    fn client(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = http::client(self.through_proxy)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// What comes of `request` within `time`; `None` where it takes longer.
fn finished_within<T>(time: Duration, request: impl Future<Output = Result<T, Failure>>) -> Option<Result<T, Failure>> {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(failure) => return Some(Err(failure)),
    };
    // The timer is made inside of the runtime, hence the block.
    let done = runtime.block_on(async { tokio::time::timeout(time, request).await });
    runtime.shutdown_background();
    done.ok()
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Client(error.to_string()))
}
