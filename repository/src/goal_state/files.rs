//! The document made of files: the operator's, those of the settings that it names, and the document before.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hostler_contract::{Refused, Settings, Source, VmSettings, escape};

use super::{Wanted, document, offered};
use crate::records::{Records, RecordsError};

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 8 << 20;

/// Why there is no goal state.
#[derive(Debug, thiserror::Error)]
pub enum GoalStateError {
    /// A file cannot be read or written.
    #[error("{}: {error}", escape(&path.display().to_string()))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A file is not what it has to be, or wants what there is not.
    #[error("{}", said(refused))]
    Refused {
        /// What is wrong.
        refused: Refused,
    },
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

fn said(refused: &Refused) -> String {
    let lines: Vec<String> = refused.findings().iter().map(ToString::to_string).collect();
    lines.join("; ")
}

impl From<Refused> for GoalStateError {
    fn from(refused: Refused) -> Self {
        Self::Refused { refused }
    }
}

/// The document for the file `wanted`. `before` is what machines have now, and `location` where they fetch from when
/// the file does not say it: an address to which `/published/` and the region are added.
///
/// # Errors
/// [`GoalStateError`].
pub async fn from_file(
    records: &Records,
    wanted: &Path,
    before: Option<&[u8]>,
    location: Option<&str>,
) -> Result<String, GoalStateError> {
    let file = escape(&wanted.display().to_string());
    let wished = Wanted::parse(Source::new(&file, &read(wanted)?), location)?;
    let mut versions = BTreeMap::new();
    let mut settings = BTreeMap::new();
    for handler in &wished.handlers {
        let (namespace, type_name) = (handler.namespace.as_str(), handler.type_name.as_str());
        let known = records.versions_of(namespace, type_name).await?;
        versions.insert(handler.name.clone(), offered(&known, wished.region.as_deref()));
        if let Some(path) = &handler.settings {
            let path = wanted.parent().unwrap_or(Path::new("")).join(path);
            if let Some(one) = settings_of(&path)? {
                settings.insert(handler.name.clone(), one);
            }
        }
    }
    let before = match before {
        Some(bytes) => Some(VmSettings::parse(Source::new("the document before", bytes))?.value),
        None => None,
    };
    Ok(document(&file, &wished, &versions, &settings, before.as_ref())?)
}

/// Makes the document for `wanted` again and leaves it at `out`, of which what is there now counts as the document
/// before; the text, and whether it is another one. It is replaced in one step: whoever reads it gets one or the other.
///
/// # Errors
/// [`GoalStateError`].
pub async fn renew(
    records: &Records,
    wanted: &Path,
    out: &Path,
    location: Option<&str>,
) -> Result<(String, bool), GoalStateError> {
    let before = if out.exists() { Some(read(out)?) } else { None };
    let text = from_file(records, wanted, before.as_deref(), location).await?;
    let differs = before.as_deref() != Some(text.as_bytes());
    if differs {
        replace(out, &text).map_err(|error| GoalStateError::File {
            path: out.to_owned(),
            error,
        })?;
    }
    Ok((text, differs))
}

fn settings_of(path: &Path) -> Result<Option<Settings>, GoalStateError> {
    let file = escape(&path.display().to_string());
    Ok(Settings::parse(Source::new(&file, &read(path)?))?.value)
}

fn read(path: &Path) -> Result<Vec<u8>, GoalStateError> {
    let failed = |error| GoalStateError::File {
        path: path.to_owned(),
        error,
    };
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > MAX_BYTES {
        let what = format!("it has {length} bytes, and at most {MAX_BYTES} are read");
        return Err(failed(io::Error::other(what)));
    }
    std::fs::read(path).map_err(failed)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    // Machines read it as others than the operator.
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
