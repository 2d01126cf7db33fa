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
const WORK: [(&str, &str, &str); 5] = [
    ("write", "write 256 MiB", "files.write_vs_native"),
    ("read", "read 256 MiB", "files.read_vs_native"),
    ("create", "create 10,000", "files.create_vs_native"),
    ("stat", "stat 10,000", "files.stat_vs_native"),
    ("unlink", "unlink 10,000", "files.unlink_vs_native"),
];

/// Small files, as many as the guest makes.
const FILES: usize = 10_000;

/// Measures all of it.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let workers = Guest::new(&around.workers()?, &around.guest, None)?;
    let here = Guest::new(&Sandbox::in_process()?, &around.guest, None)?;
    let bare = Setting {
        epochs: true,
        guards: true,
        blocking: false,
    };
    let plain = Plain::new(&around.guest, bare)?;
    let folder = around.new_folder()?;
    let folder = folder.path();
    let rounds = Rounds::new(effort.share(20)).warm_up(1);
    let mut all = Vec::new();
    let mut readings = Vec::new();
    for (verb, what, key) in WORK {
        let native = || guest::run_native(&around.native_guest, &[verb], Some(folder)).map(|(took, _)| took);
        let in_guest = |guest: &Guest| guest.timed(guest::job(&[verb], Some(folder), &[])?).map(|(took, _)| took);
        let mut contenders = vec![
            contender(verb, format!("{what}, in a worker"), folder, || in_guest(&workers)),
            contender(verb, format!("{what}, natively"), folder, native),
        ];
        if verb == "create" {
            let plain = || guest::told(plain.run(&[verb], Some(folder))?.as_bytes());
            contenders.push(contender(verb, format!("{what}, in process"), folder, || in_guest(&here)));
            contenders.push(contender(verb, format!("{what}, wasmtime alone"), folder, plain));
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
                calls are on threads of their own in both."
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
    run: impl Fn() -> anyhow::Result<Duration> + 'a,
) -> Contender<'a> {
    Contender::new(name, move || {
        prepare(verb, folder).context("its folder")?;
        let took = run()?;
        let expected = match verb {
            "write" | "read" => 1,
            "create" | "stat" => FILES,
            _ => 0,
        };
        let found = std::fs::read_dir(folder)?.count();
        anyhow::ensure!(found == expected, "{found} files are there after it, not {expected}");
        Ok(took)
    })
}

/// Empties `folder` for whoever makes files, and makes them for whoever finds some.
fn prepare(verb: &str, folder: &Path) -> anyhow::Result<()> {
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
            (0..FILES).try_for_each(|number| std::fs::write(folder.join(number.to_string()), [b'x'; 256]))?;
        }
        _ => clear()?,
    }
    Ok(())
}
