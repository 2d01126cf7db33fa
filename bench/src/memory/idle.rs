//! Handlers that live and have nothing to do: natively, in Python, in workers, and in one process.

use hostler_measure::{Reading, Samples, Series};

use super::holder::{Holder, all_alive, allow_descriptors, start};
use super::processes::{Homes, Processes};
use crate::effort::Effort;
use crate::guest::Guest;
use crate::process::{Memory, available};
use crate::surroundings::{NO_PYTHON, Surroundings, python};

/// The handler in Python.
const SCRIPT: &str = include_str!("idle.py");

/// How many live at one time.
const COUNTS: [usize; 3] = [1, 100, 1_000];

/// Memory that must be there for the largest number of Python processes or workers, in kB.
const ROOM: u64 = 8 << 20;

type Found = (Vec<Series>, Vec<Reading>);

/// Measures all of them; also gives what to say of numbers that were left out.
pub(super) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<(Found, String)> {
    allow_descriptors()?;
    let folder = around.new_folder()?;
    let home = |name: &str| folder.path().join(name);
    let has_room = available()? >= ROOM;
    // A smoke run is not about memory.
    let counts = |most: usize| {
        let most = if effort.is_smoke() { 2 } else { most };
        COUNTS
            .map(|count| count.min(most))
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
    };
    let many = if has_room { 1_000 } else { 100 };
    let mut series = Vec::new();

    let mut native = Processes::new(&around.native_guest, &[], home("native"));
    for count in counts(1_000) {
        series.extend(each("native", count, &native.grow_to(count)?));
    }
    drop(native);

    let python_most = if effort.quick { 100 } else { many };
    let python = match python() {
        None => None,
        Some(program) => {
            let script = home("idle.py");
            std::fs::write(&script, SCRIPT)?;
            let script = script.display().to_string();
            let mut processes = Processes::new(&program, &["-I", "-S", &script], home("python"));
            let mut last = None;
            for count in counts(python_most) {
                let found = each("python3", count, &processes.grow_to(count)?);
                last = Some(found[0].clone());
                series.extend(found);
            }
            last
        }
    };

    let guest = Guest::new(&around.workers()?, &around.guest, None)?;
    let homes = Homes::new(home("workers"));
    let mut services = Vec::new();
    for count in counts(many) {
        while services.len() < count {
            services.push(start(&guest, &homes.make(services.len())?)?);
        }
        homes.wait(count, || all_alive(&mut services))?;
        let processes = services.iter().filter_map(|service| service.process());
        let memory = processes.map(Memory::of).collect::<anyhow::Result<Vec<_>>>()?;
        series.extend(each("worker", count, &memory));
    }
    drop(services);

    let here = home("here");
    // Compiles, and leaves the code in the cache: the memory that compiling takes is none of the handlers'.
    Holder::start(around, &here)?.grow_to(1)?;
    std::fs::remove_dir_all(here.join("0"))?;
    let mut holder = Holder::start(around, &here)?;
    let empty = holder.grow_to(0)?;
    let mut in_process = None;
    for count in counts(1_000) {
        let memory = holder.grow_to(count)?;
        let share = |of: fn(Memory) -> u64| of(memory).saturating_sub(of(empty)) as f64 / count as f64;
        let found = [
            Series::single(
                &named("in process", count, "RSS"),
                "kB",
                share(|memory| memory.resident),
            ),
            Series::single(
                &named("in process", count, "PSS"),
                "kB",
                share(|memory| memory.proportional),
            ),
        ];
        in_process = Some(found[0].clone());
        series.extend(found);
    }

    let key = "memory.idle_inprocess_vs_python";
    let reading = match (in_process, python) {
        (Some(ours), Some(python)) => Reading::compared(key, ours, python),
        _ => Reading::not_run(key, NO_PYTHON),
    };
    let mut left_out = Vec::new();
    if python_most < 1_000 {
        left_out.push(format!("no more than {python_most} of Python"));
    }
    if !has_room {
        left_out.push("no more than 100 workers, for want of memory".to_owned());
    }
    let left_out = if left_out.is_empty() {
        String::new()
    } else {
        format!(" ({})", left_out.join(", "))
    };
    Ok(((series, vec![reading]), left_out))
}

fn named(kind: &str, count: usize, what: &str) -> String {
    format!("{kind}, {count} alive, {what} of each")
}

/// RSS and PSS of each of `count` processes.
fn each(kind: &str, count: usize, memory: &[Memory]) -> [Series; 2] {
    let series = |what: &str, of: fn(&Memory) -> u64| {
        let samples: Samples = memory.iter().map(|memory| of(memory) as f64).collect();
        Series::in_unit(&named(kind, count, what), "kB", &samples)
    };
    [
        series("RSS", |memory| memory.resident),
        series("PSS", |memory| memory.proportional),
    ]
}
