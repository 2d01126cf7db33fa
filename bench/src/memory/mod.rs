//! Memory: of the process that starts the workers, after many commands, and of handlers that live and have nothing to do.

mod holder;
mod idle;
mod processes;
mod supervisor;

use hostler_measure::Part;

use crate::effort::Effort;
use crate::surroundings::Surroundings;

pub(crate) use self::holder::holder_main;

/// Measures both. Comes first of all, so that nothing else of this process hides growth.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let supervisor = supervisor::measure(around, effort.commands)?;
    let (idle, largest) = idle::measure(around, effort)?;
    let mut part = Part {
        name: "memory",
        title: "Memory",
        about: format!(
            "The process that starts the workers, early and late; and handlers that live and have nothing to do, 1, 100 and \
             1,000 at one time{largest}: each has read its settings and written a status, and waits for the end of its \
             standard input, as a service does. The native program and the component are the same source, Python does the \
             same with its json and time loaded. RSS counts what a process shares with others in full, PSS its share of it. Of \
             handlers in one process, each one's part is what the process has grown by, divided by their number, with a \
             thread and a stack for each."
        ),
        repeat: "cargo xtask bench --part memory".to_owned(),
        series: Vec::new(),
        readings: Vec::new(),
    };
    for (series, readings) in [supervisor, idle] {
        part.series.extend(series);
        part.readings.extend(readings);
    }
    Ok(part)
}
