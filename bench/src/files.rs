//! File calls in bulk: in a worker with the limits of a folder, as a native program, and in wasmtime without hostler.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use hostler_host::sandbox::Sandbox;
use hostler_measure::{Contender, Part, Reading, Rounds};

use crate::effort::Effort;
use crate::guest::{self, Guest};
use crate::plain::{Plain, Setting};
use crate::surroundings::Surroundings;

/// Work on files, with the key of a worker against a native program.
const WORK: [(&str, &str); 5] = [
    ("write", "files.write_vs_native"),
    ("read", "files.read_vs_native"),
    ("create", "files.create_vs_native"),
    ("stat", "files.stat_vs_native"),
    ("unlink", "files.unlink_vs_native"),
];

/// Passes over the large file: 256 MiB in all.
const PASSES: usize = 16;

/// Small files.
const FILES: usize = 10_000;

/// The same in a smoke run, which is not about time.
const OF_SMOKE: (usize, usize) = (1, 200);

/// Measures all of it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let workers = Guest::new(&around.workers()?, &around.guest, None)?;
    let here = Guest::new(&Sandbox::in_process_blocking()?, &around.guest, None)?;
    let plain = Plain::new(&around.guest, Setting::AS_OURS)?;
    let folder = around.new_folder()?;
    let folder = folder.path();
    let (passes, files) = if effort.is_smoke() { OF_SMOKE } else { (PASSES, FILES) };
    let rounds = Rounds::new(effort.share(20)).warm_up(1);
    let mut all = Vec::new();
    let mut readings = Vec::new();
    for (verb, key) in WORK {
        let (number, what) = match verb {
            "write" | "read" => (passes, format!("{verb} {} MiB", passes * 16)),
            _ => (files, format!("{verb} {files} files")),
        };
        let number = number.to_string();
        let words: &[&str] = &[verb, &number];
        let native = || guest::run_native(&around.native_guest, words, Some(folder)).map(|(took, _)| took);
        let in_guest = |guest: &Guest| guest.timed(guest::job(words, Some(folder), &[])?).map(|(took, _)| took);
        let contender = |name, run| contender(verb, name, folder, files, run);
        let mut contenders = vec![
            contender(format!("{what}, in a worker"), Box::new(|| in_guest(&workers))),
            contender(format!("{what}, natively"), Box::new(native)),
        ];
        if verb == "create" {
            let plain = || guest::told(plain.run(words, Some(folder))?.as_bytes());
            contenders.push(contender(
                format!("{what}, in process, blocking"),
                Box::new(|| in_guest(&here)),
            ));
            contenders.push(contender(format!("{what}, wasmtime alone"), Box::new(plain)));
        }
        let series = rounds.run(contenders)?;
        let [ours, native, rest @ ..] = series.as_slice() else {
            anyhow::bail!("{verb} was not measured")
        };
        readings.push(Reading::compared(key, ours.clone(), native.clone()));
        if let [here, plain] = rest {
            readings.push(Reading::compared("files.quota_cost", here.clone(), plain.clone()));
        }
        all.extend(series);
    }
    Ok(Part {
        name: "files",
        title: "Work on files",
        about: "One program, as a component and natively, in the same folder. Large: a file of 16 MiB (the longest that a \
                handler may have) written or read 16 times in pieces of 64 KiB. Small: 10,000 files of 256 bytes in one \
                folder, made, looked at, and removed; the folder is granted with room for 12,000, as a policy can, since a \
                data folder has room for about a thousand. Every limit is on. Calls are timed inside the program. The cost of \
                the limits on folders is that of making the small files: in this process under hostler, which counts each \
                file and each byte, against the same component in wasmtime without hostler, where nothing is counted; file \
                calls are on the component's own thread in both."
            .to_owned(),
        repeat: "cargo xtask bench --part files".to_owned(),
        series: all,
        readings,
    })
}

/// One that finds the folder as `verb` needs it, and leaves it as the verb does.
fn contender<'a>(
    verb: &'static str,
    name: String,
    folder: &'a Path,
    files: usize,
    run: Box<dyn Fn() -> anyhow::Result<Duration> + 'a>,
) -> Contender<'a> {
    Contender::new(name, move || {
        prepare(verb, folder, files).context("its folder")?;
        let took = run()?;
        let expected = match verb {
            "write" | "read" => 1,
            "create" | "stat" => files,
            _ => 0,
        };
        let found = std::fs::read_dir(folder)?.count();
        anyhow::ensure!(found == expected, "{found} files are there after it, not {expected}");
        Ok(took)
    })
}

/// Empties `folder` for whoever makes files, and makes them for whoever finds some.
fn prepare(verb: &str, folder: &Path, files: usize) -> anyhow::Result<()> {
    let clear = || {
        for entry in std::fs::read_dir(folder)? {
            std::fs::remove_file(entry?.path())?;
        }
        anyhow::Ok(())
    };
    match verb {
        "read" => {
            clear()?;
            std::fs::write(folder.join("large"), vec![0x5a; 16 << 20])?;
        }
        "stat" | "unlink" => {
            clear()?;
            (0..files).try_for_each(|number| std::fs::write(folder.join(number.to_string()), [b'x'; 256]))?;
        }
        _ => clear()?,
    }
    Ok(())
}
