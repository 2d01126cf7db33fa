//! The signed index of a repository, held against what was fetched from there.
//!
//! A mirror, a bucket or whoever stands between can give a host an old version manifest, another one, or none that is new,
//! and each of them looks good by itself. An operator who tells this host the keys of a repository (`--repository-key`) has
//! every version manifest looked up in an index that one of them signed, that is not past its time, and that is not older
//! than the one seen before. Packages are held to the manifest by digest and size anyway.

mod judge;
mod keys;
mod seen;

pub use judge::{Judged, judge};
pub use keys::{MAX_KEYS_BYTES, RepositoryKeys};
pub use seen::SeenIndex;
