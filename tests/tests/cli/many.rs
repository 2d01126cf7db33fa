//! Many handlers in one goal state.

use serde_json::{Value, json};

use crate::workbench::{Said, Workbench};

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

/// How much more memory the largest number of handlers may take than the smallest: what each of them adds is kept for the
/// report, and nothing else.
const MEMORY_RATIO: u64 = 2;

/// A goal state of so many handlers applied twice, each time looked at to the end: on a machine that is busy that may take
/// some tries.
fn seen_runs(count: usize) -> (Workbench, [Said; 2]) {
    for _ in 0..50 {
        let bench = Workbench::new();
        let entries = entries(&bench, count);
        let runs = [(), ()].map(|()| bench.apply(&entries, &["--json"]));
        for said in &runs {
            assert_eq!(said.exit, 0, "{}", said.all());
        }
        if runs.iter().all(|said| said.ran.was_seen()) {
            return (bench, runs);
        }
    }
    panic!("it never could be seen how much memory it takes");
}

/// Memory does not grow with the number of handlers. `HOSTLER_HANDLERS=1,10,50,100,200` with `--nocapture` shows a table of
/// time and memory for so many; times are told and not judged.
#[test]
fn memory_stays_and_time_is_told() {
    let counts = std::env::var("HOSTLER_HANDLERS").unwrap_or_else(|_| "2,20".to_owned());
    let counts: Vec<u32> = counts.split(',').map(|count| count.parse().unwrap()).collect();
    let mut peaks = Vec::new();
    println!("handlers  run    wall s  ms each  peak MiB  report KiB  store KiB");
    for count in counts {
        let (bench, runs) = seen_runs(count as usize);
        for (run, said) in ["fresh", "again"].into_iter().zip(runs) {
            let seconds = said.ran.wall.as_secs_f64();
            let store = std::fs::metadata(bench.path("root/state/hostler.sqlite"))
                .unwrap()
                .len();
            peaks.push(said.ran.peak_rss);
            println!(
                "{count:8}  {run:5}  {seconds:6.2}  {:7.1}  {:8}  {:10}  {:9}",
                seconds * 1000.0 / f64::from(count),
                said.ran.peak_rss >> 20,
                said.ran.stdout.len() >> 10,
                store >> 10,
            );
        }
    }
    let (first, most) = (peaks[0], peaks.iter().copied().max().unwrap());
    assert!(most <= MEMORY_RATIO * first, "{first} bytes at first, {most} at most");
}
