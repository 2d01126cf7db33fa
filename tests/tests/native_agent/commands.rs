//! The life of a handler under the agent: commands, folders, variables, and what is left when it goes.

use std::fs;

use serde_json::{Value, json};

use crate::agent::{Agent, manifest};

/// Scenarios A1, C1 and C2. The handler sees that agent's folders, and the variables of the contract that it set, and nothing else of it. The
/// component that a command needs was compiled by install.
#[test]
fn a_command_gets_what_the_agent_gave() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    agent.settings(
        "1.0.0",
        5,
        &json!({"public": {"enable": {"stdout": "out", "stderr": "err"}}}),
    );
    let variables = [
        ("ConfigSequenceNumber", "5"),
        ("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", "NOT_RUN"),
    ];
    let installed = agent.run_in("1.0.0", "install", &variables, "");
    assert_eq!((installed.exit, installed.stderr.as_str()), (0, ""), "{installed:?}");
    let cache = agent.library().join("hostler/Contoso.Demo/cache");
    let compiled = || fs::read_dir(&cache).unwrap().count();
    assert_eq!(compiled(), 2, "a key, and the code of one component");

    let enabled = agent.run_in("1.0.0", "enable", &variables, "");
    assert_eq!(
        (enabled.exit, enabled.stdout.as_str(), enabled.stderr.as_str()),
        (0, "out", "err")
    );
    assert_eq!(compiled(), 2);
    let (word, _, message) = agent.said("1.0.0", 5);
    assert_eq!(
        (word.as_str(), message.as_str()),
        ("success", "1.0.0 is enabled with settings 5")
    );

    let record = agent.record();
    let commands: Vec<&str> = record.iter().map(|line| line["command"].as_str().unwrap()).collect();
    assert_eq!(commands, ["install", "enable"]);
    let enable = &record[1];
    let own = agent.base("1.0.0").join("handler");
    let expected = json!({
        "AZURE_GUEST_AGENT_EXTENSION_PATH": own,
        "AZURE_GUEST_AGENT_EXTENSION_VERSION": "1.0.0",
        "AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE": "NOT_RUN",
        "AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS": "168.63.129.16",
        "ConfigSequenceNumber": "5",
        "PWD": own,
    });
    assert_eq!(enable["variables"], expected);
    assert_eq!(enable["config"], json!(["5.settings"]));
    let public = &enable["settings"]["runtimeSettings"][0]["handlerSettings"]["publicSettings"];
    assert_eq!(public["enable"]["stdout"], "out");
    assert_eq!(
        enable["here"],
        json!([
            "HandlerEnvironment.json",
            "HandlerManifest.json",
            "heartbeat",
            "recorder.wasm"
        ])
    );
}

/// One of several extensions has its own settings and its own status (contract 4.1 and 5).
#[test]
fn an_extension_of_several_has_its_own_files() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({"supportsMultipleExtensions": true})));
    agent.settings("1.0.0", 0, &json!({}));
    let base = agent.base("1.0.0");
    fs::rename(base.join("config/0.settings"), base.join("config/web.0.settings")).unwrap();
    let variables = [("ConfigSequenceNumber", "0"), ("ConfigExtensionName", "web")];
    let enabled = agent.run_in("1.0.0", "enable", &variables, "");
    assert_eq!(enabled.exit, 0, "{enabled:?}");
    assert!(base.join("status/web.0.status").is_file());
    assert_eq!(agent.record()[0]["variables"]["ConfigExtensionName"], "web");
}

