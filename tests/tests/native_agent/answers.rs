//! What the agent finds after a command: a status that it can read, and the heartbeat where it looks (design D10, contract
//! 5.2 and 6).

use std::fs;

use serde_json::{Value, json};

use crate::agent::{Agent, manifest};

fn enabled(told: Value) -> (Agent, i32) {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({"reportHeartbeat": true})));
    agent.settings("1.0.0", 0, &json!({"public": {"enable": told}}));
    let found = agent.run("1.0.0", "enable", 0);
    (agent, found.exit)
}

/// What can stand stays byte for byte.
#[test]
fn a_good_status_is_the_handlers_own() {
    let text = r#"[ { "status": {"status":"warning","code":"7","name":"x","formattedMessage":{"lang":"de","message":"hm"}} , "more": 1 } ]"#;
    let (agent, exit) = enabled(json!({"statusText": text}));
    assert_eq!(exit, 0);
    let file = agent.base("1.0.0").join("status/0.status");
    assert_eq!(fs::read_to_string(file).unwrap(), text);
}

/// Those that cannot stand: one that is missing, unfinished, no status, or one over which the agent would say nothing of the
/// whole machine any more (contract 5.2); and every one of an enable that failed, unless it says so itself.
#[test]
fn what_cannot_stand_is_said_in_its_place() {
    let null_message = json!([{"status": {"status": "success", "formattedMessage": "lang message"}}]);
    let cases = [
        (json!({"status": "none"}), 0, 1012, "no status file was reported"),
        (json!({"statusText": "[null]"}), 0, 1012, "Could not get a valid status"),
        (
            json!({"statusText": "[{\"status\": null}]"}),
            0,
            1012,
            "Could not get a valid status",
        ),
        (json!({"status": null_message}), 0, 1012, "Could not get a valid status"),
        (json!({"statusText": "{"}), 0, 1012, "was in an incorrect format"),
        (
            json!({"status": [{"status": {"status": "transitioning"}}]}),
            0,
            1012,
            "nothing of the handler runs any more",
        ),
        (json!({"exit": 3}), 3, 1009, "Non-zero exit code: 3"),
        (json!({"trap": true}), 134, 1009, "The component trapped"),
    ];
    for (told, exit, code, words) in cases {
        let (agent, ended) = enabled(told.clone());
        let (word, reported, message) = agent.said("1.0.0", 0);
        assert_eq!(
            (ended, word.as_str(), reported),
            (exit, "error", code),
            "{told}: {message}"
        );
        assert!(message.contains(words), "{told}: {message}");
    }
}

/// A handler that says itself why it failed knows better.
#[test]
fn a_handlers_own_error_stays() {
    let own =
        json!([{"status": {"status": "error", "code": 77, "formattedMessage": {"lang": "en", "message": "own"}}}]);
    let (agent, exit) = enabled(json!({"status": own, "exit": 3}));
    assert_eq!(
        (exit, agent.said("1.0.0", 0)),
        (3, ("error".to_owned(), 77, "own".to_owned()))
    );
}

/// Without settings nobody asks for a status, and none is made; one that would silence the agent goes whichever command left
/// it.
#[test]
fn other_commands_leave_nothing_that_silences_the_agent() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    fs::write(agent.base("1.0.0").join("config/0.settings"), "").unwrap();
    assert_eq!(agent.run("1.0.0", "install", 0).exit, 0);
    assert_eq!(agent.status("1.0.0", 0), None);
    agent.settings("1.0.0", 1, &json!({"public": {"disable": {"statusText": "[null]"}}}));
    assert_eq!(agent.run("1.0.0", "disable", 1).exit, 0);
    let (word, code, _) = agent.said("1.0.0", 1);
    assert_eq!((word.as_str(), code), ("error", 1012));
}

/// A status that is larger than the agent takes is cut as the agent would cut it, with nothing missing in it that it would
/// stumble over (contract 5.2 and 5.3).
#[test]
fn a_large_status_is_cut_to_what_the_agent_can_read() {
    let part =
        json!({"name": null, "status": "success", "formattedMessage": {"lang": "en", "message": "x".repeat(9_000)}});
    let own = json!([{"status": {"status": "success", "substatus": vec![part; 20]}}]);
    let (agent, exit) = enabled(json!({"status": own}));
    assert_eq!(exit, 0);
    let text = fs::read_to_string(agent.base("1.0.0").join("status/0.status")).unwrap();
    let status: Value = serde_json::from_str(&text).unwrap();
    let parts = status[0]["status"]["substatus"].as_array().unwrap();
    assert!(parts.len() < 20);
    for part in parts.iter().chain([&status[0]["status"]]) {
        assert!(part["name"].is_string() && part["formattedMessage"]["message"].is_string());
    }
}

fn heartbeat(agent: &Agent) -> Option<Value> {
    let text = fs::read(agent.base("1.0.0").join("heartbeat.log")).ok()?;
    Some(serde_json::from_slice::<Value>(&text).unwrap()[0]["heartbeat"].clone())
}

/// The handler's heartbeat stands where the agent looks for it, and is new only when the handler wrote it anew.
#[test]
fn a_heartbeat_is_put_where_the_agent_looks() {
    let good = json!([{"version": 1.0, "heartbeat": {"status": "ready", "code": 0,
        "formattedMessage": {"lang": "en-US", "message": "here"}}}]);
    let (agent, exit) = enabled(json!({"heartbeat": good}));
    assert_eq!(exit, 0);
    let found = heartbeat(&agent).unwrap();
    assert_eq!(
        (&found["status"], &found["formattedMessage"]["message"]),
        (&json!("ready"), &json!("here"))
    );
    let file = agent.base("1.0.0").join("heartbeat.log");
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    agent.settings("1.0.0", 1, &json!({}));
    assert_eq!(agent.run("1.0.0", "enable", 1).exit, 0);
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), written);
}

/// A heartbeat that is none says so itself: the agent would say nothing of the whole machine over some of them (contract 6).
#[test]
fn a_malformed_heartbeat_says_so() {
    for text in ["[]", "[null]", "{", "[{\"heartbeat\": {\"status\": \"Banana\"}}]"] {
        let (agent, _) = enabled(json!({"heartbeat": text}));
        let found = heartbeat(&agent).unwrap();
        assert_eq!(found["status"], "NotReady", "{text}");
        assert!(found["formattedMessage"]["message"].is_string(), "{text}: {found}");
    }
}
