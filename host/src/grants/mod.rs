//! What a handler may reach: what its package asks for, as far as the operator allows it (design D5).
//!
//! There is no policy file yet, so what is allowed is what the contract gives every handler, its own folders, and
//! nothing on top. A package that asks for more is refused, by name.

use hostler_contract::manifest::SandboxRequest;
use hostler_contract::{Command, Finding, Manifest, Place, Refused, codes};

use crate::limits::{LimitName, Limits, Rule, Unit, show_amount};

/// The decision about a package: it may run with the folders of the contract, within these limits.
///
/// Only [`Grants::decide`] makes one, so nothing runs without a decision.
#[derive(Debug, Clone)]
pub struct Grants {
    limits: Vec<(Command, Limits)>,
}

/// A decision and what is odd about it.
#[derive(Debug)]
pub struct Decided {
    /// The grants.
    pub grants: Grants,
    /// What was asked for and cannot be kept here; never a refusal.
    pub warnings: Vec<Finding>,
}

impl Grants {
    /// Decides what the package with that `manifest`, known to findings as `file`, may do.
    ///
    /// # Errors
    ///
    /// [`Refused`] with one finding for each capability asked for, and for each limit asked to be higher than what is in
    /// force or that does not exist.
    pub fn decide(manifest: &Manifest, file: &str) -> Result<Decided, Refused> {
        let request = manifest.sandbox();
        let mut findings = capabilities(request, file);
        let mut limits = Vec::new();
        for command in Command::ALL {
            let mut of_command = Limits::of_command(command);
            lower_for(&mut of_command, command, request, file, &mut findings);
            limits.push((command, of_command));
        }
        resource_limits(manifest, file, &mut limits, &mut findings);
        let warnings = Refused::unless_only_warnings(findings)?;
        Ok(Decided {
            grants: Self { limits },
            warnings,
        })
    }

    /// The limits of `command`.
    pub fn limits(&self, command: Command) -> Limits {
        self.limits
            .iter()
            .find(|(of, _)| *of == command)
            .map_or_else(|| Limits::of_command(command), |(_, limits)| limits.clone())
    }
}

fn capabilities(request: &SandboxRequest, file: &str) -> Vec<Finding> {
    let of_all = request
        .all
        .capabilities
        .iter()
        .map(|asked| ("capabilities".to_owned(), asked));
    let of_commands = request.commands.iter().flat_map(|(command, asked)| {
        asked
            .capabilities
            .iter()
            .map(move |asked| (format!("commands.{}.capabilities", command.name()), asked))
    });
    of_all
        .chain(of_commands)
        .map(|(path, asked)| {
            Finding::refusal(
                codes::MANIFEST_CAPABILITY,
                file,
                Place::Json(format!("$[0].sandbox.{path}.{}", asked.name)),
                format!(
                    "the package asks for `{}`, and without a policy nothing but the contract's folders is granted",
                    asked.name
                ),
                "take the capability out of `sandbox`; policies that grant more are not part of this version",
            )
        })
        .collect()
}

fn lower_for(limits: &mut Limits, command: Command, request: &SandboxRequest, file: &str, findings: &mut Vec<Finding>) {
    // A limit asked for every command that is unknown or too high is said once, with the first command.
    let first = command == Command::ALL[0];
    let all = request
        .all
        .limits
        .iter()
        .map(|asked| (first, "limits".to_owned(), asked));
    let own = request.commands.get(&command).into_iter().flat_map(|asked| {
        asked
            .limits
            .iter()
            .map(|asked| (true, format!("commands.{}.limits", command.name()), asked))
    });
    for (say, path, (name, value)) in all.chain(own) {
        let place = Place::Json(format!("$[0].sandbox.{path}.{name}"));
        let finding = match LimitName::from_name(name) {
            None => Finding::refusal(
                codes::LIMIT_NAME,
                file,
                place,
                format!("there is no limit `{name}`"),
                LimitName::hint(name),
            ),
            Some(limit) => match limits.lower(limit, *value, Rule::Package) {
                Ok(()) => continue,
                Err(raise) => Finding::refusal(
                    codes::MANIFEST_LIMITS,
                    file,
                    place,
                    raise.to_string(),
                    format!("ask for at most {}", show_amount(raise.in_force.value, limit.unit())),
                ),
            },
        };
        if say {
            findings.push(finding);
        }
    }
}

