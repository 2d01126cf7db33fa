//! What the kit is given and what it writes: the user's own cases, JUnit, and bad input.

use std::fs;

use crate::stage::{Stage, rules};

const OWN: &str = r#"[{"rule": "own.greeting", "contract": "5.1", "says": "it says done", "right": "say it",
  "needs": ["enable.runs"],
  "steps": [{"do": "install"}, {"do": "enable", "number": 12, "settings": {"text": "no settings"}, "expect": ["ends-well"]}]}]"#;

#[test]
fn a_users_own_case_is_tried_after_those_of_the_kit() {
    let stage = Stage::new();
    let handler = stage.shell_handler("none");
    let cases = stage.path("cases");
    fs::create_dir(&cases).unwrap();
    fs::write(cases.join("own.json"), OWN).unwrap();
    let junit = stage.path("junit.xml");
    let options = [
        "--native",
        "--rules",
        "own.greeting,heartbeat.written",
        "--cases",
        cases.to_str().unwrap(),
        "--junit",
        junit.to_str().unwrap(),
    ];
    let ran = stage.test(&handler, &options);
    assert_eq!(ran.status.code(), Some(1), "{}", ran.stderr_text());
    let text = String::from_utf8(ran.stdout.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines.contains(&"BROKEN     own.greeting           contract 5.1   it says done"),
        "{text}"
    );
    assert!(
        text.contains("seen:  enable (settings 12): exit code 1; it said: enable: ") && text.contains("right: say it"),
        "{text}"
    );
    assert!(
        lines
            .last()
            .unwrap()
            .starts_with("3 rules held, 1 broken, 0 not tried, 0 not for this handler;")
    );
    assert!(
        ran.stderr_text().starts_with("without a sandbox: "),
        "{}",
        ran.stderr_text()
    );
    let xml = fs::read_to_string(junit).unwrap();
    let has = |part: &str| assert!(xml.contains(part), "{part} is not in {xml}");
    has("<testsuite name=\"Tested.Handler-1.0.0\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"0\"");
    has("<testcase classname=\"contract 5.1\" name=\"own.greeting\"");
    has("<failure message=\"enable (settings 12): exit code 1; it said: enable: ");
}

#[test]
fn what_is_not_tried_and_why() {
    let stage = Stage::new();
    let handler = stage.shell_handler("enable.runs");
    let ran = stage.test(&handler, &["--native", "--json", "--rules", "enable.twice"]);
    let result = ran.json();
    assert_eq!(rules(&result, "broken"), ["enable.runs"]);
    assert_eq!(rules(&result, "not-tried"), ["status.written", "enable.twice"]);
    assert_eq!(result["rules"][2]["seen"], "it begins with what `enable.runs` asks for");
}

#[test]
fn a_command_that_never_ends_is_stopped_at_its_limit() {
    let stage = Stage::new();
    let handler = stage.shell_handler("none");
    let script = fs::read_to_string(handler.join("handler.sh")).unwrap();
    fs::write(
        handler.join("handler.sh"),
        script.replace("install)\n", "install)\n    sleep 3600\n"),
    )
    .unwrap();
    let ran = stage.test(&handler, &["--native", "--json", "--limit", "cmd.deadline=300ms"]);
    let result = ran.json();
    assert_eq!(rules(&result, "broken"), ["install.runs"]);
    let seen = result["rules"][0]["seen"].as_str().unwrap();
    assert_eq!(seen, "install (settings 1): it was stopped: it ran for more than 0.3 s");
}

#[test]
fn bad_input_is_refused_and_nothing_is_run() {
    let stage = Stage::new();
    let handler = stage.shell_handler("none");
    let shell = handler.to_str().unwrap();
    let empty = stage.path("empty");
    fs::create_dir(&empty).unwrap();
    let bad = stage.path("bad");
    fs::create_dir(&bad).unwrap();
    fs::write(bad.join("own.json"), "[{}]").unwrap();
    for (path, options, exit, code, what) in [
        (
            shell,
            vec![],
            2,
            "conformance.native",
            "handler.sh, which install names, is a native program and no component",
        ),
        (
            shell,
            vec!["--native", "--rules", "enable.twise"],
            2,
            "usage",
            "there is no rule `enable.twise`",
        ),
        (
            shell,
            vec!["--native", "--cases", bad.to_str().unwrap()],
            3,
            "conformance.case",
            "it holds no cases: missing field `rule`",
        ),
        (
            shell,
            vec!["--native", "--cases", empty.to_str().unwrap()],
            3,
            "conformance.case",
            "there is no file *.json in it",
        ),
        (
            empty.to_str().unwrap(),
            vec![],
            3,
            "manifest.missing",
            "there is no HandlerManifest.json at its root",
        ),
        ("nowhere", vec![], 3, "pkg.open", "it cannot be read"),
        (
            shell,
            vec!["--native", "--settings", "nowhere"],
            3,
            "input.open",
            "it cannot be read",
        ),
    ] {
        let mut all = vec!["--json"];
        all.extend(&options);
        let ran = stage.test(path.as_ref(), &all);
        let finding = ran.json()["findings"][0].clone();
        assert_eq!(
            (ran.status.code(), finding["code"].as_str()),
            (Some(exit), Some(code)),
            "{options:?}"
        );
        assert!(finding["what"].as_str().unwrap().starts_with(what), "{finding}");
    }
}
