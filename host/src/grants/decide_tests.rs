//! The decision, case by case.

use hostler_contract::Source;
use hostler_contract::manifest::{DirectoryAccess, MANIFEST_FILE};

use super::*;
use crate::limits::LimitName;

pub(super) fn manifest(beside: &str) -> Manifest {
    let text = format!(
        r#"[{{"version": 1.0, "handlerManifest": {{"installCommand": "a.wasm", "enableCommand": "a.wasm",
            "updateCommand": "a.wasm", "disableCommand": "a.wasm", "uninstallCommand": "a.wasm",
            "rebootAfterInstall": false, "reportHeartbeat": false}}, {beside}}}]"#
    );
    Manifest::parse(Source::new(MANIFEST_FILE, text.as_bytes()))
        .unwrap()
        .value
}

fn policy(text: &str) -> Policy {
    let policy = Policy::parse(Source::new("policy.toml", text.as_bytes())).unwrap();
    policy.protecting(Protected::new(["/var/lib/hostler".into()]))
}

pub(super) fn demo() -> HandlerIdentity {
    HandlerIdentity::parse("Contoso.Demo-1.0").unwrap()
}

fn decide_under(policy: &Policy, beside: &str) -> Result<Decided, Refused> {
    Grants::decide(&manifest(beside), MANIFEST_FILE, policy, &demo())
}

fn decide(beside: &str) -> Result<Decided, Refused> {
    decide_under(&Policy::none(), beside)
}

fn codes_of(decided: Result<Decided, Refused>) -> Vec<String> {
    match decided {
        Ok(decided) => decided.warnings.iter().map(ToString::to_string).collect(),
        Err(refused) => refused.findings().iter().map(ToString::to_string).collect(),
    }
}

const FOLDERS: &str = r#""sandbox": {"capabilities": {"directories": [{"path": "/srv/demo", "access": "read"}]},
    "commands": {"install": {"capabilities": {"directories": [
        {"path": "/srv/demo", "access": "read-write", "bytes": 4096}]}}}}"#;

