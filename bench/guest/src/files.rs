//! File calls in bulk: one large file, and many small ones.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of one call.
const PIECE: usize = 64 << 10;

/// Calls for one pass over the file, which is then 16 MiB long: the longest that a handler may have.
const PIECES: usize = 256;

/// Bytes of a small file.
const SMALL: usize = 256;

/// Name of the large file.
const LARGE: &str = "large";

/// Writes the large file `passes` times, each from an empty one.
pub(crate) fn write(folder: &Path, passes: usize) -> io::Result<()> {
    let piece = vec![0x5a; PIECE];
    for _ in 0..passes {
        let mut file = File::create(folder.join(LARGE))?;
        for _ in 0..PIECES {
            file.write_all(&piece)?;
        }
    }
    Ok(())
}

/// Reads the large file `passes` times.
pub(crate) fn read(folder: &Path, passes: usize) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    for _ in 0..passes {
        let mut file = File::open(folder.join(LARGE))?;
        for _ in 0..PIECES {
            file.read_exact(&mut piece)?;
            black_box(&piece);
        }
    }
    Ok(())
}

/// Makes `count` small files.
pub(crate) fn create(folder: &Path, count: usize) -> io::Result<()> {
    let text = [b'x'; SMALL];
    small(folder, count).try_for_each(|path| fs::write(path, text))
}

/// Asks for the length of each of `count` small files.
pub(crate) fn stat(folder: &Path, count: usize) -> io::Result<()> {
    small(folder, count).try_for_each(|path| match fs::metadata(path)?.len() {
        length if length == SMALL as u64 => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    })
}

/// Removes `count` small files.
pub(crate) fn unlink(folder: &Path, count: usize) -> io::Result<()> {
    small(folder, count).try_for_each(fs::remove_file)
}

/// Opens what is called `pipe`, which for a pipe that nobody writes to takes for ever.
pub(crate) fn open(folder: &Path) -> io::Result<()> {
    File::open(folder.join("pipe")).map(drop)
}

fn small(folder: &Path, count: usize) -> impl Iterator<Item = PathBuf> {
    (0..count).map(|number| folder.join(number.to_string()))
}
