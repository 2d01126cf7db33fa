//! `hostler inspect`: what a package is, what it asks for, and what it would get.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Finding, Manifest, Verdict, escape, escape_bounded};
use hostler_package::{EntryKind, Package};
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::lint::lint_with;
use super::place::{file_name, identity, open_package};
use super::policy_option::{protected, read_policy};
use super::sign::read_signature;
use crate::grants::{Claimant, Decided, DecidedBy, Grants, Policy, Weighed};
use crate::limits::{LimitName, Rule, show_amount};
use crate::report::finding_lines;
use crate::sandbox::scan_component;
use crate::signatures::{Signed, admit, bind};

/// Show what a package is, what it asks for and what it would get, without running anything of it.
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// The package: a zip.
    package: PathBuf,
    /// Which handler it is, as Publisher.Type-1.0 [default: by the package's file name].
    #[arg(long, value_name = "PUBLISHER.TYPE-VERSION")]
    handler: Option<String>,
    /// The package's signature, as `hostler sign` writes it [default: none].
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// The operator's policy that decides what it would get [default: nothing but its own folders].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspection {
    verdict: Verdict,
    handler: String,
    file: String,
    digest: String,
    bytes: u64,
    /// `unsigned`, `unchecked`, `verified` or `bad`.
    signature: &'static str,
    /// The signer, as the policy names it, and its certificate; left out where none was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
    /// The same in words.
    #[serde(skip)]
    signature_text: String,
    entries: Vec<EntryLine>,
    components: Vec<ComponentLine>,
    /// Capabilities that the package asks for.
    asked: Vec<String>,
    /// What decided about them; left out without a policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PolicyLine>,
    commands: Vec<CommandLine>,
    /// What runs on after `enable`; left out where nothing asks to.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<ServiceLine>,
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
    /// What is asked for beyond the contract, and what becomes of it; left out where there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grants: Vec<GrantLine>,
}

/// What runs on after `enable`, with the folders, variables and limits of that.
#[derive(Debug, Serialize)]
struct ServiceLine {
    /// `serviceCommand`; null where a component is to be run on by what it exports.
    line: Option<String>,
    component: Option<String>,
    grants: Vec<GrantLine>,
}

#[derive(Debug, Serialize)]
struct PolicyLine {
    file: String,
    /// The rule that decides; null where none matches the handler.
    rule: Option<String>,
}

#[derive(Debug, Serialize)]
struct GrantLine {
    capability: &'static str,
    /// Null for what is given without being asked for.
    asked: Option<String>,
    /// Null where nothing of it is allowed.
    allowed: Option<String>,
    /// The rule that decided; null without a policy, or where no rule matches.
    rule: Option<String>,
    /// Null where it gets nothing of it, which is so of all of it where the package is refused.
    effective: Option<String>,
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
    let policy = read_policy(args.policy.as_deref())?.protecting(protected([]));
    let signed = read_signature(args.signature.as_deref(), package.archive().bytes(), &policy)?;
    let signed = bind(signed, package.manifest().signing_info(), &handler);
    let file = file_name(&args.package);
    let mut warnings = warnings;
    match admit(&policy, &handler, &file, package.digest(), false, &signed) {
        Ok(odd) => warnings.extend(odd),
        Err(refused) => warnings.extend(refused.findings().iter().cloned()),
    }
    let inspection = look(
        &package,
        Claimant::of(&handler, &signed),
        &signed,
        file,
        warnings,
        &policy,
    );
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

fn look(
    package: &Package,
    handler: Claimant<'_>,
    signed: &Signed,
    file: String,
    warnings: Vec<Finding>,
    policy: &Policy,
) -> Inspection {
    let manifest = package.manifest();
    let (decided, about_grants) = Grants::weigh(manifest, MANIFEST_FILE, policy, handler);
    let is_granted = Verdict::of(&about_grants) != Verdict::Refuse;
    let findings = lint_with(package, warnings, about_grants);
    let rule = match &decided.by {
        DecidedBy::Rule(name) => Some(name.clone()),
        DecidedBy::NoPolicy | DecidedBy::NoRule => None,
    };
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
            // Nothing is in force for a package that is refused.
            let limits = is_granted.then(|| decided.grants.limits(command));
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
                grants: grant_lines(&decided, rule.as_deref(), is_granted, |weighed| {
                    weighed.command == command && weighed.capability != "service"
                }),
            }
        })
        .collect();
    let service = manifest.sandbox().asks_for_service().then(|| ServiceLine {
        line: manifest.sandbox().service_line().map(str::to_owned),
        component: package.service_target().map(str::to_owned),
        grants: grant_lines(&decided, rule.as_deref(), is_granted, |weighed| {
            weighed.capability == "service"
        }),
    });
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
        policy: policy.file().map(|file| PolicyLine {
            file: file.to_owned(),
            rule: rule.clone(),
        }),
        handler: handler.identity().to_string(),
        file,
        digest: package.digest().to_string(),
        bytes: package.archive().bytes().len() as u64,
        signature: signed.word(),
        signer: signed.signer().map(str::to_owned),
        signature_text: signed.describe(),
        entries,
        components,
        commands,
        service,
        report_heartbeat: manifest.report_heartbeat(),
        findings,
    }
}