/// Scenarios D1 and E1. Data belongs to the handler: it is there for the new version of an update, although the old one is uninstalled, and goes
/// with the last.
#[test]
fn data_survives_an_update_and_goes_with_the_handler() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    agent.settings(
        "1.0.0",
        0,
        &json!({"public": {"enable": {"data": {"kept": "by the first"}}}}),
    );
    for command in ["install", "enable"] {
        assert_eq!(agent.run("1.0.0", command, 0).exit, 0, "{command}");
    }
    agent.install_files("1.1.0", &manifest(&json!({})));
    agent.settings("1.1.0", 1, &json!({}));
    // As in contract 7.4: the old one's commands get the new number.
    for (version, command) in [
        ("1.0.0", "disable"),
        ("1.1.0", "update"),
        ("1.0.0", "uninstall"),
        ("1.1.0", "install"),
        ("1.1.0", "enable"),
    ] {
        if (version, command) == ("1.1.0", "install") {
            fs::remove_dir_all(agent.base("1.0.0")).unwrap();
        }
        let found = agent.run(version, command, 1);
        assert_eq!(found.exit, 0, "{command}: {found:?}");
    }
    let last = agent.record().pop().unwrap();
    assert_eq!(last["data"], json!(["kept"]));
    let own = agent.library().join("hostler");
    assert_eq!(
        fs::read_to_string(own.join("Contoso.Demo/data/kept")).unwrap(),
        "by the first"
    );

    assert_eq!(agent.run("1.1.0", "uninstall", 1).exit, 0);
    assert!(!own.exists(), "nothing of hostler stays");
    assert!(agent.base("1.1.0").is_dir(), "the package is the agent's to remove");
}

/// A handler that somebody else has something of keeps that one's.
#[test]
fn an_uninstall_takes_nothing_of_another_handler() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    assert_eq!(agent.run("1.0.0", "install", 0).exit, 0);
    let others = agent.library().join("hostler/Contoso.Other/data");
    fs::create_dir_all(&others).unwrap();
    fs::write(others.join("file"), "of another").unwrap();
    assert_eq!(agent.run("1.0.0", "uninstall", 0).exit, 0);
    let left: Vec<_> = fs::read_dir(agent.library().join("hostler"))
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(left.len(), 1);
    assert_eq!(fs::read_to_string(others.join("file")).unwrap(), "of another");
}

/// Scenario B1, contract 7.6: exit codes are the handler's own; of a trap and of a limit they are those of design D10.
#[test]
fn exit_codes_are_the_handlers() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    let cases = [
        (json!({"exit": 0}), 0),
        (json!({"exit": 52}), 52),
        (json!({"trap": true}), 134),
    ];
    for (number, (told, exit)) in (0..).zip(cases) {
        agent.settings("1.0.0", number, &json!({"public": {"enable": told}}));
        let found = agent.run("1.0.0", "enable", number);
        assert_eq!(found.exit, exit, "{found:?}");
    }
}

/// A package's own lower limit holds here too, and what is said of it stands where the agent reads it.
#[test]
fn limits_hold() {
    let agent = Agent::new();
    let mut limited = manifest(&json!({}));
    limited[0]["sandbox"] = json!({"limits": {"cmd.deadline": 300}});
    agent.install_files("1.0.0", &limited);
    agent.settings("1.0.0", 0, &json!({"public": {"enable": {"loop": true}}}));
    let found = agent.run("1.0.0", "enable", 0);
    assert_eq!(found.exit, 137, "{found:?}");
    assert!(
        found.stderr.starts_with("hostler: [ExtensionError] Timeout(1): "),
        "{found:?}"
    );
    let (word, code, message) = agent.said("1.0.0", 0);
    assert_eq!((word.as_str(), code), ("error", 1011), "{message}");
    let outer: Value =
        serde_json::from_slice(&fs::read(agent.base("1.0.0").join("HandlerManifest.json")).unwrap()).unwrap();
    assert_eq!(
        outer[0]["sandbox"],
        Value::Null,
        "what is asked of hostler stands in the handler's own manifest"
    );
}

/// Two commands of one handler never run beside each other: an agent that was started again does not wait for what the one
/// before it left running.
#[test]
fn a_second_command_does_not_run_beside_the_first() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    assert_eq!(agent.run("1.0.0", "install", 0).exit, 0);
    let lock = fs::File::open(agent.library().join("hostler/Contoso.Demo/lock")).unwrap();
    lock.lock().unwrap();
    let found = agent.run("1.0.0", "enable", 0);
    assert_eq!(found.exit, 4, "{found:?}");
    assert!(found.stderr.contains("in use by another hostler"), "{found:?}");
    lock.unlock().unwrap();
    assert_eq!(agent.run("1.0.0", "enable", 0).exit, 0);
}
