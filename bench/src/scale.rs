//! Goal states with many handlers: what it takes to converge on one, and to report once more.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use hostler_measure::{Part, Reading, Samples, Series};
use hostler_tests::{goal_state, goal_state_entry, version_manifest};
use serde_json::{Value, json};

use crate::effort::Effort;
use crate::packages::package;
use crate::place::Place;
use crate::process::{timed, watched};
use crate::surroundings::Surroundings;

/// Handlers in a goal state.
const COUNTS: [usize; 4] = [1, 10, 100, 1_000];

/// Reports of each.
const REPORTS: usize = 15;

/// What was measured of a number of handlers.
#[derive(Debug, Default)]
struct Found {
    count: usize,
    /// Time for each handler, in microseconds.
    apply: Samples,
    report: Samples,
    /// The most memory of the process, in kB.
    apply_peak: Samples,
    report_peak: Samples,
}

/// Measures all of it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let most = if effort.is_smoke() { 10 } else { 1_000 };
    let fleet = Fleet::new(around, most)?;
    let counts: Vec<usize> = COUNTS.into_iter().filter(|count| *count <= most).collect();
    let mut all: Vec<Found> = counts
        .iter()
        .map(|count| Found {
            count: *count,
            ..Found::default()
        })
        .collect();
    // Converging on the many is a sample of many already.
    let rounds = if effort.quick { 1 } else { 3 };
    for _ in 0..rounds {
        for found in &mut all {
            // Small numbers come several times, between the large ones.
            let times = if found.count > 10 { 1 } else { 5 };
            for _ in 0..times {
                fleet
                    .measure(found)
                    .with_context(|| format!("{} handlers", found.count))?;
            }
        }
    }
    let mut series = Vec::new();
    for found in &all {
        let count = found.count;
        series.extend([
            Series::of(&format!("apply, {count}: each handler"), &found.apply),
            Series::of(&format!("report, {count}: each handler"), &found.report),
            Series::in_unit(&format!("apply, {count}: peak of the process"), "kB", &found.apply_peak),
            Series::in_unit(
                &format!("report, {count}: peak of the process"),
                "kB",
                &found.report_peak,
            ),
        ]);
    }
    let of = |count: usize| all.iter().find(|found| found.count == count);
    let compared = |key: &'static str, ours: usize, other: usize, samples: fn(&Found) -> &Samples| {
        let side = |count| Some(Series::of(&format!("each of {count}"), samples(of(count)?)));
        match (side(ours), side(other)) {
            (Some(ours), Some(other)) => Reading::compared(key, ours, other),
            _ => Reading::not_run(key, "so few rounds leave out goal states of more than 10 handlers"),
        }
    };
    Ok(Part {
        name: "scale",
        title: "Goal states with many handlers",
        about: "`hostler apply` on an empty root, with a goal state of so many handlers, each a package of hello under a name of \
                its own: package fetched from a file, checked and unpacked in a worker, installed and enabled. Then \
                `hostler status --json`, the report once more, as a process of its own. Time is divided by the number of \
                handlers. Compiled code is in the cache, which is the same for all."
            .to_owned(),
        repeat: "cargo xtask bench --part scale".to_owned(),
        readings: vec![
            compared("scale.apply_1000_vs_10", 1_000, 10, |found| &found.apply),
            compared("scale.report_1000_vs_10", 1_000, 10, |found| &found.report),
        ],
        series,
    })
}

/// Packages under many names, and goal states of them.
struct Fleet<'a> {
    around: &'a Surroundings,
    folder: tempfile::TempDir,
}

