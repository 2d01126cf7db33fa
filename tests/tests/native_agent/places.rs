//! A launcher in other places, and beside other files, than the agent puts it: it says so and runs nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use hostler_tests::hostler;
use serde_json::json;

use crate::agent::{Agent, manifest};

fn ready() -> Agent {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    agent.settings("1.0.0", 0, &json!({}));
    agent
}

/// Each: what is done to a package that would run, the exit code, and what is said. The files of the agent are 0744 and its
/// folders 0755: that is as it should be.
#[test]
fn what_is_wrong_is_said_and_nothing_runs() {
    type Damage = fn(&Agent);
    let cases: [(Damage, i32, &str); 7] = [
        (
            |agent| fs::remove_file(agent.base("1.0.0").join("HandlerEnvironment.json")).unwrap(),
            3,
            "[launcher.place]",
        ),
        (
            |agent| fs::write(agent.base("1.0.0").join("HandlerEnvironment.json"), "[]").unwrap(),
            3,
            "[environment.schema]",
        ),
        (
            |agent| fs::write(agent.base("1.0.0").join("hostler-package.json"), "{}").unwrap(),
            3,
            "[launcher.place]",
        ),
        (
            |agent| fs::write(agent.base("1.0.0").join("handler/recorder.wasm"), "\0asm").unwrap(),
            3,
            "[pkg.changed]",
        ),
        (
            |agent| fs::write(agent.base("1.0.0").join("handler/HandlerManifest.json"), "[]").unwrap(),
            3,
            "[pkg.changed]",
        ),
        (
            |agent| fs::set_permissions(agent.base("1.0.0"), Permissions::from_mode(0o777)).unwrap(),
            4,
            "others can write in it",
        ),
        (
            |agent| {
                let status = agent.base("1.0.0").join("status");
                fs::remove_dir(&status).unwrap();
                std::os::unix::fs::symlink("/tmp", status).unwrap();
            },
            4,
            "status",
        ),
    ];
    for (damage, exit, words) in cases {
        let agent = ready();
        damage(&agent);
        let found = agent.run("1.0.0", "enable", 0);
        assert_eq!(found.exit, exit, "{words}: {found:?}");
        assert!(found.stderr.contains(words), "{words}: {found:?}");
        assert!(agent.record().is_empty(), "{words}: something ran");
    }
}

/// An enable that was not run says why in its status too.
#[test]
fn what_was_not_run_has_a_status() {
    let agent = ready();
    fs::write(agent.base("1.0.0").join("handler/recorder.wasm"), "\0asm").unwrap();
    assert_eq!(agent.run("1.0.0", "enable", 0).exit, 3);
    let (word, code, message) = agent.said("1.0.0", 0);
    assert_eq!((word.as_str(), code), ("error", 1009));
    assert!(message.contains("[pkg.changed]"), "{message}");
}

/// For which settings a command is has to be said.
#[test]
fn without_the_contracts_variables_nothing_runs() {
    let agent = ready();
    for variables in [
        vec![],
        vec![("ConfigSequenceNumber", "-1")],
        vec![("ConfigSequenceNumber", "../1")],
    ] {
        let found = agent.run_in("1.0.0", "enable", &variables, "");
        assert_eq!(found.exit, 3, "{found:?}");
        assert!(found.stderr.contains("[launcher.place]"), "{found:?}");
    }
    assert!(agent.record().is_empty());
}

/// Started where it lies, hostler itself is no launcher.
#[test]
fn a_program_that_no_agent_unpacked_runs_nothing() {
    let output = Command::new(hostler())
        .args(["launch", "enable"])
        .env("ConfigSequenceNumber", "0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("[launcher.place]") && said.contains("does not lie in the folder `bin`"),
        "{said}"
    );
}

/// Design D5: without a policy a handler gets its folders; what it asks for beyond is refused by name, and a policy of the
/// operator's allows it. What takes a handler away is not refused for asking.
#[test]
fn what_is_asked_for_beyond_the_folders_needs_the_operators_policy() {
    let agent = Agent::new();
    let wanted = agent.beside().join("wanted");
    fs::create_dir(&wanted).unwrap();
    let mut asking = manifest(&json!({}));
    let directories = json!([{"path": wanted, "access": "read"}]);
    asking[0]["sandbox"] = json!({"capabilities": {"directories": directories}});
    agent.install_files("1.0.0", &asking);
    agent.settings("1.0.0", 0, &json!({}));
    let refused = agent.run("1.0.0", "enable", 0);
    assert_eq!(refused.exit, 3, "{refused:?}");
    assert!(refused.stderr.contains("[manifest.capability]"), "{refused:?}");
    assert_eq!(agent.run("1.0.0", "disable", 0).exit, 0);

    let policy = agent.beside().join("policy.toml");
    let rule = format!(
        "[[rule]]\nname = \"demo\"\npublisher = \"Contoso\"\n[[rule.directories]]\npath = \"{}\"\naccess = \"read\"\n",
        wanted.display()
    );
    fs::write(&policy, rule).unwrap();
    let more = format!(" --policy '{}'", policy.display());
    let allowed = agent.run_in("1.0.0", "enable", &[("ConfigSequenceNumber", "0")], &more);
    assert_eq!(allowed.exit, 0, "{allowed:?}");
}

/// The agent's library folder, where keys and other handlers lie, is never granted.
#[test]
fn the_agents_own_folder_is_never_granted() {
    let agent = Agent::new();
    let mut asking = manifest(&json!({}));
    let directories = json!([{"path": agent.library(), "access": "read"}]);
    asking[0]["sandbox"] = json!({"capabilities": {"directories": directories}});
    agent.install_files("1.0.0", &asking);
    agent.settings("1.0.0", 0, &json!({}));
    let policy = agent.beside().join("policy.toml");
    let rule = format!(
        "[[rule]]\nname = \"demo\"\npublisher = \"Contoso\"\n[[rule.directories]]\npath = \"{}\"\naccess = \"read\"\n",
        agent.library().display()
    );
    fs::write(&policy, rule).unwrap();
    let more = format!(" --policy '{}'", policy.display());
    let refused = agent.run_in("1.0.0", "enable", &[("ConfigSequenceNumber", "0")], &more);
    assert_eq!(refused.exit, 3, "{refused:?}");
    assert!(refused.stderr.contains("[grant.directory]"), "{refused:?}");
    assert!(agent.record().is_empty());
}
