//! `hostler-repository goal-state`: the document that machines poll, from what an operator wants them to have.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use hostler_contract::{HandlerName, Refused, Settings, Source, VmSettings, escape};

use super::database_option::DatabaseOption;
use super::failure::Failure;
use crate::goal_state::{Wanted, document, offered};
use crate::records::Records;
use crate::surroundings::Surroundings;

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 8 << 20;

/// Write the goal state that machines poll, with every version resolved from what the repository has
///
/// Run it again after each release: a hotfix is then taken up by the machines that poll the file.
#[derive(Debug, Args)]
pub(super) struct GoalStateArgs {
    /// What machines are to have (TOML)
    wanted: PathBuf,
    /// File to write; what it has now counts as installed [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseOption,
}

pub(super) async fn goal_state(args: GoalStateArgs) -> Result<String, Failure> {
    let records = args.database.open(Surroundings::default()).await?;
    let before = match &args.out {
        Some(out) if out.exists() => Some(read(out)?),
        _ => None,
    };
    let text = make(&records, &args.wanted, before.as_deref()).await;
    records.close().await;
    let text = text?;
    match &args.out {
        None => Ok(text),
        Some(out) if before.as_deref() == Some(text.as_bytes()) => Ok(format!("{}: unchanged\n", shown(out))),
        Some(out) => {
            replace(out, &text).map_err(|error| {
                let what = format!("{} was not written", shown(out));
                Failure::own(&what, error, "look at the folder's space and permissions")
            })?;
            Ok(format!("{}: written\n", shown(out)))
        }
    }
}

/// The document for the file `wanted`; `before` is what machines have now.
async fn make(records: &Records, wanted: &Path, before: Option<&[u8]>) -> Result<String, Failure> {
    let file = shown(wanted);
    let wished = Wanted::parse(Source::new(&file, &read(wanted)?)).map_err(|refused| input(&file, refused))?;
    let mut versions = BTreeMap::new();
    let mut settings = BTreeMap::new();
    for handler in &wished.handlers {
        let known = records
            .versions_of(handler.namespace.as_str(), handler.type_name.as_str())
            .await?;
        versions.insert(handler.name.clone(), offered(&known, wished.region.as_deref()));
        if let Some(path) = &handler.settings {
            let path = wanted.parent().unwrap_or(Path::new("")).join(path);
            if let Some(one) = settings_of(&path)? {
                settings.insert(handler.name.clone(), one);
            }
        }
    }
    let before = match before {
        Some(bytes) => {
            let read = VmSettings::parse(Source::new("the document before", bytes));
            Some(read.map_err(|refused| input("the document before", refused))?.value)
        }
        None => None,
    };
    let versions: BTreeMap<HandlerName, _> = versions;
    document(&file, &wished, &versions, &settings, before.as_ref()).map_err(|refused| input(&file, refused))
}

fn settings_of(path: &Path) -> Result<Option<Settings>, Failure> {
    let file = shown(path);
    let read = Settings::parse(Source::new(&file, &read(path)?)).map_err(|refused| input(&file, refused))?;
    Ok(read.value)
}

fn input(file: &str, refused: Refused) -> Failure {
    let lines: Vec<String> = refused.findings().iter().map(ToString::to_string).collect();
    let error = std::io::Error::other(lines.join("; "));
    Failure::refused(&format!("{file} cannot be used"), error, "mend what it says")
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| {
        Failure::refused(
            &format!("{} cannot be read", shown(path)),
            error,
            "name a file that you may read",
        )
    };
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > MAX_BYTES {
        return Err(failed(std::io::Error::other(format!(
            "it has {length} bytes, and at most {MAX_BYTES} are read"
        ))));
    }
    std::fs::read(path).map_err(failed)
}

/// Puts `text` into the place of what is at `path`, in one step: whoever polls it gets one or the other.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    // Machines read it as others than the operator.
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn shown(path: &Path) -> String {
    escape(&path.display().to_string())
}
