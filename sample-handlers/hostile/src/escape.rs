//! Every operation that takes a path, with every kind of path that leads out of a folder.
//!
//! What must not be is that any of them succeeds. Paths that could do harm if one did lead to the folder that the
//! settings name as `outside`, which a test made for that and looks at afterwards.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};
use crate::operations::{CHANGING, CHANGING_ENTRIES, LOOKING, LOOKING_AT_LINKS, Operation, make, never_working};
use crate::wasi::{ErrorCode, Folder, folder, folders};

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
        // As it lies beside its own folder, if it does.
        format!("../{}/canary", sibling(outside)),
        format!("../../data/{}/canary", sibling(outside)),
    ];
    for path in &changed {
        table.apply(folder, &[LOOKING, LOOKING_AT_LINKS, CHANGING, CHANGING_ENTRIES], path);
    }
}

/// The last two parts of a path.
fn sibling(path: &str) -> &str {
    let second = path.rmatch_indices('/').nth(1);
    second.map_or(path, |(at, _)| path.get(at + 1..).unwrap_or(path))
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
