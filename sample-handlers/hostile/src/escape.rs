//! Every operation that takes a path, with every kind of path that leads out of a folder.
//!
//! What must not be is that any of them succeeds. Paths that could do harm if one did lead to the folder that the
//! settings name as `outside`, which a test made for that and looks at afterwards.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};
use crate::wasi::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, Folder, NewTimestamp, OpenFlags, PathFlags, folder, folders,
};

type Operation = fn(&Descriptor, &str) -> Result<(), ErrorCode>;

/// What only looks.
const LOOKING: &[(&str, Operation)] = &[
    ("open", |d, path| {
        open(d, path, FOLLOW, OpenFlags::empty(), DescriptorFlags::READ)
    }),
    ("open-folder", |d, path| {
        open(d, path, FOLLOW, OpenFlags::DIRECTORY, DescriptorFlags::READ)
    }),
    ("stat", |d, path| d.stat_at(FOLLOW, path).map(|_| ())),
    ("metadata-hash", |d, path| d.metadata_hash_at(FOLLOW, path).map(|_| ())),
];

/// What only looks, and does not follow a link at the end of the path.
const LOOKING_AT_LINKS: &[(&str, Operation)] = &[
    ("open-nofollow", |d, path| {
        open(d, path, PathFlags::empty(), OpenFlags::empty(), DescriptorFlags::READ)
    }),
    ("stat-nofollow", |d, path| {
        let found = d.stat_at(PathFlags::empty(), path)?;
        // With a slash behind it, a link's own name may still be taken for the link: that is inside.
        if found.type_ == DescriptorType::SymbolicLink {
            Err(ErrorCode::Loop)
        } else {
            Ok(())
        }
    }),
    ("metadata-hash-nofollow", |d, path| {
        let found = d.metadata_hash_at(PathFlags::empty(), path)?;
        let name = path.trim_end_matches(['/', '.']);
        let link = d.metadata_hash_at(PathFlags::empty(), name);
        let is_link = name != path && link.is_ok_and(|link| (found.lower, found.upper) == (link.lower, link.upper));
        if is_link { Err(ErrorCode::Loop) } else { Ok(()) }
    }),
    ("readlink", |d, path| d.readlink_at(path).map(|_| ())),
];

/// What changes the file that a path leads to, through a link at its end as well.
const CHANGING: &[(&str, Operation)] = &[
    ("open-write", |d, path| {
        open(d, path, FOLLOW, OpenFlags::empty(), DescriptorFlags::WRITE)
    }),
    ("open-create", |d, path| {
        open(d, path, FOLLOW, OpenFlags::CREATE, DescriptorFlags::WRITE)
    }),
    ("open-truncate", |d, path| {
        open(d, path, FOLLOW, OpenFlags::TRUNCATE, DescriptorFlags::WRITE)
    }),
    ("open-truncate-read", |d, path| {
        open(d, path, FOLLOW, OpenFlags::TRUNCATE, DescriptorFlags::READ)
    }),
    ("open-mutate", |d, path| {
        open(d, path, FOLLOW, OpenFlags::DIRECTORY, DescriptorFlags::MUTATE_DIRECTORY)
    }),
    ("set-times", |d, path| {
        d.set_times_at(FOLLOW, path, NewTimestamp::Now, NewTimestamp::Now)
    }),
    ("link-followed", |d, path| d.link_at(FOLLOW, path, d, "linked")),
];

/// What changes the entry at a path.
const CHANGING_ENTRIES: &[(&str, Operation)] = &[
    ("open-exclusive", |d, path| {
        open(
            d,
            path,
            PathFlags::empty(),
            OpenFlags::CREATE | OpenFlags::EXCLUSIVE,
            DescriptorFlags::WRITE,
        )
    }),
    ("set-times-nofollow", |d, path| {
        d.set_times_at(PathFlags::empty(), path, NewTimestamp::Now, NewTimestamp::Now)
    }),
    ("create-directory", |d, path| d.create_directory_at(path)),
    ("remove-directory", |d, path| d.remove_directory_at(path)),
    ("unlink", |d, path| d.unlink_file_at(path)),
    ("rename-from", |d, path| d.rename_at(path, d, "taken")),
    ("rename-to", |d, path| d.rename_at("own", d, path)),
    ("link-from", |d, path| d.link_at(PathFlags::empty(), path, d, "linked")),
    ("link-to", |d, path| d.link_at(PathFlags::empty(), "own", d, path)),
    ("symlink", |d, path| d.symlink_at("own", path)),
];

