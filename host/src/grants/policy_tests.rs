//! Policies as operators write them: what they come to, and what is said of those that are none.

use std::time::Duration;

use hostler_contract::manifest::DirectoryAccess;
use hostler_contract::{HandlerIdentity, Source};

use super::*;
use crate::limits::LimitName;

fn read(text: &str) -> Result<Policy, String> {
    Policy::parse(Source::new("policy.toml", text.as_bytes())).map_err(|refused| {
        let lines: Vec<String> = refused.findings().iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

#[test]
fn a_rule_with_everything() {
    let policy = read(
        r#"
        [[rule]]
        name = "demo"
        publisher = "Contoso"
        type = "Demo"
        version = ">=1.0, <2"
        environment = ["HTTP_PROXY"]
        clock = "coarse"
        random = "full"
        service = true
        limits = { "cmd.cpu" = 10000, "guest.memory_total" = "64MiB" }

        [[rule.directories]]
        path = "/etc/demo"
        access = "read"

        [[rule.directories]]
        path = "/srv/demo"
        access = "read-write"
        bytes = "1MiB"
        files = 1_0

        [[rule]]
        refuse = true
        "#,
    )
    .unwrap();
    let rule = &policy.rules()[0];
    let folders: Vec<_> = rule
        .directories
        .iter()
        .map(|one| (one.path.as_str(), one.access, one.quota))
        .collect();
    let quota = |bytes, files| FolderQuota { bytes, files };
    assert_eq!(
        folders,
        [
            (
                "/etc/demo",
                DirectoryAccess::Read,
                quota(DEFAULT_FOLDER_BYTES, DEFAULT_FOLDER_FILES)
            ),
            ("/srv/demo", DirectoryAccess::ReadWrite, quota(1 << 20, 10)),
        ]
    );
    assert_eq!(rule.environment, ["HTTP_PROXY"]);
    assert_eq!((rule.clock, rule.random), (Precision::Coarse, Precision::Full));
    assert_eq!((rule.service, policy.rules()[1].service), (true, false));
    assert_eq!(rule.limits, [(LimitName::Cpu, 10_000), (LimitName::Memory, 64 << 20)]);
    let decided = |handler: &str| {
        let handler = HandlerIdentity::parse(handler).unwrap();
        policy.rule_for(&handler).map(|rule| rule.name.clone())
    };
    assert_eq!(decided("Contoso.Demo-1.5").as_deref(), Some("demo"));
    for other in ["Contoso.Demo-2.0", "Contoso.Other-1.5", "Fabrikam.Demo-1.5"] {
        assert_eq!(decided(other).as_deref(), Some("rule 2"), "{other}");
    }
}

#[test]
fn an_empty_policy_has_no_rule() {
    assert_eq!(read("").unwrap().rules(), []);
    assert_eq!(read("# nothing\n").unwrap().rules(), []);
}

#[test]
fn what_is_wrong_is_named_with_its_position() {
    let rule = |lines: &str| format!("[[rule]]\nname = \"a\"\n{lines}\n");
    let cases = [
        "rule = 1".to_owned(),
        "[rule]".to_owned(),
        "[[rules]]".to_owned(),
        "a = 1\nb = ".to_owned(),
        rule("pubisher = \"A\""),
        rule("signer = \"A\""),
        rule("downgrade = false"),
        rule("http = [\"example.org\"]"),
        rule("publisher = 1"),
        rule("version = \"1.x\""),
        rule("refuse = \"yes\""),
        rule("refuse = true\nclock = \"full\""),
        rule("refuse = true\nservice = true"),
        rule("service = \"yes\""),
        rule("clock = \"fine\""),
        rule("environment = \"A\""),
        rule("environment = [\"A*\", \"LD_PRELOAD\", \"A\", \"A\"]"),
        rule("directories = [\"/a\"]"),
        rule("directories = [{ path = \"/a\" }]"),
        rule("directories = [{ path = \"/a/\", access = \"read\" }]"),
        rule("directories = [{ path = \"/proc/1\", access = \"read\" }]"),
        rule("directories = [{ path = \"/\", access = \"read\" }]"),
        rule("directories = [{ path = \"/a\", access = \"write\" }]"),
        rule("directories = [{ path = \"/a\", access = \"read\", bytes = 1 }]"),
        rule("directories = [{ path = \"/a\", access = \"read-write\", bytes = -1, file = 2 }]"),
        rule("directories = [{ path = \"/a\", access = \"read\" }, { path = \"/a\", access = \"read-write\" }]"),
        rule("limits = { \"cmd.cpus\" = 1 }"),
        rule("limits = { cmd.cpu = 1 }"),
        rule("limits = { \"cmd.cpu\" = \"2min\" }"),
        rule("limits = { \"cmd.cpu\" = 1.5 }"),
        rule("[[rule]]\nname = \"a\""),
        rule("require-signature = \"yes\""),
        rule("unsigned-digests = [\"ab\"]"),
        rule("refuse = true\nrequire-signature = \"always\""),
        "[[signer]]\nname = \"a\"".to_owned(),
        "[[signer]]\nroots = [\"/a\"]".to_owned(),
        "[[signer]]\nname = \"a\"\nroots = [\"a.pem\"]\nkey = 1".to_owned(),
        "[[signer]]\nname = \"a\"\nroots = [\"/a\"]\n[[signer]]\nname = \"a\"\nroots = [\"/b\"]".to_owned(),
        "signer = 1".to_owned(),
    ];
    let said: Vec<String> = cases.iter().map(|text| read(text).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    policy.toml:1:8: this has to be an array of tables, and it is of type integer [policy.type]; begin each rule with `[[rule]]`
    policy.toml:1:1: this has to be an array of tables, and it is of type table [policy.type]; begin each rule with `[[rule]]`
    policy.toml:1:3: there is no key `rules` here [policy.unknown_key]; leave it out, or write `rule` if that was meant
    policy.toml:2:5: it is not TOML: string values must be quoted, expected literal string [policy.toml]; write TOML 1.0
    policy.toml:3:1: there is no key `pubisher` here [policy.unknown_key]; leave it out, or write `publisher` if that was meant
    policy.toml:3:10: there is no signer `A` [policy.value]; name it with `[[signer]]`
    policy.toml:3:1: `downgrade` cannot be used: refusing lower versions is reserved for a later version [policy.reserved]; leave it out
    policy.toml:3:1: `http` cannot be used: outbound HTTP is reserved for a later version [policy.reserved]; leave it out
    policy.toml:3:13: this has to be a string, and it is of type integer [policy.type]; write it in quotes
    policy.toml:3:11: `1.x` is not a range of versions: `1.x` is not a version: a part of it is not a number, or too large a one [policy.value]; write bounds with commas between them, for example `>=1.0, <2.0`, `=1.2.3` or `1.2`
    policy.toml:3:10: this has to be a boolean, and it is of type string [policy.type]; write true or false, without quotes
    policy.toml:4:1: the rule refuses the handler, so `clock` means nothing [policy.value]; take one of the two out
    policy.toml:4:1: the rule refuses the handler, so `service` means nothing [policy.value]; take one of the two out
    policy.toml:3:11: this has to be a boolean, and it is of type string [policy.type]; write true or false, without quotes
    policy.toml:3:9: it is no precision [policy.value]; write "coarse" or "full"
    policy.toml:3:15: this has to be an array, and it is of type string [policy.type]; write it in brackets
    policy.toml:3:16: `A*` is not the name of a variable [policy.value]; write ASCII letters, digits and `_`, no digit first; there are no patterns
    policy.toml:3:22: `LD_PRELOAD` is never granted: it is the contract's or the host's own [grant.never]; leave it out
    policy.toml:3:41: `A` stands twice [policy.value]; name each variable once
    policy.toml:3:16: this has to be a table, and it is of type string [policy.type]; write { path = "/srv/app", access = "read" }
    policy.toml:3:16: the folder has no `access` [policy.type]; give it a path and an access
    policy.toml:3:25: `/a/` is not a folder's path: a name in it is empty [policy.value]; write the full path, for example /srv/app, without `.`, `..`, a doubled `/` or a `/` at its end
    policy.toml:3:25: /proc/1 is never granted: /proc shows and steers the machine itself [grant.never]; allow the folders that are meant
    policy.toml:3:25: / is never granted: it is the whole machine [grant.never]; allow the folders that are meant
    policy.toml:3:40: it is no access [policy.value]; write "read" or "read-write"
    policy.toml:3:48: a quota means nothing for a folder that is only read [policy.value]; leave it out, or allow "read-write"
    policy.toml:3:62: it is not an amount [policy.value]; write a whole number from 0 on, or a text with a unit, as in "64MiB" or "10s"
    policy.toml:3:66: there is no key `file` here [policy.unknown_key]; leave it out, or write `files` if that was meant
    policy.toml:3:50: /a stands twice [policy.value]; name each folder once
    policy.toml:3:12: there is no limit `cmd.cpus` [limit.name]; did you mean `cmd.cpu`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
    policy.toml:3:12: there is no limit `cmd` [limit.name]; write the whole name in quotes, as in "cmd.cpu"
    policy.toml:3:24: limit cmd.cpu can only be lowered, and its default is 1 min [policy.value]; write at most 1 min
    policy.toml:3:24: it is not an amount [policy.value]; write a whole number from 0 on, or a text with a unit, as in "64MiB" or "10s"
    policy.toml:4:8: there are two rules with the name `a` [policy.value]; give each rule a name of its own
    policy.toml:3:21: `yes` is not a word for it [policy.value]; write "always", "network" or "never"
    policy.toml:3:21: `ab` is not a SHA-256 [policy.value]; write 64 hexadecimal digits, as `hostler inspect` shows them
    policy.toml:4:1: the rule refuses the handler, so `require-signature` means nothing [policy.value]; take one of the two out
    policy.toml:1:1: a signer without `roots` can sign nothing [policy.type]; write roots = ["/etc/hostler/publisher.pem"], files with certificates in PEM
    policy.toml:1:1: a signer has no `name` [policy.type]; give it a name that rules can call it by
    policy.toml:3:10: `a.pem` is not an absolute path [policy.value]; write the whole path, from `/` on
    policy.toml:4:1: there is no key `key` here [policy.unknown_key]; leave it out; there are name, roots, check-time
    policy.toml:1:1: a signer without `roots` can sign nothing [policy.type]; write roots = ["/etc/hostler/publisher.pem"], files with certificates in PEM
    policy.toml:4:1: there are two signers with the name `a` [policy.value]; give each signer a name of its own, and all of its roots
    policy.toml:1:10: this has to be an array, and it is of type integer [policy.type]; write it in brackets
    "#);
}

#[test]
fn what_is_no_text_or_too_large_is_no_policy() {
    let refused = |bytes: &[u8]| {
        let refused = Policy::parse(Source::new("policy.toml", bytes)).unwrap_err();
        refused.first().code().name()
    };
    assert_eq!(refused(b"\xff"), "policy.toml");
    assert_eq!(refused(&vec![b'#'; MAX_POLICY_BYTES + 1]), "policy.size");
    let deep = "a = ".to_owned() + &"[".repeat(100_000);
    assert_eq!(refused(deep.as_bytes()), "policy.toml");
}

#[test]
fn what_becomes_of_an_update_that_fails() {
    let said = |lines: &str| {
        let policy = read(&format!("[[rule]]\n{lines}\n"))?;
        let handler = HandlerIdentity::parse("Contoso.Demo-1.5").unwrap();
        Ok::<_, String>(policy.on_update_failure(&handler))
    };
    let back = |seconds| OnUpdateFailure::RollBack {
        health_time: Duration::from_secs(seconds),
    };
    let key = "on-update-failure = \"roll-back\"";
    assert_eq!(said(""), Ok(OnUpdateFailure::Contract));
    assert_eq!(said("on-update-failure = \"contract\""), Ok(OnUpdateFailure::Contract));
    assert_eq!(said(key), Ok(back(60)));
    assert_eq!(said(&format!("update-health-time = \"5s\"\n{key}")), Ok(back(5)));
    assert_eq!(
        said(&format!("publisher = \"Other\"\n{key}")),
        Ok(OnUpdateFailure::Contract)
    );
    let wrong = [
        "on-update-failure = true".to_owned(),
        "on-update-failure = \"rollback\"".to_owned(),
        "update-health-time = \"5s\"".to_owned(),
        format!("{key}\nupdate-health-time = \"1h\""),
        format!("{key}\nupdate-health-time = \"901s\""),
        format!("refuse = true\n{key}"),
    ];
    let said: Vec<String> = wrong.iter().map(|text| said(text).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    policy.toml:2:21: this has to be a string, and it is of type boolean [policy.type]; write it in quotes
    policy.toml:2:21: it is nothing that can become of an update [policy.value]; write "contract" or "roll-back"
    policy.toml:2:1: `update-health-time` means nothing where updates are not taken back [policy.value]; leave it out, or write on-update-failure = "roll-back"
    policy.toml:3:22: it is not an amount [policy.value]; write a whole number from 0 on, or a text with a unit, as in "64MiB" or "10s"
    policy.toml:3:22: that is longer than an update may take [policy.value]; write at most 15 min
    policy.toml:3:1: the rule refuses the handler, so `on-update-failure` means nothing [policy.value]; take one of the two out
    "#);
}
