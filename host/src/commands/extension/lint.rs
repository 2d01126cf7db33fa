//! `hostler extension lint`: everything about a definition file that can be said without a repository.

use std::path::PathBuf;

use clap::Args;
use hostler_contract::definition::{self, MAX_DEFINITION_BYTES};
use hostler_contract::{Finding, Source, Verdict, escape};
use serde::Serialize;

use crate::commands::failure::{Failure, Reply, to_json};
use crate::commands::lint::lint as lint_package;
use crate::commands::place::{file_name, open_package, read_input};
use crate::report::finding_lines;

/// Check a definition file, and the package that belongs to it, without a repository.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// The definition file.
    file: PathBuf,
    /// The package.
    #[arg(long, value_name = "ZIP")]
    zip: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct LintReport {
    verdict: Verdict,
    findings: Vec<Finding>,
}

pub(super) fn lint(args: &LintArgs, json: bool) -> Result<Reply, Failure> {
    let bytes = read_input(&args.file, MAX_DEFINITION_BYTES + 1)?;
    let mut findings = definition::lint(Source::new(&file_name(&args.file), &bytes));
    if let Some(zip) = &args.zip {
        match open_package(zip) {
            Ok((package, warnings)) => findings.extend(lint_package(&package, warnings)),
            Err(Failure::Refused(refused)) => findings.extend(refused.findings().iter().cloned()),
            Err(other) => return Err(other),
        }
    }
    let verdict = Verdict::of(&findings);
    let exit_code = if verdict == Verdict::Refuse { 3 } else { 0 };
    if json {
        let stdout = to_json(&LintReport { verdict, findings });
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
    Ok(Reply {
        stdout: format!("{}: {word}\n", escape(&args.file.display().to_string())),
        stderr: findings.iter().map(finding_lines).collect(),
        exit_code,
    })
}
