//! Commands a second, by one thread and by two, each with a handler folder of its own.

use std::process::Command as Process;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_contract::Command;
use hostler_host::sandbox::{Code, Sandbox};
use hostler_measure::{Part, Reading, Samples, Series};

use crate::effort::Effort;
use crate::guest::succeeded;
use crate::place::Place;
use crate::plain::Kept;
use crate::process::timed;
use crate::surroundings::Surroundings;

/// How long commands are counted for one sample.
const WINDOW: Duration = Duration::from_millis(400);

/// Who enables, as often as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    InProcess,
    Blocking,
    Bare,
    Workers,
    Native,
}

const ALL: [(Who, &str, &str); 5] = [
    (Who::InProcess, "in process", "throughput.two_cores_vs_one"),
    (
        Who::Blocking,
        "in process, blocking",
        "throughput.blocking_two_cores_vs_one",
    ),
    (
        Who::Bare,
        "wasmtime alone",
        "throughput.wasmtime_alone_two_cores_vs_one",
    ),
    (Who::Workers, "in workers", "throughput.workers_two_cores_vs_one"),
    (Who::Native, "native program", "throughput.native_two_cores_vs_one"),
];

/// A thread's own.
struct Lane<'a> {
    around: &'a Surroundings,
    place: Place,
    code: Code,
    code_here: Code,
    code_blocking: Code,
    bare: Kept,
}

/// Measures all of them.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let (workers, in_process) = (around.workers()?, Sandbox::in_process()?);
    let blocking = Sandbox::in_process_blocking()?;
    let lane = || {
        let place = Place::new(&around.folder, &workers, &around.package, r#"{"name": "Ada"}"#)?;
        let code_blocking = place.code(&blocking)?;
        anyhow::Ok(Lane {
            around,
            code: place.code(&workers)?,
            code_here: place.code(&in_process)?,
            bare: place.wasmtime_alone(&code_blocking)?,
            code_blocking,
            place,
        })
    };
    let lanes = [lane()?, lane()?];
    let mut samples: [[Samples; 2]; ALL.len()] = Default::default();
    // The first round fills caches and is not counted.
    for round in 0..effort.share(20) + 1 {
        for turn in 0..ALL.len() * 2 {
            // Somebody else begins each time.
            let index = (turn + round) % (ALL.len() * 2);
            let (Some((who, name, _)), Some(samples)) = (ALL.get(index / 2), samples.get_mut(index / 2)) else {
                continue;
            };
            let sandbox = match who {
                Who::Workers => &workers,
                Who::Blocking => &blocking,
                Who::InProcess | Who::Bare | Who::Native => &in_process,
            };
            let threads = index % 2 + 1;
            let rate = rate(&lanes[..threads], |lane| lane.enable(*who, sandbox)).context(*name)?;
            if round > 0
                && let Some(samples) = samples.get_mut(index % 2)
            {
                samples.push_value(rate);
            }
        }
    }
    let mut series = Vec::new();
    let mut readings = Vec::new();
    for ((_, name, key), [one, two]) in ALL.into_iter().zip(&samples) {
        let one = Series::in_unit(&format!("{name}, one thread"), "/s", one);
        let two = Series::in_unit(&format!("{name}, two threads"), "/s", two);
        readings.push(Reading::compared(key, two.clone(), one.clone()));
        series.extend([one, two]);
    }
    Ok(Part {
        name: "throughput",
        title: "Commands a second, on one processor and on two",
        about: format!(
            "Enable of hello again and again for {} ms, by one thread and by two at the same time, each in a handler folder \
             of its own. In process commands are on threads of their own, or, blocking, on the one that called; \
             wasmtime alone is the same component without hostler. A worker is a new process for each command, with one started ahead. More is better.",
            WINDOW.as_millis()
        ),
        repeat: "cargo xtask bench --part throughput".to_owned(),
        series,
        readings,
    })
}

/// How many commands a second `lanes` come to together, each on a thread of its own.
fn rate<'a>(lanes: &[Lane<'a>], enable: impl Fn(&Lane<'a>) -> anyhow::Result<()> + Sync) -> anyhow::Result<f64> {
    let rates = std::thread::scope(|scope| {
        let enable = &enable;
        let threads: Vec<_> = lanes
            .iter()
            .map(|lane| {
                scope.spawn(move || {
                    lane.place.forget_status()?;
                    let began = Instant::now();
                    let mut commands = 0_u32;
                    while began.elapsed() < WINDOW {
                        enable(lane)?;
                        commands += 1;
                    }
                    let took = began.elapsed();
                    lane.place.check_status("the last of them")?;
                    anyhow::Ok(f64::from(commands) / took.as_secs_f64())
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(rate) => rate,
            Err(_) => Err(anyhow::anyhow!("a thread panicked")),
        });
        joined.collect::<anyhow::Result<Vec<f64>>>()
    })?;
    Ok(rates.iter().sum())
}

impl Lane<'_> {
    fn enable(&self, who: Who, sandbox: &Sandbox) -> anyhow::Result<()> {
        let code = match who {
            Who::InProcess => &self.code_here,
            Who::Blocking => &self.code_blocking,
            Who::Workers => &self.code,
            Who::Bare => return self.bare.run(),
            Who::Native => {
                let mut process = Process::new(&self.around.native);
                process
                    .arg(Command::Enable.name())
                    .env_clear()
                    .envs(self.place.variables())
                    .current_dir(self.place.folders().base());
                return timed(&mut process).map(drop);
            }
        };
        let (invocation, folders) = self.place.invocation(code)?;
        succeeded(&sandbox.run(code, &invocation, folders))
    }
}