const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

fn open(
    folder: &Descriptor,
    path: &str,
    path_flags: PathFlags,
    open_flags: OpenFlags,
    flags: DescriptorFlags,
) -> Result<(), ErrorCode> {
    folder.open_at(path_flags, path, open_flags, flags).map(|_| ())
}

/// What was tried and what came of it.
#[derive(Default)]
struct Table {
    tried: usize,
    succeeded: Vec<serde_json::Value>,
    errors: BTreeMap<&'static str, usize>,
}

impl Table {
    fn take(&mut self, folder: &Folder, operation: &str, path: &str, result: Result<(), ErrorCode>) {
        self.tried += 1;
        match result {
            Ok(()) => {
                self.succeeded
                    .push(json!({ "folder": folder.name, "operation": operation, "path": path }));
            }
            Err(code) => *self.errors.entry(code.name()).or_default() += 1,
        }
    }

    fn apply(&mut self, folder: &Folder, operations: &[&[(&str, Operation)]], path: &str) {
        for (name, operation) in operations.iter().copied().flatten() {
            self.take(folder, name, path, operation(&folder.descriptor, path));
        }
    }
}

/// FSX-01 to FSX-06, FSX-10, FSX-11.
pub(crate) fn matrix(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let outside = parameters
        .text("outside")
        .ok_or_else(|| Failure::new("`outside` is not set"))?;
    let mut table = Table::default();
    for folder in folders() {
        let depth = if folder.name == "." {
            &handler.base
        } else {
            Path::new(&folder.name)
        }
        .components()
        .count();
        let up = "../".repeat(depth);
        let out = format!("{up}{}", outside.trim_start_matches('/'));
        let is_writable = make(&folder.descriptor, "own").is_ok();
        plain(&mut table, &folder, &up, &out, outside);
        if is_writable {
            linked(&mut table, &folder, &up, &out, outside);
        }
    }
    let never = never_working(&folder(&handler.data)?.descriptor);
    let Table {
        tried,
        succeeded,
        errors,
    } = &table;
    println!(
        "{}",
        json!({ "tried": tried, "succeeded": succeeded, "errors": errors, "never": never })
    );
    Ok(After::Success(format!(
        "{} tried, {} succeeded",
        table.tried,
        table.succeeded.len()
    )))
}

/// Paths without a link in them.
fn plain(table: &mut Table, folder: &Folder, up: &str, out: &str, outside: &str) {
    let looked_at = [
        "..".to_owned(),
        "../".to_owned(),
        "../..".to_owned(),
        "./..".to_owned(),
        up.to_owned(),
        "/".to_owned(),
        "//".to_owned(),
        "/.".to_owned(),
        "/etc/passwd".to_owned(),
        format!("{up}etc/passwd"),
        "/proc/self/environ".to_owned(),
        "/proc/self/mem".to_owned(),
        format!("{up}proc/self/environ"),
        "/proc/self/fd/0".to_owned(),
        "/dev/null".to_owned(),
        "\0".to_owned(),
    ];
    for path in &looked_at {
        table.apply(folder, &[LOOKING, LOOKING_AT_LINKS], path);
    }
    let changed = [
        format!("{outside}/canary"),
        format!("/{outside}/canary"),
        format!("/proc/self/root{outside}/canary"),
        format!("/proc/self/cwd/{out}/canary"),
        format!("{out}/canary"),
        format!("./{out}/canary"),
        format!("own/../{out}/canary"),
        format!("{out}//canary"),
        format!("{out}/./canary"),
        format!("{out}/canary/"),
        format!("{out}/folder"),
        format!("{out}/folder/"),
        format!("{out}/new"),
        format!("{outside}/new"),
        format!("{out}/canary\0"),
    ];
    for path in &changed {
        table.apply(folder, &[LOOKING, LOOKING_AT_LINKS, CHANGING, CHANGING_ENTRIES], path);
    }
}

