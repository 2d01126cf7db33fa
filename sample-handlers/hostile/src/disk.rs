//! Filling the disk, by means of the standard library.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// The folder that the parameter `folder` names, one of its own or by a full path: `data` where it names none.
pub(crate) fn target(handler: &Handler, parameters: &Parameters) -> Result<PathBuf, Failure> {
    Ok(match parameters.text("folder").unwrap_or("data") {
        "data" => handler.data.clone(),
        "log" => handler.log.clone(),
        "events" => handler.log.join("events"),
        "status" => handler.status.clone(),
        "heartbeat" => handler.heartbeat.parent().unwrap_or(&handler.base).to_owned(),
        path if path.starts_with('/') => PathBuf::from(path),
        other => return Err(Failure::new(format!("`{other}` is none of its folders"))),
    })
}

/// Writes to `file` until that is refused or it has `bytes`; how much, and why no more.
fn pour(file: &mut impl Write, bytes: u64) -> (u64, Option<io::Error>) {
    let block = [b'x'; 64 << 10];
    let mut written = 0;
    while written < bytes {
        let length = usize::try_from(bytes - written).map_or(block.len(), |left| left.min(block.len()));
        match file.write(block.get(..length).unwrap_or(&block)) {
            Ok(more) => written += more as u64,
            Err(error) => return (written, Some(error)),
        }
    }
    (written, None)
}

/// Makes files of `bytes` in `folder` until one is refused or there are `count`; bytes, files, and why no more.
fn fill_folder(folder: &Path, bytes: u64, count: u64) -> (u64, u64, Option<io::Error>) {
    let mut sum = 0;
    for number in 0..count {
        let made = File::create(folder.join(format!("filler-{number}")));
        let (written, refused) = match made {
            Ok(mut file) => pour(&mut file, bytes),
            Err(error) => return (sum, number, Some(error)),
        };
        sum += written;
        if refused.is_some() {
            return (sum, number + 1, refused);
        }
    }
    (sum, count, None)
}

fn told(refused: Option<io::Error>) -> String {
    refused.map_or_else(|| "nothing refused".to_owned(), |error| error.kind().to_string())
}

/// FSX-12, FSX-14.
pub(crate) fn fill(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let folder = target(handler, parameters)?;
    let (each, count) = (
        parameters.number("bytes", 8 << 20),
        parameters.number("count", 1_000_000),
    );
    let (bytes, files, refused) = fill_folder(&folder, each, count);
    Ok(After::Success(format!(
        "{bytes} bytes in {files} files, then: {}",
        told(refused)
    )))
}

/// A status in a status folder that is full of something else: refused, and written once there is room again.
pub(crate) fn full_status(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let (bytes, files, refused) = fill_folder(&handler.status, parameters.number("bytes", 1 << 20), 1_000_000);
    let first = handler.write_status("success", "written to a full folder");
    fs::remove_file(handler.status.join("filler-0"))?;
    let first = first.map_or("refused", |()| "taken");
    Ok(After::Success(format!(
        "{bytes} bytes in {files} files, then: {}; the first status was {first}",
        told(refused)
    )))
}

/// FSX-15.
pub(crate) fn deep(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let mut folder = target(handler, parameters)?;
    let most = parameters.number("depth", 5_000);
    for depth in 0..most {
        folder.push("d");
        if let Err(error) = fs::create_dir(&folder) {
            return Ok(After::Success(format!("{depth} deep, then: {}", told(Some(error)))));
        }
    }
    Ok(After::Success(format!("{most} deep")))
}

/// Files made in the data folder and moved to the log folder, for ever.
pub(crate) fn rename(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let bytes = parameters.number("bytes", 1 << 20);
    for number in 0..parameters.number("count", 1_000_000) {
        let made = handler.data.join("made");
        let (_, refused) = pour(&mut File::create(&made)?, bytes);
        let moved = fs::rename(&made, handler.log.join(format!("moved-{number}")));
        if let Some(refused) = refused.or(moved.err()) {
            return Ok(After::Success(format!("{number} moved, then: {}", told(Some(refused)))));
        }
    }
    Ok(After::Success("all moved".to_owned()))
}

/// Names for one file, in its own folder for ever and in another.
pub(crate) fn link(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let file = handler.data.join("file");
    pour(&mut File::create(&file)?, parameters.number("bytes", 1 << 20));
    let other = told(fs::hard_link(&file, handler.log.join("link")).err());
    for number in 0..parameters.number("count", 1_000_000) {
        if let Err(error) = fs::hard_link(&file, handler.data.join(format!("link-{number}"))) {
            let own = told(Some(error));
            return Ok(After::Success(format!(
                "{number} links, then: {own}; to another folder: {other}"
            )));
        }
    }
    Ok(After::Success("all linked".to_owned()))
}

/// Files that are unlinked while they are open, each written to for ever.
pub(crate) fn unlinked(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let path = handler.data.join("unlinked");
    let mut held = Vec::new();
    let mut sum = 0;
    for _ in 0..parameters.number("count", 100) {
        let mut file = match File::create(&path) {
            Ok(file) => file,
            Err(error) => return Ok(After::Success(format!("{sum} bytes held, then: {}", told(Some(error))))),
        };
        fs::remove_file(&path)?;
        let (written, _) = pour(&mut file, u64::MAX);
        sum += written;
        held.push(file);
        if written == 0 {
            break;
        }
    }
    drop(held);
    // Closed, they are gone.
    let (written, _) = pour(&mut File::create(&path)?, 1 << 20);
    Ok(After::Success(format!("{sum} bytes held, then {written} again")))
}

/// What a good handler does: it tells its state again and again, in the same place.
pub(crate) fn rewrite(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let count = parameters.number("count", 10_000);
    let beat = r#"[{"version": 1.0, "heartbeat": {"status": "Ready", "code": 0, "formattedMessage": {"lang": "en-US", "message": "well"}}}]"#;
    for _ in 0..count {
        fs::write(&handler.heartbeat, beat)?;
    }
    Ok(After::Success(format!("{count} times written")))
}

/// Files made and removed again and again: what it costs, and that it is all given back.
pub(crate) fn churn(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let count = parameters.number("count", 5_000);
    for _ in 0..count {
        let path = handler.data.join("churn");
        fs::write(&path, b"x")?;
        fs::remove_file(&path)?;
    }
    Ok(After::Success(format!("{count} files made and removed")))
}

/// One file written to in pieces of 4 KiB, from the beginning again at each MiB.
pub(crate) fn rewind(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    use std::io::Seek;
    let count = parameters.number("count", 20_000);
    let mut file = File::create(handler.data.join("pieces"))?;
    for number in 0..count {
        if number % 256 == 0 {
            file.rewind()?;
        }
        file.write_all(&[b'p'; 4096])?;
    }
    Ok(After::Success(format!("{count} pieces written")))
}