#[test]
fn a_command_gets_what_is_asked_for_all_with_its_own_on_top() {
    let allowed = policy(
        r#"
        [[rule]]
        name = "demo"
        publisher = "Contoso"
        directories = [{ path = "/srv", access = "read-write", bytes = 10000, files = 5 }]
        "#,
    );
    let decided = decide_under(&allowed, FOLDERS).unwrap();
    assert_eq!(decided.by, DecidedBy::Rule("demo".to_owned()));
    let of = |command| {
        let granted = decided.grants.effective().of(command);
        let granted = granted.directories.iter();
        granted
            .map(|one| format!("{} {}", one.path, one.describe()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Command::Install), ["/srv/demo read-write (to add 4 KiB, 5 files)"]);
    assert_eq!(of(Command::Enable), ["/srv/demo read"]);
}

#[test]
fn more_than_is_allowed_is_refused_by_name_with_the_line_that_would_allow_it() {
    let asked = r#""sandbox": {"capabilities": {"clock": "full", "environment": ["HTTP_PROXY", "LD_PRELOAD"],
        "directories": [{"path": "/etc/demo", "access": "read"}, {"path": "/srv/demo", "access": "read-write", "files": 9},
            {"path": "/var/lib/hostler/state", "access": "read"}]},
        "limits": {"guest.memory_total": 1099511627776, "guest.memory": 1}}"#;
    let policies = [
        Policy::none(),
        policy("[[rule]]\npublisher = \"Fabrikam\""),
        policy("[[rule]]\nname = \"all\"\nclock = \"coarse\"\ndirectories = [{ path = \"/srv\", access = \"read\" }]"),
        policy("[[rule]]\nname = \"none\"\nrefuse = true"),
    ];
    let said: Vec<String> = policies
        .iter()
        .map(|policy| codes_of(decide_under(policy, asked)).join("\n"))
        .collect();
    insta::assert_snapshot!(said.join("\n\n"), @r#"
    HandlerManifest.json: $[0].sandbox.limits.guest.memory: there is no limit `guest.memory` [limit.name]; did you mean `guest.memories`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
    HandlerManifest.json: $[0].sandbox.limits.guest.memory_total: limit guest.memory_total is 256 MiB (the default) and cannot be raised to 1024 GiB [manifest.limits]; ask for at most 256 MiB
    HandlerManifest.json: $[0].sandbox.capabilities.directories[0]: the package asks for `read /etc/demo`, and without a policy nothing but the contract's folders is granted [manifest.capability]; take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | directories = [{ path = "/etc/demo", access = "read" }]
    HandlerManifest.json: $[0].sandbox.capabilities.directories[1]: the package asks for `read-write /srv/demo, files 9`, and without a policy nothing but the contract's folders is granted [manifest.capability]; take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | directories = [{ path = "/srv/demo", access = "read-write", files = 9 }]
    HandlerManifest.json: $[0].sandbox.capabilities.directories[2]: the package asks for `read /var/lib/hostler/state`, and without a policy nothing but the contract's folders is granted [manifest.capability]; take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | directories = [{ path = "/var/lib/hostler/state", access = "read" }]
    HandlerManifest.json: $[0].sandbox.capabilities.environment[0]: the package asks for the variable HTTP_PROXY, and without a policy nothing but the contract's folders is granted [manifest.capability]; take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | environment = ["HTTP_PROXY"]
    HandlerManifest.json: $[0].sandbox.capabilities.environment[1]: the variable LD_PRELOAD is never granted: it is the contract's or the host's own [grant.never]; take it out of `environment`

    HandlerManifest.json: $[0].sandbox.limits.guest.memory: there is no limit `guest.memory` [limit.name]; did you mean `guest.memories`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
    HandlerManifest.json: $[0].sandbox.limits.guest.memory_total: limit guest.memory_total is 256 MiB (the default) and cannot be raised to 1024 GiB [manifest.limits]; ask for at most 256 MiB
    HandlerManifest.json: $[0].sandbox.capabilities.directories[0]: the package asks for `read /etc/demo`, and no rule of policy.toml matches Contoso.Demo-1.0 [manifest.capability]; take it out of `sandbox`, or add a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | directories = [{ path = "/etc/demo", access = "read" }]
    HandlerManifest.json: $[0].sandbox.capabilities.directories[1]: the package asks for `read-write /srv/demo, files 9`, and no rule of policy.toml matches Contoso.Demo-1.0 [manifest.capability]; take it out of `sandbox`, or add a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | directories = [{ path = "/srv/demo", access = "read-write", files = 9 }]
    HandlerManifest.json: $[0].sandbox.capabilities.directories[2]: /var/lib/hostler/state is never granted: it lies in a folder of hostler's own, /var/lib/hostler [grant.never]; ask for another folder; what a handler keeps belongs into its data folder
    HandlerManifest.json: $[0].sandbox.capabilities.environment[0]: the package asks for the variable HTTP_PROXY, and no rule of policy.toml matches Contoso.Demo-1.0 [manifest.capability]; take it out of `sandbox`, or add a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | environment = ["HTTP_PROXY"]
    HandlerManifest.json: $[0].sandbox.capabilities.environment[1]: the variable LD_PRELOAD is never granted: it is the contract's or the host's own [grant.never]; take it out of `environment`

    HandlerManifest.json: $[0].sandbox.limits.guest.memory: there is no limit `guest.memory` [limit.name]; did you mean `guest.memories`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
    HandlerManifest.json: $[0].sandbox.limits.guest.memory_total: limit guest.memory_total is 256 MiB (the default) and cannot be raised to 1024 GiB [manifest.limits]; ask for at most 256 MiB
    HandlerManifest.json: $[0].sandbox.capabilities.directories[0]: the package asks for `read /etc/demo`, and rule `all` of policy.toml does not allow it [manifest.capability]; take it out of `sandbox`, or write in the rule `all`: { path = "/etc/demo", access = "read" } in `directories`
    HandlerManifest.json: $[0].sandbox.capabilities.directories[1]: the package asks for `read-write /srv/demo, files 9`, and rule `all` of policy.toml does not allow it beyond `read /srv` [manifest.capability]; take it out of `sandbox`, or write in the rule `all`: { path = "/srv/demo", access = "read-write", files = 9 } before "/srv" in `directories`
    HandlerManifest.json: $[0].sandbox.capabilities.directories[2]: /var/lib/hostler/state is never granted: it lies in a folder of hostler's own, /var/lib/hostler [grant.never]; ask for another folder; what a handler keeps belongs into its data folder
    HandlerManifest.json: $[0].sandbox.capabilities.environment[0]: the package asks for the variable HTTP_PROXY, and rule `all` of policy.toml does not allow it [manifest.capability]; take it out of `sandbox`, or write in the rule `all`: environment = ["HTTP_PROXY"]
    HandlerManifest.json: $[0].sandbox.capabilities.environment[1]: the variable LD_PRELOAD is never granted: it is the contract's or the host's own [grant.never]; take it out of `environment`
    HandlerManifest.json: $[0].sandbox.capabilities.clock: the package asks for `clock` in full, and rule `all` of policy.toml does not allow it [manifest.capability]; take it out of `sandbox`, or write in the rule `all`: clock = "full"

    HandlerManifest.json: rule `none` of policy.toml refuses Contoso.Demo-1.0 [grant.handler]; take `refuse` out of the rule, or put one before it that this handler matches
    HandlerManifest.json: $[0].sandbox.limits.guest.memory: there is no limit `guest.memory` [limit.name]; did you mean `guest.memories`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
    HandlerManifest.json: $[0].sandbox.limits.guest.memory_total: limit guest.memory_total is 256 MiB (the default) and cannot be raised to 1024 GiB [manifest.limits]; ask for at most 256 MiB
    HandlerManifest.json: $[0].sandbox.capabilities.directories[2]: /var/lib/hostler/state is never granted: it lies in a folder of hostler's own, /var/lib/hostler [grant.never]; ask for another folder; what a handler keeps belongs into its data folder
    HandlerManifest.json: $[0].sandbox.capabilities.environment[1]: the variable LD_PRELOAD is never granted: it is the contract's or the host's own [grant.never]; take it out of `environment`
    "#);
}

