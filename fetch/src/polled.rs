//! What is asked for again and again.

use crate::{Fetched, Location};

/// What came of asking again, where it is not what is known already.
#[derive(Debug)]
pub struct Polled {
    /// What came; the same once more, from a server that does not tell.
    pub fetched: Fetched,
    /// To ask with the next time, if the server gives one.
    pub validator: Option<Validator>,
}

/// What a server calls the version of something that it gave (`ETag`). It is sent back only to the place that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    pub(crate) at: Location,
    pub(crate) tag: String,
}
