//! What is not the input's fault: exit code 4, and what to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::made::with;
use crate::workbench::{Said, Workbench};

/// A run of a good package with two options, each a path on the bench.
fn run(bench: &Workbench, keep: &str, cache: &str) -> Said {
    let package = bench.package(&with([]));
    let (keep, cache) = (bench.path(keep), bench.path(cache));
    let [package, keep, cache] = [package, keep, cache].map(|path| path.into_os_string().into_string().unwrap());
    bench.hostler(&["run", &package, "--keep", &keep, "--cache", &cache])
}

#[test]
fn a_cache_that_cannot_be_made() {
    let bench = Workbench::new();
    bench.write("file", "");
    insta::assert_snapshot!(run(&bench, "root", "file/cache").all(), @r"
    exit code 4
    --- stderr
    error: compiled code cannot be kept in [HERE]/file/cache: its parent folder cannot be made: File exists (os error 17) [host.io]
      at hostler
      name another folder with `--cache`, or leave compiled code unkept with `--no-cache`
    ");
    assert_eq!(bench.kept(), [""; 0]);
}

#[test]
fn a_cache_that_others_can_write() {
    let bench = Workbench::new();
    fs::create_dir(bench.path("cache")).unwrap();
    fs::set_permissions(bench.path("cache"), Permissions::from_mode(0o777)).unwrap();
    insta::assert_snapshot!(run(&bench, "root", "cache").all(), @r"
    exit code 4
    --- stderr
    error: compiled code cannot be kept in [HERE]/cache: it must belong to the user who runs hostler, and nobody else may write in it: permission denied [host.io]
      at hostler
      name another folder with `--cache`, or leave compiled code unkept with `--no-cache`
    ");
}

#[test]
fn a_root_that_others_can_write() {
    let bench = Workbench::new();
    fs::create_dir(bench.path("root")).unwrap();
    fs::set_permissions(bench.path("root"), Permissions::from_mode(0o1777)).unwrap();
    insta::assert_snapshot!(run(&bench, "root", "cache").all(), @r"
    exit code 4
    --- stderr
    error: [HERE]/root cannot hold a root: others can write in it (take the write permission of group and others away) [host.root_perms]
      at hostler
      name a folder that only you can write in
    ");
    assert_eq!(bench.kept(), [""; 0]);
}

/// HST-17: also a folder further up.
#[test]
fn a_root_below_a_folder_that_others_can_write() {
    let bench = Workbench::new();
    fs::create_dir(bench.path("open")).unwrap();
    fs::set_permissions(bench.path("open"), Permissions::from_mode(0o770)).unwrap();
    insta::assert_snapshot!(run(&bench, "open/root", "cache").all(), @r"
    exit code 4
    --- stderr
    error: [HERE]/open cannot hold a root: others can write in it (take the write permission of group and others away) [host.root_perms]
      at hostler
      name a folder that only you can write in
    ");
}

#[test]
fn a_root_that_is_a_link() {
    let bench = Workbench::new();
    fs::create_dir(bench.path("elsewhere")).unwrap();
    symlink(bench.path("elsewhere"), bench.path("root")).unwrap();
    insta::assert_snapshot!(run(&bench, "root", "cache").all(), @r"
    exit code 4
    --- stderr
    error: [HERE]/root cannot hold a root: it is a link or not a folder [host.root_perms]
      at hostler
      name a folder that only you can write in
    ");
    assert_eq!(fs::read_dir(bench.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn a_root_whose_parent_is_missing() {
    let bench = Workbench::new();
    insta::assert_snapshot!(run(&bench, "a/root", "cache").all(), @"
    exit code 4
    --- stderr
    error: [HERE]/a/root cannot be used: it cannot be made: No such file or directory (os error 2) [host.io]
      at hostler
      name a folder that you may read and write, or whose parent you may write in
    ");
}
