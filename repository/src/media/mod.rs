//! From a MediaLink to a package: what a publisher names is fetched only from where the operator said.
//!
//! A server that fetches what others name can be made to ask whatever it can reach. So nothing is fetched from a host that
//! is not listed; a name that leads to an address of the inside is refused unless that address is listed too; the address
//! that was looked at is the one that is connected to; and a redirect stays on its host. Packages that were uploaded here
//! are not fetched at all (REP-12).

mod allowed;
mod fetch;
mod inside;
mod link;
mod resolve;

pub use allowed::{AllowedHost, AllowedHostError, AllowedHosts};
pub use fetch::{FetchFailure, MediaFetcher};
pub use link::{LinkRefusal, MediaLink};
