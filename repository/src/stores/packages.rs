//! Where packages are kept: by their digest, written once, never changed.

use hostler_package::PackageDigest;

use super::{Pieces, Received, Store, StoreError, Written};

/// The store of all packages that were uploaded or fetched.
///
/// The name of a package in it is made of its digest, never of what a publisher wrote (REP-13), so that one package never
/// takes the place of another, whoever sends what at the same time.
#[derive(Debug, Clone)]
pub struct Packages(Store);

impl Packages {
    /// Keeps packages in `store`.
    pub fn new(store: Store) -> Self {
        Self(store)
    }

    /// The store that they lie in.
    pub fn store(&self) -> &Store {
        &self.0
    }

    /// Keeps `received`, unless it is there already, and reads back what lies there then.
    ///
    /// # Errors
    /// What the store says, and [`StoreError::Other`] where it gives back something else.
    pub async fn keep(&self, received: &Received) -> Result<Written, StoreError> {
        let written = received.written();
        let name = Self::name(written.digest);
        // One that lies there with the right length is read as well: it may have been damaged since.
        if self.0.size_of(&name).await? == Some(written.size) && self.0.prove(&name, written).await.is_ok() {
            return Ok(written);
        }
        self.0.write(&name, received.pieces(), written).await?;
        self.0.prove(&name, written).await?;
        Ok(written)
    }

    /// Whether a package lies there with the length that it was kept with.
    ///
    /// # Errors
    /// What the store says.
    pub async fn has(&self, written: Written) -> Result<bool, StoreError> {
        Ok(self.0.size_of(&Self::name(written.digest)).await? == Some(written.size))
    }

    /// The bytes of a package; nothing where there is no such package.
    ///
    /// # Errors
    /// What the store says.
    pub async fn pieces(&self, digest: PackageDigest) -> Result<Option<Pieces>, StoreError> {
        let found = self.0.read(&Self::name(digest)).await?;
        Ok(found.map(|object| object.pieces))
    }

    /// Removes a package that no upload and no version is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn remove(&self, digest: PackageDigest) -> Result<(), StoreError> {
        self.0.remove(&Self::name(digest)).await
    }

    /// The name of a package in its store: two levels, since folders with very many files are slow.
    pub fn name(digest: PackageDigest) -> String {
        let hex = digest.to_string();
        format!("sha256/{}/{hex}", hex.get(..2).unwrap_or_default())
    }
}
