//! Statuses beside one another: that of settings from before is not that of the new ones, and a bad one is its handler's
//! own trouble.

use hostler_tests::goal_state_entry;
use serde_json::{Value, json};

use crate::workbench::{Said, Workbench};

const HOSTILE: &str = "Hostler.Samples.Hostile";

/// Status and code of the handler `name` in the report, and those of its settings.
fn reported(said: &Said, name: &str) -> [Value; 4] {
    let json = said.json();
    let all = json["aggregateStatus"]["handlerAggregateStatus"].as_array().unwrap();
    let entry = all.iter().find(|entry| entry["handlerName"] == name).unwrap();
    let status = &entry["runtimeSettingsStatus"]["settingsStatus"]["status"];
    [&entry["status"], &entry["code"], &status["status"], &status["code"]].map(Clone::clone)
}

/// STA-18: a handler that says nothing of its new settings has said nothing, whatever it said of the ones before.
#[test]
fn what_was_said_of_settings_before_is_not_said_of_the_new_ones() {
    let bench = Workbench::new();
    let with = |number: i64, verb: &str| {
        bench.offer_sample(HOSTILE, &json!({}));
        let entry = goal_state_entry(HOSTILE, "1.0.0", "enabled", number, &json!({ "verb": verb }));
        bench.apply(&[entry], &["--json"])
    };
    assert_eq!(
        reported(&with(0, "list"), HOSTILE),
        [json!("Ready"), json!(0), json!("success"), json!(0)]
    );
    let said = with(1, "status-none");
    assert!(
        bench
            .handler(&format!("{HOSTILE}-1.0.0"))
            .join("status/0.status")
            .is_file()
    );
    let [_, _, word, code] = reported(&said, HOSTILE);
    assert_eq!((word, code), (json!("error"), json!(1012)), "{}", said.all());
}

/// How much longer the others may take beside a bad one (O7), and how often all of it is tried before it counts.
const SLOWER: u32 = 3;
const TRIES: usize = 10;

/// STA-22: whatever is wrong with one status, twenty others are reported as they are, and hardly later.
#[test]
fn a_bad_status_holds_up_no_other() {
    const OTHERS: usize = 20;
    let bench = Workbench::new();
    let names: Vec<String> = (0..OTHERS).map(|number| format!("T.H{number:02}")).collect();
    let others: Vec<Value> = names.iter().map(|name| bench.offer(name, &json!({}))).collect();
    let bad = bench.offer_sample(HOSTILE, &json!({ "verb": "status-write", "text": "[{" }));
    let with_bad: Vec<Value> = others[..5].iter().chain([&bad]).chain(&others[5..]).cloned().collect();
    bench.apply(&with_bad, &["--json"]);
    let mut tried = Vec::new();
    let held = (0..TRIES).any(|_| {
        let alone = bench.apply(&others, &["--json"]);
        let said = bench.apply(&with_bad, &["--json"]);
        for name in &names {
            assert_eq!(reported(&said, name), reported(&alone, name), "{name}");
            assert_eq!(reported(&said, name)[0], "Ready", "{name}");
        }
        assert_eq!(
            reported(&said, HOSTILE)[2..],
            [json!("error"), json!(1012)],
            "{}",
            said.all()
        );
        tried.push((alone.ran.wall, said.ran.wall));
        said.ran.wall <= alone.ran.wall * SLOWER
    });
    assert!(held, "without and with a bad status: {tried:?}");
}
