//! Doing what an instruction says.

use std::io::Write;
use std::path::Path;
use std::time::Duration;
use std::{fs, io, thread};

use crate::instruction::{Ending, Instruction, Status, good_status};
use crate::place::Place;

/// How often it looks for the word to go on.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Does all that `instruction` says but for ending with its exit code; a trap says what is `said`.
///
/// # Errors
/// A file cannot be written, or a folder not be emptied.
///
/// # Panics
/// When it is told to.
pub(crate) fn carry_out(place: &Place, instruction: &Instruction, said: &str) -> Result<(), String> {
    if instruction.clear {
        let folders = [Some(&*place.status), place.heartbeat.parent(), place.data.as_deref()];
        for folder in folders.into_iter().flatten() {
            empty(folder).map_err(at(folder))?;
        }
    }
    for (name, content) in &instruction.data {
        let folder = place.data.as_deref().ok_or("there is no data folder")?;
        write(&folder.join(name), content)?;
    }
    for (name, content) in &instruction.events {
        let folder = place.events.as_deref().ok_or("there is no events folder")?;
        write(&folder.join(name), content)?;
    }
    if let Some(heartbeat) = &instruction.heartbeat {
        write(&place.heartbeat, heartbeat)?;
    }
    if !instruction.log.is_empty() {
        write(&place.log.join("handler.log"), &format!("{}\n", instruction.log))?;
    }
    match &instruction.status {
        Status::None => {}
        Status::Good => write(&place.status_file(), &good_status(&place.version, &place.sequence))?,
        Status::Text(text) => write(&place.status_file(), text)?,
    }
    repeat(&mut io::stdout().lock(), &instruction.stdout, instruction.repeat).map_err(|error| error.to_string())?;
    repeat(&mut io::stderr().lock(), &instruction.stderr, instruction.repeat).map_err(|error| error.to_string())?;
    thread::sleep(Duration::from_millis(instruction.delay_ms));
    while instruction.waits && !place.log.join("go").exists() {
        thread::sleep(LOOK_EVERY);
    }
    if instruction.stdin {
        io::copy(&mut io::stdin(), &mut io::sink()).map_err(|error| error.to_string())?;
    }
    match instruction.ending {
        Ending::Exit => Ok(()),
        // Waiting, not computing: a test of time limits should cost nothing.
        Ending::Loop => loop {
            thread::sleep(Duration::from_secs(1));
        },
        Ending::Trap => panic!("{said}"),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

/// Removes everything in `folder`.
fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes `text` to `stream`, `times` over, a few kilobytes at a time.
fn repeat(stream: &mut impl Write, text: &str, times: u64) -> io::Result<()> {
    let mut stream = io::BufWriter::with_capacity(16 << 10, stream);
    for _ in 0..times {
        stream.write_all(text.as_bytes())?;
    }
    stream.flush()
}
