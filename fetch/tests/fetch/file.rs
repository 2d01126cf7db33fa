//! Files, and what is none.

use std::{
    fs,
    os::unix::{ffi::OsStrExt as _, fs::symlink, net::UnixListener},
    path::Path,
    time::Duration,
};

use hostler_fetch::{Expected, FetchError, FetchLimits, Fetched, Fetcher, Location};
use insta::assert_snapshot;

use crate::LIMITS;

fn fetch(path: &Path, limits: FetchLimits) -> Result<Fetched, FetchError> {
    Fetcher::new().fetch(&Location::of_path(path).unwrap(), limits)
}

/// Code and text of an error, with the folder taken out.
fn refused(path: &Path) -> String {
    let error = fetch(path, LIMITS).unwrap_err();
    assert!(!error.may_pass());
    let folder = path
        .parent()
        .unwrap()
        .to_str()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    format!("[{}] {}", error.code(), error).replace(&folder, "DIR")
}

#[test]
fn a_file_comes_whole_and_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let large: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    for (name, content) in [("empty", &[][..]), ("a b\n#?%41", b"abc"), ("large", &large)] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let limits = FetchLimits {
            max_bytes: content.len() as u64,
            ..LIMITS
        };
        let fetched = fetch(&path, limits).unwrap();
        assert_eq!(fetched.bytes, content);
        assert_eq!(fetched.location, Location::of_path(&path).unwrap());
        // The same by its URL.
        let by_url = Location::parse(&fetched.location.exact(), None).unwrap();
        assert_eq!(Fetcher::new().fetch(&by_url, limits).unwrap(), fetched);
    }
}

#[test]
fn a_name_need_not_be_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"));
    fs::write(&path, "abc").unwrap();
    let location = Location::of_path(&path).unwrap();
    assert_eq!(Location::parse(&location.exact(), None).unwrap(), location);
    assert_eq!(fetch(&path, LIMITS).unwrap().bytes, b"abc");
}

#[test]
fn a_folder_on_the_way_may_be_a_link() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("real")).unwrap();
    fs::write(folder.path().join("real/a"), "abc").unwrap();
    symlink("real", folder.path().join("link")).unwrap();
    assert_eq!(fetch(&folder.path().join("link/a"), LIMITS).unwrap().bytes, b"abc");
}

/// PKG-35: nothing but a regular file, and nothing is waited for.
#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "abc").unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink("file", at("link")).unwrap();
    symlink("loop", at("loop")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RWXU).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();
    assert_snapshot!(refused(&at("folder")), @"[download.unreachable] DIR/folder: it is a folder, not a regular file");
    assert_snapshot!(refused(&at("link")), @"[download.unreachable] DIR/link: it is a symbolic link, not a regular file");
    assert_snapshot!(refused(&at("loop")), @"[download.unreachable] DIR/loop: it is a symbolic link, not a regular file");
    assert_snapshot!(refused(&at("pipe")), @"[download.unreachable] DIR/pipe: it is a pipe, not a regular file");
    assert_snapshot!(refused(&at("socket")), @"[download.unreachable] DIR/socket: it is a device or socket, not a regular file");
    assert_snapshot!(refused(&at("nothing")), @"[download.unreachable] DIR/nothing: the file cannot be read: No such file or directory (os error 2)");
    assert_snapshot!(refused(&at("file/below")), @"[download.unreachable] DIR/below: the file cannot be read: Not a directory (os error 20)");
    assert_snapshot!(refused(Path::new("/dev/zero")), @"[download.unreachable] DIR/zero: it is a device or socket, not a regular file");
    assert_snapshot!(refused(Path::new("/dev/null")), @"[download.unreachable] DIR/null: it is a device or socket, not a regular file");
}

#[test]
fn a_file_is_held_to_the_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let file = fs::File::create(&path).unwrap();
    // Far more than memory: it must be refused without reading.
    file.set_len(1 << 40).unwrap();
    assert_snapshot!(refused(&path), @"[download.size] DIR/a: it has 1099511627776 bytes or more, and at most 1000 are read");

    fs::write(&path, "abc").unwrap();
    let none = FetchLimits {
        budget: Duration::ZERO,
        ..LIMITS
    };
    assert_eq!(fetch(&path, none).unwrap_err().code().name(), "download.timeout");
}

#[test]
fn a_file_that_tells_no_size_is_bounded_while_it_is_read() {
    // A regular file of size 0 that is not empty.
    let path = Path::new("/proc/self/mountinfo");
    let max = FetchLimits { max_bytes: 1, ..LIMITS };
    assert_eq!(fetch(path, max).unwrap_err().code().name(), "download.size");
}

#[test]
fn a_file_is_held_to_what_was_declared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "abc").unwrap();
    let location = Location::of_path(&path).unwrap();
    for (size, expected) in [(2, Err("download.size")), (3, Ok(3)), (4, Err("download.size"))] {
        let declared = Expected {
            size: Some(size),
            sha256: None,
        };
        let outcome = Fetcher::new().fetch_any(std::slice::from_ref(&location), LIMITS, &declared, |_, fetched| {
            Ok(fetched.bytes.len())
        });
        assert_eq!(outcome.map_err(|error| error.code().name()), expected);
    }
}