/// Paths through symbolic links that the attacker makes itself.
fn linked(table: &mut Table, folder: &Folder, up: &str, out: &str, outside: &str) {
    let links = |name: &str, target: &str| folder.descriptor.symlink_at(target, name);
    for (name, target) in [("absolute", outside), ("magic", "/proc/self/root"), ("root", "/")] {
        table.take(folder, "symlink-to-absolute", name, links(name, target));
    }
    // A host may refuse to make these too; what is asked of it is that nothing leads through them.
    for (name, target) in [
        ("to-folder", out.to_owned()),
        ("to-folder-slash", format!("{out}/")),
        ("to-file", format!("{out}/canary")),
        ("to-nothing", format!("{out}/new")),
        ("to-root", up.to_owned()),
        ("to-parent", "..".to_owned()),
        ("to-environ", format!("{up}proc/self/environ")),
        ("to-link", "to-folder".to_owned()),
        ("loop-a", "loop-b".to_owned()),
        ("loop-b", "loop-a".to_owned()),
        ("chain-0", "own".to_owned()),
    ] {
        let _ = links(name, &target);
    }
    for number in 1..50 {
        let _ = links(&format!("chain-{number}"), &format!("chain-{}", number - 1));
    }
    for path in ["to-folder", "to-folder-slash", "to-file", "to-nothing", "to-link"] {
        table.apply(folder, &[LOOKING, CHANGING], path);
    }
    for path in [
        "to-root",
        "to-parent",
        "to-environ",
        "to-environ/",
        "loop-a",
        "chain-49",
    ] {
        table.apply(folder, &[LOOKING], path);
    }
    let through = [
        "to-folder/".to_owned(),
        "to-folder//".to_owned(),
        "to-folder/.".to_owned(),
        "to-folder/canary".to_owned(),
        "to-folder/new".to_owned(),
        "to-folder/folder".to_owned(),
        "to-folder-slash/canary".to_owned(),
        "to-file/".to_owned(),
        "to-link/".to_owned(),
        "to-link/canary".to_owned(),
        "to-nothing/".to_owned(),
        format!("to-root/{}/canary", outside.trim_start_matches('/')),
        "to-folder/../canary".to_owned(),
    ];
    for path in &through {
        table.apply(folder, &[LOOKING, LOOKING_AT_LINKS, CHANGING, CHANGING_ENTRIES], path);
    }
}

fn make(folder: &Descriptor, name: &str) -> Result<(), ErrorCode> {
    open(folder, name, FOLLOW, OpenFlags::CREATE, DescriptorFlags::WRITE)
}

/// The operations that do not even work inside a folder that can be written: a failure of theirs elsewhere says nothing.
fn never_working(inside: &Descriptor) -> Vec<&'static str> {
    let all = [LOOKING, LOOKING_AT_LINKS, CHANGING, CHANGING_ENTRIES];
    let works = |operation: &Operation| {
        ["file", "folder", "link", "fresh"].into_iter().any(|path| {
            // Whatever the operation before has made of them.
            for name in ["own", "file", "link", "fresh", "taken", "linked"] {
                let _ = inside.unlink_file_at(name);
            }
            for name in ["folder", "fresh", "taken"] {
                let _ = inside.remove_directory_at(name);
            }
            let _ = make(inside, "own");
            let _ = make(inside, "file");
            let _ = inside.symlink_at("file", "link");
            let _ = inside.create_directory_at("folder");
            operation(inside, path).is_ok()
        })
    };
    all.into_iter()
        .flatten()
        .filter(|(_, operation)| !works(operation))
        .map(|(name, _)| *name)
        .collect()
}
