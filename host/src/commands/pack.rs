//! `hostler pack`.

mod launcher;

use std::path::PathBuf;

use clap::Args;
use hostler_contract::{HandlerIdentity, Refused, escape};
use hostler_package::{PackError, PackOptions};
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::lint::lint;
use super::packed_definition::PackedDefinition;
use super::place::file_name;
use crate::report::finding_lines;

/// Make a package from a folder: the same folder gives the same bytes.
///
/// WASI preview 1 modules that a command names are made components, with their exit codes kept. `references` (paths to
/// copy into the package's root) and the folders and files that the old publishing script left out are honoured.
#[derive(Debug, Args)]
pub(super) struct PackArgs {
    /// The folder, with HandlerManifest.json at its root.
    dir: PathBuf,
    /// The version, as in 1.0 or 1.2.3.4.
    version: String,
    /// What the package is called before its version, usually Publisher.Type [default: the folder's name].
    #[arg(long)]
    name: Option<String>,
    /// The folder to write the package to; made if it is missing.
    #[arg(long, default_value = "build")]
    out: PathBuf,
    /// What paths in `references` are relative to [default: the git repository of the folder, else its parent].
    #[arg(long)]
    references_root: Option<PathBuf>,
    /// Make a package that the native agent can install: with a launcher in it that runs the handler in the sandbox.
    #[arg(long)]
    launcher: bool,
    /// The launcher to put into it: a `hostler` for the machines that the package is for [default: this one].
    #[arg(long, value_name = "FILE", requires = "launcher")]
    launcher_binary: Option<PathBuf>,
    /// The definition file: its version has to be the same, and a copy of it goes beside the package as NAME-VERSION.xml.
    #[arg(long, value_name = "FILE")]
    definition: Option<PathBuf>,
    /// Where the package will lie; the copy of the definition has this and the package's name as its MediaLink.
    #[arg(long, value_name = "URL", requires = "definition")]
    media_base: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PackReport {
    path: String,
    digest: String,
    bytes: u64,
    entries: usize,
    adapted: Vec<String>,
    left_out: Vec<String>,
    /// For which kind of processor, where it has a launcher.
    #[serde(skip_serializing_if = "Option::is_none")]
    launcher: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<String>,
    findings: Vec<hostler_contract::Finding>,
}

pub(super) fn pack(args: &PackArgs, json: bool) -> Result<Reply, Failure> {
    let definition = match &args.definition {
        Some(path) => Some(PackedDefinition::read(path, &args.version)?),
        None => None,
    };
    let of_definition = definition.as_ref().map(PackedDefinition::handler_name);
    let options = PackOptions {
        name: args.name.clone().or(of_definition),
        out: args.out.clone(),
        references_root: args.references_root.clone(),
        ..PackOptions::default()
    };
    let failed = |error| match error {
        PackError::Refused(refused) => Failure::Refused(refused),
        error @ PackError::Io { .. } => Failure::host(error, "look at the folder's name, permissions and space"),
    };
    let built = hostler_package::build(&args.dir, &args.version, &options).map_err(failed)?;
    // What would be refused when it runs is refused here, where its author can still mend it.
    let mut warnings = Refused::unless_only_warnings(lint(built.package(), built.warnings().to_vec()))?;
    let (packed, machine) = if args.launcher {
        let made = launcher::for_agent(built, args.launcher_binary.as_deref())?;
        warnings.extend(made.warnings);
        (made.package.write().map_err(failed)?, Some(made.machine))
    } else {
        (built.write().map_err(failed)?, None)
    };
    let definition = match &definition {
        Some(definition) => Some(definition.write(&packed.path, args.media_base.as_deref())?),
        None => None,
    };
    let report = PackReport {
        path: packed.path.display().to_string(),
        digest: packed.digest.to_string(),
        bytes: packed.size,
        entries: packed.entries,
        adapted: packed.adapted,
        left_out: packed.left_out,
        launcher: machine,
        definition: definition.map(|path| path.display().to_string()),
        findings: warnings,
    };
    if json {
        return Ok(Reply::done(to_json(&report)));
    }
    let mut text = format!(
        "{}\n  {} bytes, {} entries, SHA-256 {}\n",
        escape(&report.path),
        report.bytes,
        report.entries,
        report.digest
    );
    for name in &report.adapted {
        text += &format!("  made a component of {}\n", escape(name));
    }
    for name in &report.left_out {
        text += &format!("  left out {}\n", escape(name));
    }
    if let Some(machine) = report.launcher {
        text += &format!("  for the native agent on Linux, {machine}: publish it as any other\n");
        return Ok(said(text, &report));
    }
    if let Some(path) = &report.definition {
        text += &format!("  definition: {}\n", escape(path));
    }
    // A name without a publisher says the file's version, and not which handler it is.
    let handler = match HandlerIdentity::from_zip_name(&file_name(&packed.path)) {
        Ok(_) => String::new(),
        Err(_) => format!(" --handler Publisher.Type-{}", args.version),
    };
    text += &format!("  run it: hostler run {}{}\n", escape(&report.path), escape(&handler));
    Ok(said(text, &report))
}

fn said(text: String, report: &PackReport) -> Reply {
    Reply {
        stdout: text,
        stderr: report.findings.iter().map(finding_lines).collect(),
        exit_code: 0,
    }
}
