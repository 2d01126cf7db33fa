//! Protected settings are opened with the keys that the agent has, and stay out of all that it shows.

use std::fs;

use hostler_host::secrets::{Secret, ThrowAwayKey};
use serde_json::json;

use crate::agent::{Agent, manifest};

const PASSWORD: &str = "Rosebud-77-and-more";

/// The agent's `<THUMBPRINT>.crt` and `.prv` lie in its library folder (contract 4.5).
#[test]
fn what_was_sealed_for_the_agents_certificate_is_opened_and_shown_nowhere() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    let key = ThrowAwayKey::generate().unwrap();
    key.put_in(&agent.library()).unwrap();
    let secret = Secret::new(format!("{{\"password\": \"{PASSWORD}\"}}").into_bytes()).unwrap();
    let sealed = key.seal(&secret).unwrap();
    // What a handler says that was told its secret: public settings stand in for that here.
    let told = json!({
        "stdout": format!("it is {PASSWORD}."),
        "stderr": format!("it is {PASSWORD}."),
        "status": [{"status": {"status": "success", "formattedMessage": {"lang": "en", "message": PASSWORD}}}],
    });
    let own = json!({"public": {"enable": told}, "protected": sealed.protected, "thumbprint": sealed.thumbprint});
    agent.settings("1.0.0", 0, &own);
    let found = agent.run("1.0.0", "enable", 0);
    assert_eq!(found.exit, 0, "{found:?}");
    assert!(
        found.stdout.starts_with("it is ") && found.stderr.contains("it is "),
        "{found:?}"
    );
    assert!(!format!("{found:?}").contains(PASSWORD), "{found:?}");
    let status = fs::read_to_string(agent.base("1.0.0").join("status/0.status")).unwrap();
    assert!(!status.contains(PASSWORD), "{status}");
    assert_eq!(agent.said("1.0.0", 0).0, "success", "{status}");
}

/// Without the key nothing of the handler runs, and the status says which was wanted and where it was looked for.
#[test]
fn without_the_key_nothing_runs() {
    let agent = Agent::new();
    agent.install_files("1.0.0", &manifest(&json!({})));
    let key = ThrowAwayKey::generate().unwrap();
    let secret = Secret::new(b"{}".to_vec()).unwrap();
    let sealed = key.seal(&secret).unwrap();
    let own = json!({"public": {}, "protected": sealed.protected, "thumbprint": sealed.thumbprint});
    agent.settings("1.0.0", 0, &own);
    let found = agent.run("1.0.0", "enable", 0);
    assert_eq!(found.exit, 3, "{found:?}");
    assert!(agent.record().is_empty());
    let (word, code, message) = agent.said("1.0.0", 0);
    assert_eq!((word.as_str(), code), ("error", 1009));
    assert!(message.contains(&sealed.thumbprint), "{message}");
    assert!(message.contains(&agent.library().display().to_string()), "{message}");
}