impl<'a> Fleet<'a> {
    /// With packages for `most` handlers.
    fn new(around: &'a Surroundings, most: usize) -> anyhow::Result<Self> {
        let fleet = Self {
            around,
            folder: around.new_folder()?,
        };
        let place = Place::new(&around.folder, &around.workers()?, &around.package, "{}")?;
        let (_, component) = &place.component;
        std::fs::create_dir(fleet.path("source"))?;
        for number in 0..most {
            let (name, source) = (name(number), fleet.path("source"));
            let file = format!("{name}-1.0.0.zip");
            std::fs::write(source.join(&file), package(&name, component))?;
            let offered = version_manifest(&[("1.0.0", &[file], "")]);
            std::fs::write(source.join(format!("{name}.xml")), offered)?;
        }
        // Leaves the compiled code in the cache.
        fleet.measure(&mut Found {
            count: 1,
            ..Found::default()
        })?;
        Ok(fleet)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Converges on a new root, and reports.
    fn measure(&self, found: &mut Found) -> anyhow::Result<()> {
        let entries: Vec<Value> = (0..found.count).map(entry).collect();
        let goal = self.path("source").join("goal.json");
        std::fs::write(&goal, goal_state(&entries))?;
        let root = self.path("root");
        let mut apply = self.around.hostler(self.folder.path());
        apply.arg("apply").arg(&goal).arg("--json").arg("--root").arg(&root);
        apply.arg("--cache").arg(self.path("cache"));
        let (took, output, peak) = watched(&mut apply)?;
        check(&output.stdout, found.count).context("apply")?;
        found.apply.push(each(took, found.count));
        found.apply_peak.push_value(peak as f64);
        for turn in 0..REPORTS {
            let mut status = self.around.hostler(self.folder.path());
            status.arg("status").arg("--json").arg("--root").arg(&root);
            // Who watches takes a little of the machine, so only the first is watched.
            let output = if turn == 0 {
                let (_, output, peak) = watched(&mut status)?;
                found.report_peak.push_value(peak as f64);
                output
            } else {
                let (took, output) = timed(&mut status)?;
                found.report.push(each(took, found.count));
                output
            };
            check(&output.stdout, found.count).context("status")?;
        }
        std::fs::remove_dir_all(&root)?;
        Ok(())
    }
}

fn each(took: Duration, count: usize) -> Duration {
    took.div_f64(count as f64)
}

fn name(number: usize) -> String {
    format!("Scale.H{number:04}")
}

fn entry(number: usize) -> Value {
    goal_state_entry(&name(number), "1.0.0", "enabled", 0, &json!({"name": "Ada"}))
}

/// Fails where not all of `count` handlers are ready and have said so.
fn check(report: &[u8], count: usize) -> anyhow::Result<()> {
    let report: Value = serde_json::from_slice(report).context("the report is not JSON")?;
    let handlers = report["aggregateStatus"]["handlerAggregateStatus"].as_array();
    let ready = |handler: &&Value| handler["status"] == "Ready" && handler["code"] == 0;
    let found = handlers.map_or(0, |handlers| handlers.iter().filter(ready).count());
    anyhow::ensure!(found == count, "{found} of {count} handlers are ready: {report}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{check, entry, goal_state, name};

    #[test]
    fn goal_states_name_each_handler_once() {
        let text = goal_state(&(0..1_000).map(entry).collect::<Vec<_>>());
        let goal: Value = serde_json::from_str(&text).unwrap();
        let entries = goal["extensionGoalStates"].as_array().unwrap();
        let names: std::collections::BTreeSet<_> = entries.iter().map(|entry| entry["name"].as_str()).collect();
        assert_eq!((entries.len(), names.len()), (1_000, 1_000));
        assert_eq!(entries[7]["location"], format!("{}.xml", name(7)));
        assert!(
            text.len() < 4 << 20,
            "a goal state may have 4 MiB, and this one has {}",
            text.len()
        );
    }

    #[test]
    fn who_is_not_ready_is_missed() {
        let report = |code: i64| {
            let handler = |code| json!({"status": "Ready", "code": code});
            let handlers = json!({"handlerAggregateStatus": [handler(0), handler(code)]});
            json!({"aggregateStatus": handlers}).to_string().into_bytes()
        };
        check(&report(0), 2).unwrap();
        assert!(check(&report(1), 2).is_err() && check(&report(0), 3).is_err() && check(b"", 0).is_err());
    }
}