/// Whoever takes a handler away is not kept from it by a policy that became narrower.
#[test]
fn what_is_weighed_without_refusing_is_what_is_asked_for_and_allowed() {
    let narrow = policy("[[rule]]\nname = \"all\"\ndirectories = [{ path = \"/srv\", access = \"read\" }]");
    let (decided, findings) = Grants::weigh(&manifest(FOLDERS), MANIFEST_FILE, &narrow, &demo());
    assert_eq!(findings.len(), 1);
    let granted = decided.grants.effective().of(Command::Install).directories;
    assert_eq!(
        (granted.len(), granted[0].access, granted[0].quota),
        (1, DirectoryAccess::Read, None)
    );
    let refusing = policy("[[rule]]\nrefuse = true");
    let (decided, _) = Grants::weigh(&manifest(FOLDERS), MANIFEST_FILE, &refusing, &demo());
    assert!(decided.grants.effective().directories().is_empty());
}

#[test]
fn the_first_rule_that_matches_decides_alone() {
    let both = policy(
        r#"
        [[rule]]
        name = "first"
        environment = ["A"]

        [[rule]]
        name = "second"
        publisher = "Contoso"
        environment = ["B"]
        "#,
    );
    let asks = |name: &str| format!(r#""sandbox": {{"capabilities": {{"environment": ["{name}"]}}}}"#);
    assert!(decide_under(&both, &asks("A")).is_ok());
    assert!(decide_under(&both, &asks("B")).is_err());
}

#[test]
fn folders_in_one_another_are_not_asked_for_together() {
    let allowed = policy("[[rule]]\ndirectories = [{ path = \"/a\", access = \"read-write\" }]");
    let asked = r#""sandbox": {"capabilities": {"directories": [
        {"path": "/a/b/c", "access": "read"}, {"path": "/a/b", "access": "read-write"}]}}"#;
    assert_eq!(
        decide_under(&allowed, asked).unwrap_err().first().code().name(),
        "manifest.value"
    );
    let check = Grants::check(&manifest(asked), MANIFEST_FILE);
    assert_eq!(check.len(), 1, "also where there is no policy yet");
}

