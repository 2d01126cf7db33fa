//! The definition file that goes with a package: for the same version, and saying where the package will lie.

use std::path::{Path, PathBuf};

use hostler_contract::definition::{MAX_DEFINITION_BYTES, MediaLink};
use hostler_contract::{DefinitionFile, Finding, Place, Refused, Source, Version, codes};

use super::failure::Failure;
use super::place::{file_name, read_input};

/// A definition file that is for the version being packed.
#[derive(Debug)]
pub(super) struct PackedDefinition(DefinitionFile);

impl PackedDefinition {
    /// Reads the file at `path`, which has to be for `version`.
    pub(super) fn read(path: &Path, version: &str) -> Result<Self, Failure> {
        let bytes = read_input(path, MAX_DEFINITION_BYTES + 1)?;
        let file = DefinitionFile::parse(Source::new(&file_name(path), &bytes))?.value;
        is_for(&file, path, version)?;
        Ok(Self(file))
    }

    /// What the package is called.
    pub(super) fn handler_name(&self) -> String {
        self.0.image.handler_name()
    }

    /// Writes the definition beside the package, with `base` and the package's name as its link where there is one.
    pub(super) fn write(&self, package: &Path, base: Option<&str>) -> Result<PathBuf, Failure> {
        let text = match base {
            Some(base) => {
                let link = format!("{}/{}", base.trim_end_matches('/'), file_name(package));
                let wrong = |(what, hint)| Failure::usage(codes::USAGE, "--media-base", what, hint);
                self.0.with_media_link(&MediaLink::parse(&link).map_err(wrong)?)
            }
            None => self.0.body.clone(),
        };
        let path = package.with_extension("xml");
        std::fs::write(&path, text).map_err(|error| Failure::host(error, "look at the folder of `--out`"))?;
        Ok(path)
    }
}

/// Refuses a definition that is for another version than `version`.
pub(super) fn is_for(file: &DefinitionFile, path: &Path, version: &str) -> Result<(), Failure> {
    let same = Version::parse(version).is_ok_and(|version| version == file.image.version);
    if same {
        return Ok(());
    }
    let what = format!("it is for version {}, and {version} is to be made", file.image.version);
    let place = Place::Xml("ExtensionImage/Version".to_owned());
    let hint = "write the same version in both places";
    let finding = Finding::refusal(codes::PUBLISH_DEFINITION, &file_name(path), place, what, hint);
    Err(Refused::new(finding).into())
}
