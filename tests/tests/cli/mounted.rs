//! Granted folders by way of mounts: the host's own folders under another path, and file systems that show the machine.
//! Needs `unshare` and the right to mount.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use hostler_tests::{ZipEntry, ZipForge, hostler, not_run};
use serde_json::json;

use crate::made::{COMPONENT, done, manifest, manifest_entry};
use crate::workbench::{Workbench, shared_cache};

/// Whether `mount` (a script in which `$1` is the bench's folder) and a run afterwards give what code and exit code.
fn run_after(mount: &str, granted: &str) -> Option<(i32, String)> {
    let bench = Workbench::new();
    // As the system has it: a link on the way to temporary folders is no matter of this test.
    let here = fs::canonicalize(bench.path("")).unwrap();
    for folder in ["above", "granted/inside"] {
        fs::create_dir_all(here.join(folder)).unwrap();
    }
    let root = here.join("above/root");
    let plain = bench.package(&ZipForge::of([
        manifest_entry(manifest().to_string()),
        ZipEntry::stored(COMPONENT, done()),
    ]));
    let root_text = root.to_str().unwrap();
    let cache = shared_cache();
    let cache = cache.to_str().unwrap();
    let first = bench.hostler(&["run", plain.to_str().unwrap(), "--keep", root_text, "--cache", cache]);
    assert_eq!(first.exit, 0, "{}", first.all());
    let path = here.join(granted);
    let mut asking = manifest();
    asking[0]["sandbox"] = json!({"capabilities": {"directories": [{"path": path, "access": "read"}]}});
    let package = bench.package(&ZipForge::of([
        manifest_entry(asking.to_string()),
        ZipEntry::stored(COMPONENT, done()),
    ]));
    let policy = bench.write(
        "policy.toml",
        format!(
            "[[rule]]\ndirectories = [{{ path = \"{}\", access = \"read\" }}]\n",
            path.display()
        ),
    );
    fs::set_permissions(&policy, fs::Permissions::from_mode(0o600)).unwrap();
    let script = format!(
        "set -e; {mount} || exit 99; exec \"$0\" run \"$2\" --handler Other.Made-1.0 --keep \"$3\" --policy \"$4\" --cache \"$5\""
    );
    let ran = Command::new("unshare")
        .args(["-m", "/bin/sh", "-c", &script])
        .arg(hostler())
        .args([
            here.to_str().unwrap(),
            package.to_str().unwrap(),
            root_text,
            policy.to_str().unwrap(),
            cache,
        ])
        .env("HOME", &here)
        .stdin(Stdio::null())
        .output();
    let ran = ran
        .ok()
        .filter(|ran| ![Some(1), Some(99), Some(127)].contains(&ran.status.code()));
    let Some(ran) = ran else {
        not_run("unshare that may mount");
        return None;
    };
    let code = ran.status.code().unwrap_or(-1);
    Some((code, String::from_utf8_lossy(&ran.stderr).into_owned()))
}

/// FSX-06: what is refused under its own path is refused under every other.
#[test]
fn a_mount_brings_no_folder_of_the_host_in() {
    for (mount, granted) in [
        ("mount --bind \"$1/above/root\" \"$1/granted\"", "granted"),
        ("mount --bind \"$1/above/root/handlers\" \"$1/granted\"", "granted"),
        ("mount --bind \"$1/above/root/state\" \"$1/granted/inside\"", "granted"),
        ("mount --bind \"$1/above\" \"$1/granted\"", "granted"),
        ("mount --bind \"$1/above\" \"$1/granted\"", "granted/root"),
        ("mount --bind \"$1\" \"$1/granted\"", "granted/above/root/data"),
    ] {
        let Some((exit, stderr)) = run_after(mount, granted) else {
            return;
        };
        assert_eq!(exit, 3, "{mount}: {stderr}");
        assert!(
            stderr.contains("[grant.directory]") && stderr.contains("hostler's own"),
            "{mount}: {stderr}"
        );
    }
}

#[test]
fn a_mount_brings_nothing_of_the_machine_in() {
    for (mount, granted) in [
        ("mount --bind /proc \"$1/granted\"", "granted"),
        ("mount --bind /sys \"$1/granted/inside\"", "granted"),
        ("mount -t proc proc \"$1/granted/inside\"", "granted/inside"),
    ] {
        let Some((exit, stderr)) = run_after(mount, granted) else {
            return;
        };
        assert_eq!(exit, 3, "{mount}: {stderr}");
        assert!(
            stderr.contains("[grant.directory]") && stderr.contains("the machine itself"),
            "{mount}: {stderr}"
        );
    }
}

/// A mount of something else is what the operator granted.
#[test]
fn another_file_system_may_be_granted() {
    for (mount, granted) in [
        (":", "granted"),
        ("mount -t tmpfs tmpfs \"$1/granted\"", "granted"),
        ("mount -t tmpfs tmpfs \"$1/granted/inside\"", "granted"),
    ] {
        let Some((exit, stderr)) = run_after(mount, granted) else {
            return;
        };
        assert_eq!(exit, 0, "{mount}: {stderr}");
    }
}
