//! What is kept and put back, as it lies on the disk.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::*;

/// A root with a handler in version 1.0 that has data and a status.
fn root() -> (tempfile::TempDir, Root, HandlerIdentity) {
    let folder = tempfile::tempdir().unwrap();
    let root = Root::open(&folder.path().join("root")).unwrap();
    let old = HandlerIdentity::parse("A.B-1.0").unwrap();
    let at = root.path().to_owned();
    fs::create_dir_all(at.join("data/A.B/deep/er")).unwrap();
    fs::create_dir_all(at.join("handlers/A.B-1.0/status")).unwrap();
    fs::create_dir(at.join("state")).unwrap();
    fs::write(at.join("data/A.B/count"), "1").unwrap();
    fs::write(at.join("data/A.B/deep/er/file"), "x").unwrap();
    fs::set_permissions(at.join("data/A.B/count"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("/etc/passwd", at.join("data/A.B/link")).unwrap();
    fs::write(at.join("handlers/A.B-1.0/status/0.status"), "[]").unwrap();
    (folder, root, old)
}

/// Every path below `folder`, with what it is.
fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let at = path.strip_prefix(folder).unwrap().display().to_string();
            let stat = fs::symlink_metadata(&path).unwrap();
            if stat.is_symlink() {
                found.push(format!("{at} -> {}", fs::read_link(&path).unwrap().display()));
                continue;
            }
            let changed = stat.modified().unwrap();
            let mode = stat.permissions().mode() & 0o7777;
            if stat.is_dir() {
                found.push(format!("{at}/ {mode:o} {changed:?}"));
                waiting.push(path);
            } else {
                found.push(format!(
                    "{at} {mode:o} {changed:?} {}",
                    fs::read_to_string(&path).unwrap()
                ));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_was_kept_comes_back_as_it_was() {
    let (_folder, root, old) = root();
    let data = root.path().join("data/A.B");
    let status = root.path().join("handlers/A.B-1.0/status");
    let before = (tree(&data), tree(&status));
    assert_eq!(before.0.len(), 5, "{before:?}");
    keep(&root, &old).unwrap();
    assert_eq!((tree(&data), tree(&status)), before, "keeping changes nothing");
    fs::remove_dir_all(data.join("deep")).unwrap();
    fs::write(data.join("count"), "2").unwrap();
    fs::write(data.join("new"), "").unwrap();
    fs::remove_dir_all(&status).unwrap();
    put_back(&root, &old).unwrap();
    assert_eq!((tree(&data), tree(&status)), before);
    // Stopped before it was known that it is back: nothing more is moved.
    fs::write(data.join("count"), "3").unwrap();
    put_back(&root, &old).unwrap();
    assert_eq!(fs::read_to_string(data.join("count")).unwrap(), "3");
    drop_kept(&root, &old.name).unwrap();
    drop_kept(&root, &old.name).unwrap();
    assert!(tree(&root.path().join("state/kept")).is_empty());
}

#[test]
fn stopped_between_the_two_renames_it_goes_on() {
    let (_folder, root, old) = root();
    let data = root.path().join("data/A.B");
    let before = tree(&data);
    keep(&root, &old).unwrap();
    fs::write(data.join("count"), "2").unwrap();
    // The next host makes the folder anew when it opens the handler's folders.
    fs::rename(&data, root.path().join("replaced")).unwrap();
    fs::create_dir(&data).unwrap();
    put_back(&root, &old).unwrap();
    assert_eq!(tree(&data), before);
}

#[test]
fn more_than_a_handler_can_have_is_not_kept() {
    let (_folder, root, old) = root();
    let large = fs::File::create(root.path().join("data/A.B/large")).unwrap();
    // A hole: it takes no room here, and would take it all in a copy.
    large.set_len(1 << 40).unwrap();
    let mut room = Room {
        bytes: 1 << 20,
        files: 100,
    };
    let from = fs::File::open(root.path().join("data/A.B")).unwrap();
    let to = tempfile::tempdir().unwrap();
    let copied = copy_folder(from.as_fd(), fs::File::open(to.path()).unwrap().as_fd(), &mut room);
    assert_eq!(copied.unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    keep(&root, &HandlerIdentity::parse("A.B-2.0").unwrap()).unwrap_err();
    drop_kept(&root, &old.name).unwrap();
}
