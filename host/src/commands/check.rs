//! `hostler check`: lint of a package, a folder, or a single file of the contract.

use std::path::{Path, PathBuf};

use clap::Args;
use hostler_contract::{DocumentKind, Finding, Source, Verdict, check as check_document, codes};
use hostler_package::{PackError, PackOptions};
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::lint::lint;
use super::place::{file_name, not_readable, open_package, read_input};
use crate::report::finding_lines;

/// Largest single file that is read, in bytes.
const MAX_DOCUMENT_BYTES: usize = 16 << 20;

/// Check a package, a folder that is to become one, or a single file of the contract.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// A zip, a folder, or a file such as HandlerManifest.json, 0.settings or 0.status.
    path: PathBuf,
    /// What kind of file it is: handler-manifest, handler-env, settings, status, heartbeat, vm-settings,
    /// extensions-config, goal-state, version-manifest or definition [default: by the file's name].
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    kind: Option<DocumentKind>,
}

#[derive(Debug, Serialize)]
struct CheckReport {
    verdict: Verdict,
    findings: Vec<Finding>,
}

pub(super) fn check(args: &CheckArgs, json: bool) -> Result<Reply, Failure> {
    let findings = findings(args)?;
    let verdict = Verdict::of(&findings);
    let exit_code = if verdict == Verdict::Refuse { 3 } else { 0 };
    if json {
        let stdout = to_json(&CheckReport { verdict, findings });
        return Ok(Reply {
            stdout,
            exit_code,
            ..Reply::default()
        });
    }
    let word = match verdict {
        Verdict::Accept => "accepted",
        Verdict::AcceptWithWarnings => "accepted with warnings",
        Verdict::Refuse => "refused",
    };
    let name = hostler_contract::escape(&args.path.display().to_string());
    let stderr = findings.iter().map(finding_lines).collect();
    Ok(Reply {
        stdout: format!("{name}: {word}\n"),
        stderr,
        exit_code,
    })
}

fn findings(args: &CheckArgs) -> Result<Vec<Finding>, Failure> {
    let path = &args.path;
    let file = file_name(path);
    if let Err(error) = path.metadata() {
        return Err(not_readable(path, format!("it cannot be looked at: {error}")));
    }
    match args.kind.or_else(|| DocumentKind::guess(&file)) {
        Some(kind) if args.kind.is_some() || !path.is_dir() => {
            let bytes = read_input(path, MAX_DOCUMENT_BYTES)?;
            let kind = match args.kind {
                Some(kind) => kind,
                None => DocumentKind::guess_with(&file, &bytes).unwrap_or(kind),
            };
            Ok(check_document(kind, Source::new(&file, &bytes)))
        }
        _ if path.is_dir() => check_folder(path),
        _ if path.extension().is_some_and(|extension| extension == "zip") => Ok(found(
            open_package(path).map(|(package, warnings)| lint(&package, warnings)),
        )?),
        _ => Err(Failure::usage(
            codes::INPUT_KIND,
            &file,
            "it cannot be told from its name what kind of file it is",
            "say it with `--kind`: handler-manifest, handler-env, settings, status, heartbeat, vm-settings, \
             extensions-config, goal-state, version-manifest or definition",
        )),
    }
}

/// Makes the package of the folder in memory and looks at it.
fn check_folder(path: &Path) -> Result<Vec<Finding>, Failure> {
    let options = PackOptions {
        name: Some("Checked.Folder".to_owned()),
        ..PackOptions::default()
    };
    match hostler_package::build(path, "0.0.0.0", &options) {
        Ok(built) => Ok(lint(built.package(), built.warnings().to_vec())),
        Err(PackError::Refused(refused)) => Ok(refused.findings().to_vec()),
        Err(error @ PackError::Io { .. }) => Err(Failure::host(error, "look at the folder's permissions")),
    }
}

/// A refusal is what a check finds, not how it fails; anything else is.
fn found(result: Result<Vec<Finding>, Failure>) -> Result<Vec<Finding>, Failure> {
    match result {
        Err(Failure::Refused(refused)) => Ok(refused.findings().to_vec()),
        other => other,
    }
}

fn parse_kind(text: &str) -> Result<DocumentKind, String> {
    DocumentKind::from_name(text).ok_or_else(|| {
        format!(
            "a kind is one of {}",
            DocumentKind::ALL.map(DocumentKind::name).join(", ")
        )
    })
}
