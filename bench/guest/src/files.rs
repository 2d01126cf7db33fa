//! File calls in bulk: one large file, and many small ones.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of one call.
const PIECE: usize = 64 << 10;

/// Calls for one pass over the file, which is then 16 MiB long: the longest that a handler may have.
const PIECES: usize = 256;

/// Passes over the file: 256 MiB in all.
const PASSES: usize = 16;

/// Small files.
const FILES: usize = 10_000;

/// Bytes of a small file.
const SMALL: usize = 256;

/// Name of the large file.
const LARGE: &str = "large";

/// Writes the large file, each pass from an empty one.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let piece = vec![0x5a; PIECE];
    for _ in 0..PASSES {
        let mut file = File::create(folder.join(LARGE))?;
        for _ in 0..PIECES {
            file.write_all(&piece)?;
        }
    }
    Ok(())
}

/// Reads the large file.
pub(crate) fn read(folder: &Path) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    for _ in 0..PASSES {
        let mut file = File::open(folder.join(LARGE))?;
        for _ in 0..PIECES {
            file.read_exact(&mut piece)?;
            black_box(&piece);
        }
    }
    Ok(())
}

/// Makes the small files.
pub(crate) fn create(folder: &Path) -> io::Result<()> {
    let text = [b'x'; SMALL];
    small(folder).try_for_each(|path| fs::write(path, text))
}

/// Asks for the length of each small file.
pub(crate) fn stat(folder: &Path) -> io::Result<()> {
    small(folder).try_for_each(|path| match fs::metadata(path)?.len() {
        length if length == SMALL as u64 => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    })
}

/// Removes the small files.
pub(crate) fn unlink(folder: &Path) -> io::Result<()> {
    small(folder).try_for_each(fs::remove_file)
}

/// Opens what is called `pipe`, which for a pipe that nobody writes to takes for ever.
pub(crate) fn open(folder: &Path) -> io::Result<()> {
    File::open(folder.join("pipe")).map(drop)
}

fn small(folder: &Path) -> impl Iterator<Item = PathBuf> {
    (0..FILES).map(|number| folder.join(number.to_string()))
}
