//! Every way to change something in a folder that is read-only.
//!
//! The package folder is given twice, under its name and as `.`, and its sub-folders that can be written are seen
//! through it once more; config is given on its own.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};
use crate::wasi::{Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags, folder, folders};

/// One way: in the read-only folder, with a file that is there, and with a folder that can be written and has `own`.
type Way = fn(&Descriptor, &str, &Descriptor) -> Result<(), ErrorCode>;

const WAYS: &[(&str, Way)] = &[
    ("create", |d, _, _| {
        open(d, "made", OpenFlags::CREATE, DescriptorFlags::WRITE).map(drop)
    }),
    ("create-exclusive", |d, _, _| {
        open(
            d,
            "made",
            OpenFlags::CREATE | OpenFlags::EXCLUSIVE,
            DescriptorFlags::READ,
        )
        .map(drop)
    }),
    ("write", |d, file, _| {
        open(d, file, OpenFlags::empty(), DescriptorFlags::WRITE)?
            .write(b"changed", 0)
            .map(drop)
    }),
    ("write-by-reader", |d, file, _| {
        open(d, file, OpenFlags::empty(), DescriptorFlags::READ)?
            .write(b"changed", 0)
            .map(drop)
    }),
    ("truncate", |d, file, _| {
        open(d, file, OpenFlags::TRUNCATE, DescriptorFlags::WRITE).map(drop)
    }),
    ("truncate-by-reader", |d, file, _| {
        open(d, file, OpenFlags::TRUNCATE, DescriptorFlags::READ).map(drop)
    }),
    ("truncate-without-flags", |d, file, _| {
        open(d, file, OpenFlags::TRUNCATE, DescriptorFlags::empty()).map(drop)
    }),
    ("set-size", |d, file, _| {
        open(d, file, OpenFlags::empty(), DescriptorFlags::READ)?.set_size(0)
    }),
    ("set-times", |d, file, _| {
        let file = open(d, file, OpenFlags::empty(), DescriptorFlags::READ)?;
        file.set_times(NewTimestamp::Now, NewTimestamp::Now)
    }),
    ("set-times-at", |d, file, _| {
        d.set_times_at(PathFlags::empty(), file, NewTimestamp::Now, NewTimestamp::Now)
    }),
    // Opening a folder so changes nothing yet.
    ("create-by-mutable", |d, _, _| {
        let again = open(
            d,
            ".",
            OpenFlags::DIRECTORY,
            DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
        )?;
        again.create_directory_at("made")
    }),
    ("create-by-reopened", |d, _, _| {
        let again = open(d, ".", OpenFlags::DIRECTORY, DescriptorFlags::READ)?;
        open(&again, "made", OpenFlags::CREATE, DescriptorFlags::WRITE).map(drop)
    }),
    ("unlink", |d, file, _| d.unlink_file_at(file)),
    ("rename", |d, file, _| d.rename_at(file, d, "renamed")),
    ("rename-out", |d, file, own| d.rename_at(file, own, "stolen")),
    ("rename-onto", |d, file, own| own.rename_at("own", d, file)),
    ("rename-into", |d, _, own| own.rename_at("own", d, "made")),
    ("create-directory", |d, _, _| d.create_directory_at("made")),
    ("remove-directory", |d, _, _| d.remove_directory_at("heartbeat")),
    ("symlink", |d, file, _| d.symlink_at(file, "made")),
    ("link", |d, file, _| d.link_at(PathFlags::empty(), file, d, "made")),
    ("link-out", |d, file, own| {
        d.link_at(PathFlags::empty(), file, own, "stolen")
    }),
    ("link-into", |d, _, own| {
        own.link_at(PathFlags::empty(), "own", d, "made")
    }),
    ("write-in-status", |d, _, _| {
        open(d, "status/made", OpenFlags::CREATE, DescriptorFlags::WRITE).map(drop)
    }),
];

fn open(folder: &Descriptor, path: &str, how: OpenFlags, flags: DescriptorFlags) -> Result<Descriptor, ErrorCode> {
    folder.open_at(PathFlags::empty(), path, how, flags)
}

/// FSX-07, FSX-08.
pub(crate) fn matrix(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let own = folder(&handler.data)?;
    let settings = format!("{}.settings", handler.sequence);
    let manifest = handler.base.join("HandlerManifest.json");
    let granted = parameters.text("folder").unwrap_or_default();
    let mut watched = vec![manifest.clone(), handler.settings_file()];
    if !granted.is_empty() {
        watched.push(Path::new(granted).join("file"));
    }
    let before = watched.iter().map(|path| look(path)).collect::<Result<Vec<_>, _>>()?;
    let mut tried = 0;
    let mut succeeded = Vec::new();
    for target in folders() {
        let is_config = Path::new(&target.name) == handler.config;
        let is_granted = target.name == granted;
        if !is_config && !is_granted && target.name != "." && Path::new(&target.name) != handler.base {
            continue;
        }
        let file = match (is_config, is_granted) {
            (true, _) => &*settings,
            (_, true) => "file",
            _ => "HandlerManifest.json",
        };
        for (name, way) in WAYS {
            fs::write(handler.data.join("own"), "own")?;
            tried += 1;
            if way(&target.descriptor, file, &own.descriptor).is_ok() {
                succeeded.push(json!({ "folder": target.name, "operation": name }));
            }
        }
    }
    let after = watched.iter().map(|path| look(path)).collect::<Result<Vec<_>, _>>();
    let unchanged = after.is_ok_and(|after| after == before);
    let never = never_working(&handler.data)?;
    println!(
        "{}",
        json!({ "tried": tried, "succeeded": succeeded, "unchanged": unchanged, "never": never })
    );
    Ok(After::Success(format!("{tried} tried, {} succeeded", succeeded.len())))
}

/// The ways that do not even work in a folder of `own`, which can be written: a failure of theirs elsewhere says nothing.
fn never_working(own: &Path) -> Result<Vec<&'static str>, Failure> {
    // In one and the same folder: a host may well refuse to link from one to another.
    let other = folder(own)?;
    let inside = &own.join("inside");
    fs::create_dir_all(inside)?;
    let target = open(&other.descriptor, "inside", OpenFlags::DIRECTORY, DescriptorFlags::READ)
        .map_err(|error| Failure::new(format!("its own folder: {error:?}")))?;
    let mut never = Vec::new();
    for (name, way) in WAYS {
        // Whatever the way before has made of them.
        for left in [
            inside.join("made"),
            inside.join("renamed"),
            own.join("stolen"),
            inside.join("status/made"),
        ] {
            let _ = fs::remove_file(&left);
            let _ = fs::remove_dir(&left);
        }
        fs::create_dir_all(inside.join("heartbeat"))?;
        fs::create_dir_all(inside.join("status"))?;
        fs::write(inside.join("file"), "file")?;
        fs::write(own.join("own"), "own")?;
        if way(&target, "file", &other.descriptor).is_err() {
            never.push(*name);
        }
    }
    Ok(never)
}

/// Content and time of change.
fn look(path: &Path) -> Result<(Vec<u8>, std::time::SystemTime), Failure> {
    Ok((fs::read(path)?, fs::metadata(path)?.modified()?))
}
