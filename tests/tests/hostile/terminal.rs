//! What is printed for people, when a handler writes what would act on their terminal.

use hostler_tests::Isolation;
use serde_json::json;

use crate::oracles::acts;
use crate::packages::Package;
use crate::seen::start;

/// GST-10, STA-15 and GST-05: every line is the host's, and what is the handler's stands behind a mark.
#[test]
fn a_handler_cannot_act_on_the_terminal_or_forge_a_line() {
    let status = r#"[{"status": {"status": "success", "formattedMessage": {"lang": "en", "message": "\u001b[2J\nhostler: all is well\u202e"}}}]"#;
    let cases = [
        ("forge-log", json!({}), "hostler: handler Victim is Ready"),
        ("panic", json!({}), "host: all is well"),
        ("status-write", json!({ "text": status }), "hostler: all is well"),
    ];
    let all = Isolation::ALL
        .iter()
        .flat_map(|isolation| cases.iter().map(move |case| (isolation, case)));
    for (isolation, (verb, parameters, forged)) in all {
        let (ran, _) = start(&Package::Hostile.path(), verb, parameters, isolation.arguments());
        let text = String::from_utf8(ran.stdout.clone()).unwrap() + &ran.stderr_text();
        let acting: Vec<char> = text.chars().filter(|c| acts(*c)).collect();
        assert!(acting.is_empty(), "{verb}: {acting:?} in\n{text}");
        for line in text.lines() {
            assert!(
                !line.trim_start().starts_with(*forged),
                "{verb}: a forged line in\n{text}"
            );
            assert!(
                !line.starts_with("INFO") && !line.starts_with('{'),
                "{verb}: a forged line in\n{text}"
            );
        }
    }
}

/// What is shown to people has the forged lines in it, so that the test above looks at something.
#[test]
fn output_is_shown_behind_a_mark() {
    let (ran, _) = start(&Package::Hostile.path(), "forge-log", &json!({}), &[]);
    let text = String::from_utf8_lossy(&ran.stdout).into_owned() + &ran.stderr_text();
    let shown = text
        .lines()
        .find(|line| line.contains("hostler: handler Victim is Ready"));
    let before = shown
        .and_then(|line| line.split_once("hostler: handler Victim"))
        .map(|(before, _)| before.trim_start());
    assert!(before.is_some_and(|before| before.starts_with("stdout")), "{text}");
}
