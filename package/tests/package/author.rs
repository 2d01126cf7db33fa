//! An author's side of packing: a repository with a folder that makes a good package, to be changed.

use std::{fs, path::PathBuf};

use hostler_contract::Refused;
use hostler_package::{PackError, PackOptions, Packed, pack};
use tempfile::TempDir;

use crate::support::{COMPONENT, codes_of, manifest};

/// A repository with a folder to pack in it.
pub(crate) struct Author {
    root: TempDir,
}

impl Author {
    pub(crate) fn new() -> Self {
        let author = Self {
            root: tempfile::tempdir().unwrap(),
        };
        author.write(
            "Contoso.Hello/HandlerManifest.json",
            manifest("bin/handler.wasm").as_bytes(),
        );
        author.write("Contoso.Hello/bin/handler.wasm", COMPONENT);
        author
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn options(&self) -> PackOptions {
        PackOptions {
            out: self.path("build"),
            ..PackOptions::default()
        }
    }

    pub(crate) fn pack(&self) -> Result<Packed, PackError> {
        pack(&self.path("Contoso.Hello"), "1.2.3", &self.options())
    }

    /// Packs the folder, which must be refused and leave nothing in the output folder.
    #[track_caller]
    pub(crate) fn refusal(&self) -> Refused {
        match self.pack() {
            Err(PackError::Refused(refused)) => {
                assert!(!self.path("build").exists(), "a refusal left something");
                refused
            }
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn assert_refused(&self, code: &str) {
        let refused = self.refusal();
        assert_eq!(codes_of(&refused), [code], "{refused}");
    }

    /// As [`Self::refusal`], after a package was made before.
    #[track_caller]
    pub(crate) fn refusal_after_removing_build(&self) -> Refused {
        fs::remove_dir_all(self.path("build")).unwrap();
        self.refusal()
    }
}
