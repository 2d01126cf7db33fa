//! Entries as one tree: each name once, and no name both a file and a directory (PKG-11, PKG-12, PKG-13).

use std::collections::{HashMap, hash_map::Entry as Slot};

use hostler_contract::codes;

use super::{EntryKind, faults::Faults, name::fold};

/// A name as it was first met.
struct Node<'a> {
    spelling: &'a str,
    kind: EntryKind,
    /// Whether an entry of its own stands for it, or it is only a folder on the way to one.
    listed: bool,
}

/// Checks that the names of `entries` fit together; names are without the `/` that ends a directory's.
pub(super) fn check<'a>(entries: impl Iterator<Item = (&'a str, EntryKind)>, faults: &mut Faults<'_>) {
    let mut nodes: HashMap<String, Node<'a>> = HashMap::new();
    for (name, kind) in entries {
        for (end, _) in name.match_indices('/') {
            let folder = name.get(..end).unwrap_or(name);
            add(&mut nodes, folder, EntryKind::Directory, false, name, faults);
        }
        add(&mut nodes, name, kind, true, name, faults);
    }
}

fn add<'a>(
    nodes: &mut HashMap<String, Node<'a>>,
    spelling: &'a str,
    kind: EntryKind,
    listed: bool,
    entry: &str,
    faults: &mut Faults<'_>,
) {
    let new = Node { spelling, kind, listed };
    let node = match nodes.entry(fold(spelling)) {
        Slot::Vacant(slot) => {
            slot.insert(new);
            return;
        }
        Slot::Occupied(slot) => slot.into_mut(),
    };
    if node.kind != kind {
        faults.entry(
            codes::PKG_CONFLICT,
            entry,
            format!("`{}` is a file and a directory at once", node.spelling),
            "give files and directories names of their own",
        );
    } else if node.listed && listed {
        faults.entry(
            codes::PKG_DUPLICATE,
            entry,
            if node.spelling == spelling {
                "there is another entry of this name".to_owned()
            } else {
                format!("its name differs from that of `{}` only in case or form", node.spelling)
            },
            "give each entry a name of its own",
        );
    } else if node.spelling != spelling {
        faults.entry(
            codes::PKG_DUPLICATE,
            entry,
            format!(
                "the directory `{spelling}` differs from `{}` only in case or form",
                node.spelling
            ),
            "write the name of a directory the same way everywhere",
        );
    } else {
        node.listed |= listed;
    }
}
