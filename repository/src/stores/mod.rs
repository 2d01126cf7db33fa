//! Where bytes lie: a folder of this machine, a container of Azure Blob Storage, a bucket of S3.
//!
//! [`Store`] is one such place and everything that is done there. What is large goes through it in pieces, so that a
//! package is never held in memory. [`Received`] is a package that has come in and lies nowhere yet, [`Packages`] where
//! packages are kept by their digest, [`Regions`] the stores that hosts fetch from.

mod error;
mod open;
mod packages;
mod received;
mod regions;
mod store;
mod upload_name;

pub use error::StoreError;
pub use packages::Packages;
pub use received::{Bounds, ReceiveError, Received};
pub use regions::{Region, RegionError, RegionName, Regions};
pub use store::{Object, Pieces, Store, Written};
pub use upload_name::{MAX_UPLOAD_NAME, UploadName, UploadNameError};