/// What becomes of all that is asked for and that `is_meant`; a package that is refused gets nothing of it.
fn grant_lines(
    decided: &Decided,
    rule: Option<&str>,
    is_granted: bool,
    is_meant: impl Fn(&Weighed) -> bool,
) -> Vec<GrantLine> {
    let meant = decided.weighed.iter().filter(|weighed| is_meant(weighed));
    meant
        .map(|weighed| GrantLine {
            capability: weighed.capability,
            asked: weighed.asked.clone(),
            allowed: weighed.allowed.clone(),
            rule: rule.map(str::to_owned),
            effective: weighed.effective.clone().filter(|_| is_granted),
        })
        .collect()
}

/// The capabilities that the manifest asks for, one a line.
fn asked_capabilities(manifest: &Manifest) -> Vec<String> {
    let request = manifest.sandbox();
    let own = request.commands.iter().flat_map(|(command, asked)| {
        let lines = asked.capabilities.describe();
        lines.into_iter().map(move |line| format!("{line} (for {command})"))
    });
    let service = request.asks_for_service().then(|| "service: true".to_owned());
    let all = request.all.capabilities.describe().into_iter();
    all.chain(service).chain(own).collect()
}

/// What becomes of one thing that is asked for, in one line.
fn describe_grant(grant: &GrantLine) -> String {
    let asked = match &grant.asked {
        Some(asked) => format!("asks for {} {asked}", grant.capability),
        None => format!("{} not asked for", grant.capability),
    };
    let allowed = match (&grant.rule, &grant.allowed) {
        (Some(rule), Some(allowed)) => format!("rule `{rule}` allows {allowed}"),
        (Some(rule), None) => format!("rule `{rule}` allows nothing of it"),
        (None, Some(allowed)) => format!("{allowed} is allowed without a rule"),
        (None, None) => "nothing of it is allowed without a rule".to_owned(),
    };
    let gets = grant
        .effective
        .as_ref()
        .map(|gets| format!("; gets {gets}"))
        .unwrap_or_default();
    format!("{asked}; {allowed}{gets}")
}

/// Writing to a `String` cannot fail.
fn describe(inspection: &Inspection) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", inspection.handler);
    let (file, bytes) = (escape(&inspection.file), inspection.bytes);
    let _ = writeln!(
        text,
        "  package    {file}, {bytes} bytes, {}",
        escape(&inspection.signature_text)
    );
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
    if let Some(policy) = &inspection.policy {
        let rule = policy.rule.as_ref().map_or_else(
            || "no rule matches the handler".to_owned(),
            |rule| format!("rule `{}` decides", escape(rule)),
        );
        let _ = writeln!(text, "  policy     {}: {rule}", escape(&policy.file));
    }
    if inspection.verdict != Verdict::Refuse {
        let _ = writeln!(
            text,
            "  gets its own folders, {}, and for each command",
            if inspection.commands.iter().all(|command| command.grants.is_empty()) {
                "nothing else of the machine"
            } else {
                "what was granted of the machine"
            }
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
        for grant in &command.grants {
            let _ = writeln!(text, "    {}", escape_bounded(&describe_grant(grant), 400));
        }
    }
    if let Some(service) = &inspection.service {
        let line = service
            .line
            .as_deref()
            .map_or_else(|| "(by what a component exports)".to_owned(), escape);
        let _ = writeln!(text, "  {:<9}  {line}", "service");
        for grant in &service.grants {
            let _ = writeln!(text, "    {}", escape_bounded(&describe_grant(grant), 400));
        }
    }
    for finding in &inspection.findings {
        text += &finding_lines(finding);
    }
    text
}
