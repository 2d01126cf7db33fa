//! Whether the benchmark itself can be believed: the same thing twice is the same, and what is slowed is slower.

use std::process::Command as Process;
use std::time::{Duration, Instant};

use hostler_contract::Command;
use hostler_measure::{Contender, Part, Reading, Rounds};

use crate::effort::Effort;
use crate::place::Place;
use crate::process::timed;
use crate::surroundings::Surroundings;

/// By how much the third one is slowed.
const SLOWED_BY: Duration = Duration::from_millis(1);

/// Measures it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let workers = around.workers()?;
    let place = Place::new(&around.folder, &workers, &around.package, r#"{"name": "Ada"}"#)?;
    let native = |slowed: Duration| -> anyhow::Result<Duration> {
        place.forget_status()?;
        let mut process = Process::new(&around.native);
        process
            .arg(Command::Enable.name())
            .env_clear()
            .envs(place.variables())
            .current_dir(place.folders().base());
        let started = Instant::now();
        timed(&mut process)?;
        if !slowed.is_zero() {
            std::thread::sleep(slowed);
        }
        let took = started.elapsed();
        place.check_status("native program")?;
        Ok(took)
    };
    let contenders = vec![
        Contender::new("native program", || native(Duration::ZERO)),
        Contender::new("the same native program", || native(Duration::ZERO)),
        Contender::new("the same, slowed by 1 ms", || native(SLOWED_BY)),
    ];
    let series = Rounds::new(effort.rounds).run(contenders)?;
    let readings = match &series[..] {
        [one, other, slowed] => vec![
            Reading::compared("honesty.same_twice", one.clone(), other.clone()),
            Reading::compared("honesty.slowed", slowed.clone(), one.clone()),
        ],
        _ => vec![],
    };
    Ok(Part {
        name: "honesty",
        title: "Whether this can be believed",
        about:
            "One native program takes part twice, under two names: no difference should be told. And once more, with a \
                pause of one millisecond within its time: that should be seen."
                .to_owned(),
        repeat: "cargo xtask bench --part honesty".to_owned(),
        series,
        readings,
    })
}
