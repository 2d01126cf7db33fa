//! `hostler inspect`: what a package is, what it asks for, and what it would get.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Finding, Manifest, Verdict, escape, escape_bounded};
use hostler_package::{EntryKind, Package};
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::lint::lint;
use super::place::{file_name, identity, open_package};
use crate::grants::Grants;
use crate::limits::{LimitName, Rule, show_amount};
use crate::report::finding_lines;
use crate::sandbox::scan_component;

/// Show what a package is, what it asks for and what it would get, without running anything of it.
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// The package: a zip.
    package: PathBuf,
    /// Which handler it is, as Publisher.Type-1.0 [default: by the package's file name].
    #[arg(long, value_name = "PUBLISHER.TYPE-VERSION")]
    handler: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspection {
    verdict: Verdict,
    handler: String,
    file: String,
    digest: String,
    bytes: u64,
    signature: &'static str,
    entries: Vec<EntryLine>,
    components: Vec<ComponentLine>,
    /// Capabilities that the package asks for.
    asked: Vec<String>,
    commands: Vec<CommandLine>,
    report_heartbeat: bool,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct EntryLine {
    name: String,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct ComponentLine {
    name: String,
    /// Full names of the exports that it can be entered by. Left out with its imports where it is refused.
    entries: Vec<String>,
    imports: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CommandLine {
    command: &'static str,
    line: Option<String>,
    component: Option<String>,
    limits: Vec<LimitLine>,
}

#[derive(Debug, Serialize)]
struct LimitLine {
    name: &'static str,
    value: u64,
    rule: Rule,
}

pub(super) fn inspect(args: &InspectArgs, json: bool) -> Result<Reply, Failure> {
    let (package, warnings) = open_package(&args.package)?;
    let handler = identity(args.handler.as_deref(), &args.package)?;
    let inspection = look(&package, handler.to_string(), file_name(&args.package), warnings);
    let exit_code = if inspection.verdict == Verdict::Refuse { 3 } else { 0 };
    let stdout = if json {
        to_json(&inspection)
    } else {
        describe(&inspection)
    };
    Ok(Reply {
        stdout,
        exit_code,
        ..Reply::default()
    })
}

fn look(package: &Package, handler: String, file: String, warnings: Vec<Finding>) -> Inspection {
    let manifest = package.manifest();
    let findings = lint(package, warnings);
    let decided = Grants::decide(manifest, MANIFEST_FILE).ok();
    let components = package
        .components()
        .into_iter()
        .filter_map(|name| {
            let points = scan_component(package, name).ok()?;
            let entries = points.lifecycle.into_iter().chain(points.run).collect();
            Some(ComponentLine {
                name: name.to_owned(),
                entries,
                imports: points.imports,
            })
        })
        .collect();
    let asked = asked_capabilities(manifest);
    let commands = Command::ALL
        .into_iter()
        .map(|command| {
            let limits = decided.as_ref().map(|decided| decided.grants.limits(command));
            CommandLine {
                command: command.name(),
                line: manifest.command(command).map(str::to_owned),
                component: package.target(command).map(str::to_owned),
                limits: limits
                    .iter()
                    .flat_map(|limits| LimitName::ALL.map(|name| (limits, name)))
                    .map(|(limits, name)| LimitLine {
                        name: name.name(),
                        value: limits.value(name),
                        rule: limits.get(name).rule,
                    })
                    .collect(),
            }
        })
        .collect();
    let entries = package
        .archive()
        .entries()
        .iter()
        .filter(|entry| entry.kind() == EntryKind::File)
        .map(|entry| EntryLine {
            name: entry.name().to_owned(),
            bytes: entry.size(),
        })
        .collect();
    Inspection {
        verdict: Verdict::of(&findings),
        asked,
        handler,
        file,
        digest: package.digest().to_string(),
        bytes: package.archive().bytes().len() as u64,
        signature: "unsigned",
        entries,
        components,
        commands,
        report_heartbeat: manifest.report_heartbeat(),
        findings,
    }
}

/// The capabilities that the manifest asks for, as it writes them; none is granted in this version.
fn asked_capabilities(manifest: &Manifest) -> Vec<String> {
    let request = manifest.sandbox();
    let own = request.commands.iter().flat_map(|(command, asked)| {
        asked
            .capabilities
            .iter()
            .map(move |asked| format!("{} (for {command}): {}", asked.name, asked.json()))
    });
    request
        .all
        .capabilities
        .iter()
        .map(|asked| format!("{}: {}", asked.name, asked.json()))
        .chain(own)
        .collect()
}

/// Writing to a `String` cannot fail.
fn describe(inspection: &Inspection) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", inspection.handler);
    let (file, bytes) = (escape(&inspection.file), inspection.bytes);
    let _ = writeln!(text, "  package    {file}, {bytes} bytes, {}", inspection.signature);
    let _ = writeln!(text, "  SHA-256    {}", inspection.digest);
    let heartbeat = if inspection.report_heartbeat {
        "promised"
    } else {
        "none"
    };
    let _ = writeln!(text, "  heartbeat  {heartbeat}");
    let _ = writeln!(text, "  files");
    for entry in &inspection.entries {
        let _ = writeln!(text, "    {:>9}  {}", entry.bytes, escape(&entry.name));
    }
    for component in &inspection.components {
        let _ = writeln!(text, "  component {}", escape(&component.name));
        let _ = writeln!(text, "    entered by  {}", component.entries.join(", "));
        let _ = writeln!(text, "    imports     {}", component.imports.join(", "));
    }
    for asked in &inspection.asked {
        let _ = writeln!(text, "  asks for   {}", escape_bounded(asked, 400));
    }
    if inspection.verdict != Verdict::Refuse {
        let _ = writeln!(
            text,
            "  gets its own folders, nothing else of the machine, and for each command"
        );
    }
    for command in &inspection.commands {
        let line = command.line.as_deref().map_or_else(|| "(none)".to_owned(), escape);
        let _ = writeln!(text, "  {:<9}  {line}", command.command);
        let limits: Vec<_> = command
            .limits
            .iter()
            .filter(|limit| limit.rule != Rule::Default)
            .filter_map(|limit| {
                let unit = LimitName::from_name(limit.name)?.unit();
                Some(format!(
                    "{} {} ({})",
                    limit.name,
                    show_amount(limit.value, unit),
                    limit.rule.describe()
                ))
            })
            .collect();
        if !command.limits.is_empty() {
            let _ = writeln!(text, "    {}; all other limits at their defaults", limits.join(", "));
        }
    }
    for finding in &inspection.findings {
        text += &finding_lines(finding);
    }
    text
}
