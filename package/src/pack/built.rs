//! A package that was made: in memory, and then in its file.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use hostler_contract::Finding;

use super::PackError;
use crate::{Package, PackageDigest};

/// A package that was made and is not written yet.
#[derive(Debug, Clone)]
pub struct Built {
    pub(super) package: Package,
    pub(super) warnings: Vec<Finding>,
    pub(super) adapted: Vec<String>,
    pub(super) left_out: Vec<String>,
    pub(super) out: PathBuf,
    pub(super) file: String,
}

/// A package that was made.
#[derive(Debug, Clone)]
pub struct Packed {
    /// Where it is: `<out>/<name>-<version>.zip`.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub digest: PackageDigest,
    /// Its size in bytes.
    pub size: u64,
    /// The number of its entries, files and directories together.
    pub entries: usize,
    /// Core modules that were made components, by name.
    pub adapted: Vec<String>,
    /// What was in the folder and stayed out, by name, in order.
    pub left_out: Vec<String>,
    /// What is odd about the package; never a refusal.
    pub warnings: Vec<Finding>,
}

impl Built {
    /// The package, as a host would open it.
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// What is odd about it; never a refusal.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Writes the package to the folder of the options, which is made if it is missing. An existing file of that name
    /// is replaced, in one step.
    ///
    /// # Errors
    /// [`PackError::Io`]; then there is no new file.
    pub fn write(self) -> Result<Packed, PackError> {
        fs::create_dir_all(&self.out).map_err(|source| PackError::io("make", &self.out, source))?;
        let path = self.out.join(&self.file);
        write(&path, self.package.archive().bytes())?;
        Ok(Packed {
            path,
            digest: self.package.digest(),
            size: self.package.archive().bytes().len() as u64,
            entries: self.package.archive().entries().len(),
            adapted: self.adapted,
            left_out: self.left_out,
            warnings: self.warnings,
        })
    }
}

/// Writes a file under a name of its own, makes it durable, and gives it its name in one step.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), PackError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|e| PackError::io("write", path, e.into()))?;
    let temporary = path.with_extension(format!("zip.{}", hex::encode(random)));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all()));
    written.map_err(|source| {
        // Whether it can be removed or not, the error to report is the first one.
        let _ = fs::remove_file(&temporary);
        PackError::io("write", path, source)
    })
}
