//! Many handlers in one goal state.

use serde_json::{Value, json};

use crate::workbench::Workbench;

fn entries(bench: &Workbench, count: usize) -> Vec<Value> {
    (0..count)
        .map(|number| bench.offer(&format!("T.H{number:03}"), &json!({})))
        .collect()
}

#[test]
fn thirty_are_all_ready() {
    let bench = Workbench::new();
    let entries = entries(&bench, 30);
    let said = bench.apply(&entries, &["--json"]);
    assert_eq!(said.exit, 0, "{}", said.all());
    let json = said.json();
    let reported: Vec<String> = json["aggregateStatus"]["handlerAggregateStatus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {} {}", entry["handlerName"], entry["status"], entry["code"]))
        .collect();
    let expected: Vec<String> = (0..30)
        .map(|number| format!("\"T.H{number:03}\" \"Ready\" 0"))
        .collect();
    assert_eq!(reported, expected, "in the goal state's order");
}

/// Prints a table: `cargo test --release -p hostler-tests --test cli -- --ignored --nocapture handlers_measured`.
#[test]
#[ignore = "measures, and says nothing about right or wrong"]
fn handlers_measured() {
    println!("handlers  run    wall s  ms each  peak MiB  report KiB  store KiB");
    for count in [1, 10, 50, 100, 200] {
        let bench = Workbench::new();
        let entries = entries(&bench, count);
        for run in ["fresh", "again"] {
            let said = bench.apply(&entries, &["--json"]);
            assert_eq!(said.exit, 0, "{}", said.all());
            let seconds = said.ran.wall.as_secs_f64();
            let store = std::fs::metadata(bench.path("root/state/hostler.sqlite"))
                .unwrap()
                .len();
            println!(
                "{count:8}  {run:5}  {seconds:6.2}  {:7.1}  {:8}  {:10}  {:9}",
                seconds * 1000.0 / f64::from(u32::try_from(count).unwrap()),
                said.ran.peak_rss >> 20,
                said.ran.stdout.len() >> 10,
                store >> 10,
            );
        }
    }
}
