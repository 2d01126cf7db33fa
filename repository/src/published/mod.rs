//! What hosts fetch: plain files in a folder for each region, so that a mirror or a copy needs no server.
//!
//! ```text
//! STORE/published/<region>/<ns>_<type>_<region>_manifest.xml    which versions there are, and where they lie
//!                          <ns>__<type>__<version>              a package
//!                          hostler-index.json                   what the manifests are, signed
//! ```
//!
//! The names are those that agents know. A package is there, read back and compared, before a manifest names it, and goes
//! after no manifest does. Each file is replaced in one step, so that a reader gets the old one or the new one. While a
//! manifest is being replaced, the index lists both.

mod file;
mod index;
mod key;
mod key_folder;
mod manifest;
mod mirror;
mod names;
mod offered;
mod publish;

pub use file::{Served, find};
pub use index::{IndexPlan, LIFETIME};
pub use key::{IndexKey, KeyError};
pub use key_folder::KeyFolder;
pub use manifest::manifest;
pub use mirror::{MirrorError, Mirrored, mirror};
pub use names::{is_published_name, manifest_name, names_fit, package_name};
pub use offered::Offered;
pub use publish::{PublishError, Publisher};
