//! One location, fetched.

use std::sync::OnceLock;

use reqwest::Client;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::{
    Expected, FetchError, FetchLimits, Location, error::Failure, file, http, intake::Intake, limits::Deadline,
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
        let mut at = location.clone();
        self.take_in(&mut at, limits, expected, deadline)
            .map(|(bytes, sha256)| Fetched {
                bytes,
                sha256,
                location: at.clone(),
            })
            .map_err(|failure| FetchError::new(location, &at, failure))
    }

    /// Takes in what lies at `at`, and leaves there where it was in the end.
    fn take_in(
        &self,
        at: &mut Location,
        limits: FetchLimits,
        expected: Expected,
        deadline: Deadline,
    ) -> Result<(Vec<u8>, [u8; 32]), Failure> {
        if deadline.is_over() {
            return Err(Failure::Budget(limits.budget));
        }
        let mut intake = Intake::new(limits.max_bytes, expected)?;
        match at.way() {
            Way::File(path) => file::read(path, limits, deadline, &mut intake)?,
            Way::Http(url) => {
                let url = url.clone();
                self.request(url, at, limits, deadline, &mut intake)?;
            }
        }
        intake.finish()
    }

    /// Everything that is done for one request ends with it: sockets, tasks, and the wait for a name to be looked up.
    fn request(
        &self,
        url: Url,
        at: &mut Location,
        limits: FetchLimits,
        deadline: Deadline,
        intake: &mut Intake,
    ) -> Result<(), Failure> {
        let client = self.client()?;
        let runtime = runtime()?;
        let done = runtime.block_on(async {
            // The timer is made inside of the runtime, hence the block.
            tokio::time::timeout(deadline.left(), http::get(client, url, at, limits.idle, intake)).await
        });
        runtime.shutdown_background();
        done.unwrap_or(Err(Failure::Budget(limits.budget)))
    }

    fn client(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = http::client(self.through_proxy)?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Client(error.to_string()))
}
