//! Taking its own folders apart, and putting something else where the host writes.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};
use crate::operations::make;
use crate::wasi::{Folder, folder, folders};

/// The host's log in the handler's log folder (contract 7.7).
const HOSTS_LOG: &str = "CommandExecution.log";

/// FSX-17.
pub(crate) fn everything(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    let mut removed = Vec::new();
    for folder in [&handler.data, &handler.log, &handler.status] {
        for name in entries(folder) {
            let path = folder.join(&name);
            // Renamed first: a host that goes by what it opened must not notice.
            let aside = folder.join(format!("aside-{name}"));
            let path = if fs::rename(&path, &aside).is_ok() { aside } else { path };
            if fs::remove_file(&path).is_ok() || fs::remove_dir_all(&path).is_ok() {
                removed.push(name);
            }
        }
    }
    let mut roots = Vec::new();
    for given in folders() {
        take_root(&given, &mut roots);
    }
    // Something else in the place of one of its folders, through the one above it, which it may change.
    let log = folder(&handler.log)?.descriptor;
    let moved = log.rename_at("events", &log, "no-events").is_ok() || log.remove_directory_at("events").is_ok();
    let planted = moved && make(&log, "events").is_ok();
    println!("{}", json!({ "removed": removed, "roots": roots, "planted": planted }));
    Ok(After::Success("wrecked".to_owned()))
}

/// Tries to take away a folder that was given, by each name that it has from within.
fn take_root(given: &Folder, taken: &mut Vec<String>) {
    for path in [".", "", "./", "./.", ".."] {
        if given.descriptor.remove_directory_at(path).is_ok() {
            taken.push(format!("{} by `{path}`", given.name));
        }
        if given.descriptor.rename_at(path, &given.descriptor, "moved").is_ok() {
            taken.push(format!("{} renamed by `{path}`", given.name));
        }
        if given.descriptor.unlink_file_at(path).is_ok() {
            taken.push(format!("{} unlinked by `{path}`", given.name));
        }
    }
    // Through the folder above it, which is read-only.
    for other in folders() {
        let inside = Path::new(&given.name)
            .strip_prefix(&other.name)
            .ok()
            .and_then(Path::to_str);
        let inside = inside.filter(|inside| !inside.is_empty() && !given.name.ends_with("events"));
        if inside.is_some_and(|inside| other.descriptor.remove_directory_at(inside).is_ok()) {
            taken.push(format!("{} through {}", given.name, other.name));
        }
    }
}

/// FSX-18, FSX-19: `as` says what is put in the place of the host's log.
pub(crate) fn hosts_log(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let log = handler.log.join(HOSTS_LOG);
    match parameters.text("as").unwrap_or("link") {
        "link" => {
            put_aside(&log)?;
            let outside = parameters.text("outside").unwrap_or("/etc/passwd");
            let up = "../".repeat(handler.log.components().count());
            let target = format!("{up}{}/canary", outside.trim_start_matches('/'));
            let made = folder(&handler.log)?.descriptor.symlink_at(&target, HOSTS_LOG);
            made.map_err(|error| Failure::new(format!("the link is refused: {error:?}")))?;
        }
        "second-name" => {
            let second = handler.log.join("second");
            let _ = fs::remove_file(&second);
            fs::hard_link(&log, second)?;
        }
        "folder" => {
            put_aside(&log)?;
            fs::create_dir_all(log.join("deeper"))?;
            fs::write(log.join("deeper/file"), b"x")?;
        }
        "held" => {
            let mut held = File::options().append(true).open(&log)?;
            put_aside(&log)?;
            let line = [b'h'; 1024];
            let written = (0..64 << 10).take_while(|_| held.write_all(&line).is_ok()).count();
            return Ok(After::Success(format!("{written} lines written to the log it held")));
        }
        other => return Err(Failure::new(format!("`{other}` is nothing to put there"))),
    }
    Ok(After::Success("planted".to_owned()))
}

fn put_aside(log: &Path) -> Result<(), Failure> {
    let _ = fs::rename(log, log.with_extension("aside"));
    Ok(())
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
