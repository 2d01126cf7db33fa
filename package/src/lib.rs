//! From a zip to a checked package, and from a folder to a zip.
//!
//! A package goes through this crate in one direction. [`Archive`] is a zip with exactly one possible reading;
//! [`Package`] adds a manifest whose commands name components that are there; [`Staged`] is its files on disk, all
//! of them or none. [`pack`] goes the other way. Each of these types is made only by the step that checks it.
//!
//! Numbers such as PKG-14 in these docs are those of the threats in `docs/threat-model.md`.

mod archive;
mod digest;
mod durability;
mod error;
mod limits;
mod pack;
mod package;
mod removal;
mod source;
mod staging;
mod wasm_file;

pub use archive::{Archive, Entry, EntryKind};
pub use digest::{DigestError, PackageDigest};
pub use durability::Durability;
pub use error::{ContentError, PackageError};
pub use limits::PackageLimits;
pub use pack::{AdaptError, Built, LauncherPackage, LauncherParts, PackError, PackOptions, Packed, adapt, build, pack};
pub use package::{Package, read_file, service_target, targets};
pub use removal::{clear, remove_folder};
pub use source::read_bounded;
pub use staging::{StageError, Staged};
