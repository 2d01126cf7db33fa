//! Folders compared and copied, without times.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What lies below a folder: by path, mode and content; no content for a folder.
pub(crate) type Tree = BTreeMap<String, (u32, Option<Vec<u8>>)>;

/// Everything below `folder`; nothing where it is missing.
pub(crate) fn tree(folder: &Path) -> Tree {
    let mut found = Tree::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let meta = path.symlink_metadata().unwrap();
            let content = meta.is_file().then(|| fs::read(&path).unwrap());
            if meta.is_dir() {
                folders.push(path);
            }
            found.insert(name, (meta.permissions().mode(), content));
        }
    }
    found
}

/// The names below `folder`, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    tree(folder).into_keys().collect()
}

/// Puts a copy of `from`, with modes, in the place of `to`; nothing where `from` is missing.
pub(crate) fn replace(to: &Path, from: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    if from.exists() {
        copy(from, to);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}

/// Names what differs between two trees.
pub(crate) fn differences(expected: &Tree, found: &Tree) -> Vec<String> {
    let text = |entry: Option<&(u32, Option<Vec<u8>>)>| match entry {
        None => "not there".to_owned(),
        Some((mode, None)) => format!("{mode:o}"),
        Some((mode, Some(content))) => {
            let content: String = String::from_utf8_lossy(content).chars().take(300).collect();
            format!("{mode:o} {content}")
        }
    };
    let mut names: Vec<&String> = expected.keys().chain(found.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| expected.get(*name) != found.get(*name))
        .map(|name| format!("{name}: {}, not {}", text(found.get(name)), text(expected.get(name))))
        .collect()
}

/// A comparison that sees nothing would make every test here pass.
#[test]
fn copies_are_alike_and_changes_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    fs::create_dir_all(a.join("c")).unwrap();
    fs::write(a.join("c/d"), "e").unwrap();
    replace(&b, &a);
    assert_eq!(differences(&tree(&a), &tree(&b)), [""; 0]);
    fs::write(b.join("c/d"), "f").unwrap();
    fs::write(b.join("g"), "").unwrap();
    fs::set_permissions(b.join("c"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(differences(&tree(&a), &tree(&b)).len(), 3);
    replace(&b, &a);
    assert_eq!(names(&b), ["c", "c/d"]);
}