/// `resourceLimits` of the contract (contract 10): lowers our limits where it can, else ignored with a warning.
fn resource_limits(manifest: &Manifest, file: &str, limits: &mut [(Command, Limits)], findings: &mut Vec<Finding>) {
    let Some(asked) = manifest.resource_limits() else {
        return;
    };
    let mut warn = |key: &str, what: &str| {
        findings.push(Finding::warning(
            codes::MANIFEST_LIMITS,
            file,
            Place::Json(format!("$[0].resourceLimits.{key}")),
            what,
            "give the limits of a component in `sandbox.limits`",
        ));
    };
    if let Some(quota) = asked.memory_quota_mb {
        let default = LimitName::Memory.default_value();
        // Checked to be a number above 0; what is beyond the default changes nothing.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to a range that fits"
        )]
        let bytes = (quota * 1_048_576.0).clamp(0.0, 1e15) as u64;
        if bytes > default {
            warn(
                "memoryQuotaInMB",
                &format!(
                    "it is higher than {}, which stays in force",
                    show_amount(default, Unit::Bytes)
                ),
            );
        } else {
            for (_, of_command) in limits {
                // Lower than the default; a limit that `sandbox` lowered further stays.
                let _ = of_command.lower(LimitName::Memory, bytes, Rule::Package);
            }
        }
    }
    if asked.cpu_quota_percentage.is_some() {
        warn(
            "cpuQuotaPercentage",
            "a share of the processor is not kept here; processor time is limited by `cmd.cpu`",
        );
    }
    if !asked.services.is_empty() {
        warn(
            "services",
            "a component starts no system services, so their limits mean nothing",
        );
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::Source;

    use super::*;

    fn decide(extra: &str) -> Result<Decided, Refused> {
        let text = format!(
            r#"[{{"version": 1.0, "handlerManifest": {{"installCommand": "a.wasm", "enableCommand": "a.wasm",
                "updateCommand": "a.wasm", "disableCommand": "a.wasm", "uninstallCommand": "a.wasm",
                "rebootAfterInstall": false, "reportHeartbeat": false}}, {extra}}}]"#
        );
        let manifest = Manifest::parse(Source::new("HandlerManifest.json", text.as_bytes()))
            .unwrap()
            .value;
        Grants::decide(&manifest, "HandlerManifest.json")
    }

    fn codes_of(decided: Result<Decided, Refused>) -> Vec<String> {
        match decided {
            Ok(decided) => decided.warnings.iter().map(ToString::to_string).collect(),
            Err(refused) => refused.findings().iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn limits_are_lowered_for_all_and_for_one_command() {
        let asked = r#""sandbox": {"limits": {"guest.memory_total": 1048576, "cmd.deadline": 600000},
            "commands": {"enable": {"limits": {"cmd.cpu": 1000}}}}"#;
        let grants = decide(asked).unwrap().grants;
        assert_eq!(grants.limits(Command::Enable).value(LimitName::Cpu), 1_000);
        assert_eq!(grants.limits(Command::Install).value(LimitName::Cpu), 60_000);
        assert_eq!(grants.limits(Command::Install).value(LimitName::Memory), 1 << 20);
        assert_eq!(grants.limits(Command::Install).value(LimitName::Deadline), 600_000);
        assert!(
            decide(r#""sandbox": {"limits": {"cmd.deadline": 900001}}"#).is_err(),
            "no command has so much"
        );
        assert_eq!(
            grants.limits(Command::Enable).value(LimitName::Deadline),
            300_000,
            "the contract's is lower"
        );
    }

    #[test]
    fn more_than_is_allowed_is_refused_by_name() {
        let asked = r#""sandbox": {"capabilities": {"directories": [{"path": "/etc"}]},
            "limits": {"guest.memory_total": 1099511627776, "guest.memory": 1}}"#;
        insta::assert_snapshot!(codes_of(decide(asked)).join("\n"), @"
        HandlerManifest.json: $[0].sandbox.capabilities.directories: the package asks for `directories`, and without a policy nothing but the contract's folders is granted [manifest.capability]; take the capability out of `sandbox`; policies that grant more are not part of this version
        HandlerManifest.json: $[0].sandbox.limits.guest.memory: there is no limit `guest.memory` [limit.name]; did you mean `guest.memories`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
        HandlerManifest.json: $[0].sandbox.limits.guest.memory_total: limit guest.memory_total is 256 MiB (the default) and cannot be raised to 1024 GiB [manifest.limits]; ask for at most 256 MiB
        ");
    }

    /// MAN-14: what the contract's own key asks for lowers our limits and never raises them.
    #[test]
    fn resource_limits_only_lower() {
        let grants = decide(r#""resourceLimits": {"memoryQuotaInMB": 64}"#).unwrap().grants;
        assert_eq!(grants.limits(Command::Enable).value(LimitName::Memory), 64 << 20);
        let high = decide(r#""resourceLimits": {"memoryQuotaInMB": 1e9, "cpuQuotaPercentage": 50}"#).unwrap();
        assert_eq!(high.grants.limits(Command::Enable).value(LimitName::Memory), 256 << 20);
        assert_eq!(high.warnings.len(), 2);
    }
}
