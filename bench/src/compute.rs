//! Work that only computes: the same source natively, in a worker, and in wasmtime with each safety on and off.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use hostler_measure::{Contender, Part, Reading, Rounds, Series};

use crate::effort::Effort;
use crate::guest::{self, Guest};
use crate::plain::{Plain, Setting};
use crate::surroundings::Surroundings;

/// A kernel, with the keys of what is compared.
struct Kernel {
    name: &'static str,
    vs_native: &'static str,
    epochs: &'static str,
    bounds: &'static str,
    simd: &'static str,
}

macro_rules! kernel {
    ($name:literal) => {
        Kernel {
            name: $name,
            vs_native: concat!("compute.", $name, "_vs_native"),
            epochs: concat!("compute.", $name, "_epochs_cost"),
            bounds: concat!("compute.", $name, "_bounds_checks_cost"),
            simd: concat!("compute.", $name, "_simd_vs_scalar"),
        }
    };
}

const KERNELS: [Kernel; 6] = [
    kernel!("sha256"),
    kernel!("json"),
    kernel!("deflate"),
    kernel!("inflate"),
    kernel!("regex"),
    kernel!("matrix"),
];

/// The kernels, in every way in which they are run.
struct Ways<'a> {
    native: &'a Path,
    worker: Guest,
    epochs: Plain,
    no_epochs: Plain,
    bounds: Plain,
    no_simd: Plain,
}

impl<'a> Ways<'a> {
    /// `None` where the kernels were not built.
    fn new(around: &'a Surroundings) -> anyhow::Result<Option<Self>> {
        let files = &around.kernels;
        let (Some(simd), Some(no_simd), Some(native)) =
            (&files.kernels, &files.kernels_without_simd, &files.native_kernels)
        else {
            return Ok(None);
        };
        let no_epochs = Setting {
            epochs: false,
            ..Setting::AS_OURS
        };
        let no_guards = Setting {
            guards: false,
            ..Setting::AS_OURS
        };
        Ok(Some(Self {
            native,
            worker: Guest::new(&around.workers()?, simd, None)?,
            epochs: Plain::new(simd, Setting::AS_OURS)?,
            no_epochs: Plain::new(simd, no_epochs)?,
            bounds: Plain::new(simd, no_guards)?,
            no_simd: Plain::new(no_simd, Setting::AS_OURS)?,
        }))
    }
}

/// Measures all of it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let mut part = Part {
        name: "compute",
        title: "Work that only computes",
        about: "SHA-256 of 8 MiB, JSON of 2 MB read and written, deflate and inflate of 4 MiB of a log, three regular \
                expressions over it, the product of two matrices of 256 × 256. One source, optimised for speed on both sides; \
                natively for any x86-64, where SHA-256 and what looks for bytes still use what the processor has. Each does its \
                work once before it is timed, inside. Every result is compared with the native one. In a worker every limit is \
                on; what a safety costs is measured in wasmtime by itself, with only that one off: epochs (a look in each loop \
                whether to stop), bounds checks in the code instead of guard pages, SIMD left out of the component."
            .to_owned(),
        repeat: "cargo xtask bench --part compute".to_owned(),
        series: Vec::new(),
        readings: Vec::new(),
    };
    let Some(ways) = Ways::new(around)? else {
        let why = "the kernels were not built, or their files not named";
        let keys = KERNELS
            .iter()
            .flat_map(|kernel| [kernel.vs_native, kernel.epochs, kernel.bounds, kernel.simd]);
        part.readings = keys.map(|key| Reading::not_run(key, why)).collect();
        return Ok(part);
    };
    let rounds = Rounds::new(effort.share(20)).warm_up(1);
    for kernel in &KERNELS {
        let series = ways.measure(kernel.name, rounds).context(kernel.name)?;
        let [native, worker, epochs, no_epochs, bounds, no_simd] = series.as_slice() else {
            anyhow::bail!("{} was not measured", kernel.name)
        };
        let compared = |key, ours: &Series, other: &Series| Reading::compared(key, ours.clone(), other.clone());
        part.readings.extend([
            compared(kernel.vs_native, worker, native),
            compared(kernel.epochs, epochs, no_epochs),
            compared(kernel.bounds, bounds, epochs),
            compared(kernel.simd, epochs, no_simd),
        ]);
        part.series.extend(series);
    }
    Ok(part)
}

impl Ways<'_> {
    /// In the order in which `measure` takes them.
    fn measure(&self, kernel: &str, rounds: Rounds) -> anyhow::Result<Vec<Series>> {
        let (_, expected) = guest::run_native(self.native, &[kernel], None)?;
        let expected = checksum(&expected);
        let plain = |plain: &Plain| {
            let said = plain.run(&[kernel], None)?;
            Ok((guest::told(said.as_bytes())?, said))
        };
        rounds.run(vec![
            contender(kernel, "natively", expected, || {
                guest::run_native(self.native, &[kernel], None)
            }),
            contender(kernel, "in a worker", expected, || {
                self.worker.timed(guest::job(&[kernel], None, &[])?)
            }),
            contender(kernel, "wasmtime alone", expected, || plain(&self.epochs)),
            contender(kernel, "wasmtime without epochs", expected, || plain(&self.no_epochs)),
            contender(kernel, "wasmtime with bounds checks", expected, || plain(&self.bounds)),
            contender(kernel, "wasmtime, no SIMD", expected, || plain(&self.no_simd)),
        ])
    }
}

/// One whose result has to be the `expected` one.
fn contender<'a>(
    kernel: &str,
    way: &str,
    expected: &'a str,
    run: impl Fn() -> anyhow::Result<(Duration, String)> + 'a,
) -> Contender<'a> {
    Contender::new(format!("{kernel}, {way}"), move || {
        let (took, said) = run()?;
        let found = checksum(&said);
        anyhow::ensure!(found == expected, "the result is {found}, and natively {expected}");
        Ok(took)
    })
}

/// The checksum in what a kernel said: its second word.
fn checksum(said: &str) -> &str {
    said.split_whitespace().nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_second_word_is_the_checksum() {
        assert_eq!(checksum("1200 00ff\n"), "00ff");
        assert_eq!(checksum("1200"), "");
    }
}