#[test]
fn clocks_and_random_numbers_are_full_unless_somebody_says_otherwise() {
    use Precision::{Coarse, Full};
    let rule = |clock: &str| policy(&format!("[[rule]]\nclock = \"{clock}\""));
    let asks = |clock: &str| format!(r#""sandbox": {{"capabilities": {{"clock": "{clock}"}}}}"#);
    let nothing = r#""sandbox": {}"#.to_owned();
    for (policy, asked, granted) in [
        (Policy::none(), nothing.clone(), Some(Full)),
        (Policy::none(), asks("coarse"), Some(Coarse)),
        (Policy::none(), asks("full"), Some(Full)),
        (rule("coarse"), nothing.clone(), Some(Coarse)),
        (rule("coarse"), asks("coarse"), Some(Coarse)),
        (rule("coarse"), asks("full"), None),
        (rule("full"), nothing, Some(Full)),
        (rule("full"), asks("coarse"), Some(Coarse)),
    ] {
        let decided = decide_under(&policy, &asked).ok();
        let clock = decided.map(|decided| decided.grants.clock(Command::Enable));
        assert_eq!(clock, granted, "{asked} {policy:?}");
    }
}

#[test]
fn a_service_is_for_who_asks_for_it_and_may() {
    let nothing = r#""sandbox": {}"#;
    let flag = r#""sandbox": {"capabilities": {"service": true}}"#;
    let command = r#""sandbox": {"serviceCommand": "a.wasm service"}"#;
    let (yes, no) = (policy("[[rule]]\nservice = true"), policy("[[rule]]\nservice = false"));
    for (policy, asked, granted) in [
        (&Policy::none(), nothing, Some(false)),
        (&Policy::none(), flag, None),
        (&policy(""), command, None),
        (&no, nothing, Some(false)),
        (&no, flag, None),
        (&no, command, None),
        (&yes, nothing, Some(false)),
        (&yes, flag, Some(true)),
        (&yes, command, Some(true)),
    ] {
        let decided = decide_under(policy, asked).ok();
        let service = decided.as_ref().map(|decided| decided.grants.service());
        assert_eq!(service, granted, "{asked} {policy:?}");
        let Some(decided) = decided else {
            let (weighed, _) = Grants::weigh(&manifest(asked), MANIFEST_FILE, policy, &demo());
            assert!(!weighed.grants.service(), "{asked} {policy:?}");
            continue;
        };
        for command in Command::ALL {
            let has = decided.grants.effective().of(command).service;
            assert_eq!(has, granted == Some(true) && command == Command::Enable, "{command}");
        }
    }
}

#[test]
fn a_service_that_is_not_allowed_is_refused_with_the_line_that_would_allow_it() {
    let flag = r#""sandbox": {"capabilities": {"service": true}}"#;
    let command = r#""sandbox": {"serviceCommand": "a.wasm service"}"#;
    let said = [
        codes_of(decide(flag)),
        codes_of(decide_under(&policy("[[rule]]\npublisher = \"Fabrikam\""), command)),
        codes_of(decide_under(&policy("[[rule]]\nname = \"all\""), command)),
    ];
    insta::assert_snapshot!(said.concat().join("\n"), @r#"
    HandlerManifest.json: $[0].sandbox.capabilities.service: the package asks to run on after enable, and without a policy nothing but the contract's folders is granted [manifest.capability]; take it out of `sandbox`, or give `--policy FILE` with a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | service = true
    HandlerManifest.json: $[0].sandbox.serviceCommand: the package asks to run on after enable, and no rule of policy.toml matches Contoso.Demo-1.0 [manifest.capability]; take it out of `sandbox`, or add a rule, one line for each `|`: [[rule]] | publisher = "Contoso" | type = "Demo" | service = true
    HandlerManifest.json: $[0].sandbox.serviceCommand: the package asks to run on after enable, and rule `all` of policy.toml does not allow it [manifest.capability]; take it out of `sandbox`, or write in the rule `all`: service = true
    "#);
    assert!(
        Grants::check(&manifest(command), MANIFEST_FILE).is_empty(),
        "a policy could allow it"
    );
}

#[test]
fn a_policy_lowers_limits_and_never_raises_them() {
    let rule = policy("[[rule]]\nlimits = { \"cmd.cpu\" = \"10s\", \"cmd.deadline\" = \"10min\" }");
    let asked = r#""sandbox": {"commands": {"enable": {"limits": {"cmd.cpu": 1000}}}}"#;
    let grants = decide_under(&rule, asked).unwrap().grants;
    let limit = |command, name| {
        (
            grants.limits(command).value(name),
            grants.limits(command).get(name).rule,
        )
    };
    assert_eq!(limit(Command::Enable, LimitName::Cpu), (1_000, Rule::Package));
    assert_eq!(limit(Command::Install, LimitName::Cpu), (10_000, Rule::Policy));
    assert_eq!(limit(Command::Install, LimitName::Deadline), (600_000, Rule::Policy));
    assert_eq!(limit(Command::Enable, LimitName::Deadline), (300_000, Rule::Contract));
    let kept = &grants.effective().of(Command::Enable).limits;
    assert_eq!(kept.get("cmd.cpu"), Some(&1_000));
    assert_eq!(kept.get("cmd.deadline"), None);
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

/// MAN-14: what the contract's own key asks for lowers our limits and never raises them.
#[test]
fn resource_limits_only_lower() {
    let grants = decide(r#""resourceLimits": {"memoryQuotaInMB": 64}"#).unwrap().grants;
    assert_eq!(grants.limits(Command::Enable).value(LimitName::Memory), 64 << 20);
    let high = decide(r#""resourceLimits": {"memoryQuotaInMB": 1e9, "cpuQuotaPercentage": 50}"#).unwrap();
    assert_eq!(high.grants.limits(Command::Enable).value(LimitName::Memory), 256 << 20);
    assert_eq!(high.warnings.len(), 2);
}
