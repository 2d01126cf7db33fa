//! Limits that a package asks for: they only ever lower what is in force.

use std::collections::BTreeMap;

use hostler_contract::manifest::SandboxRequest;
use hostler_contract::{Command, Finding, Manifest, Place, codes};

use crate::limits::{LimitName, Limits, Rule, Unit, show_amount};

/// Lowers `limits`, those of `command`, to what `request` says.
pub(super) fn lower_for(
    limits: &mut Limits,
    command: Command,
    request: &SandboxRequest,
    file: &str,
    findings: &mut Vec<Finding>,
) {
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
pub(super) fn resource_limits(
    manifest: &Manifest,
    file: &str,
    limits: &mut BTreeMap<Command, Limits>,
    findings: &mut Vec<Finding>,
) {
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
            for of_command in limits.values_mut() {
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
