//! What opening makes, and what it does not.

use std::fs;
use std::sync::atomic::Ordering;

use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, HostDescriptor, OpenFlags, PathFlags,
};

use super::{Guest, NEW};
use crate::limits::LimitName;
use crate::sandbox::file_calls::FileCalls;

/// Whoever put it there: the handler itself, or what was there when the command began.
#[test]
fn no_link_that_leads_nowhere_makes_a_file() {
    for file_calls in [FileCalls::OnItsThread, FileCalls::Aside] {
        let mut guest = Guest::calling(file_calls, &[], |root| {
            std::os::unix::fs::symlink("events/new", root.join("log/found")).unwrap();
            std::os::unix::fs::symlink("nowhere", root.join("granted/found")).unwrap();
        });
        guest.symlink(1, "events/new", "made").unwrap();
        guest.symlink(1, "made", "twice").unwrap();
        guest.symlink(0, "new", "here").unwrap();
        let links = [
            (1, "found"),
            (1, "made"),
            (1, "twice"),
            (0, "here"),
            (3, "found"),
            (1, "./made"),
        ];
        for (index, link) in links {
            for how in [NEW, NEW | OpenFlags::TRUNCATE] {
                assert_eq!(guest.open(index, link, how), Err(ErrorCode::NotPermitted), "{link}");
            }
            let only_new = guest.open(index, link, NEW | OpenFlags::EXCLUSIVE);
            assert_eq!(only_new, Err(ErrorCode::Exist), "{link}");
        }
        for index in 0..3 {
            assert_eq!(guest.charged(index), guest.real(index), "{index}");
        }
        assert_eq!(guest.real(2), (0, 0));
        assert_eq!(guest.added(), (0, 0, false));
        // Once something is there, it is what is opened, and charged where it lies.
        guest.open(2, "new", NEW).unwrap();
        let file = guest.open(1, "twice", NEW).unwrap();
        assert_eq!(guest.write(file, 0, 7), Ok(7));
        assert_eq!(guest.charged(2), (7, 1));
    }
}

/// No room for a new file is none of a file's that is there; and only what is refused is told as refused.
#[test]
fn what_is_there_is_opened_where_there_is_no_room() {
    let mut guest = Guest::new(&[(LimitName::DataFiles, 2)], |_| {});
    for name in ["a", "b"] {
        let file = guest.open(0, name, NEW).unwrap();
        guest.close(file);
    }
    let file = guest.open(0, "a", NEW | OpenFlags::TRUNCATE).unwrap();
    assert_eq!(guest.write(file, 0, 3), Ok(3));
    assert_eq!(guest.open(0, "b", NEW | OpenFlags::EXCLUSIVE), Err(ErrorCode::Exist));
    assert_eq!(guest.used(LimitName::DataFiles), (Some(2), false));
    assert_eq!(guest.open(0, "c", NEW), Err(ErrorCode::InsufficientSpace));
    assert_eq!(guest.used(LimitName::DataFiles), (Some(2), true));
    // One that somebody has open still takes its room, until it is closed.
    guest.unlink(0, "a").unwrap();
    assert_eq!(guest.open(0, "c", NEW), Err(ErrorCode::InsufficientSpace));
    guest.close(file);
    guest.open(0, "c", NEW).unwrap();
    assert_eq!(guest.charged(0), (0, 2));
}

/// Files are opened and made as wasmtime-wasi does it, whoever does it here: with the same access, or the same refusal.
#[test]
fn opening_is_as_without_limits() {
    type Opened = Result<(bool, DescriptorFlags), ErrorCode>;
    const PATHS: [&str; 15] = [
        "new", "./new", "new/", "new/.", "d/new", "d/../new", "no/new", "f/new", "f", "f/", "d", "d/.", "to-f", "to-d",
        "../new",
    ];
    let long = "x".repeat(256);
    let (read, write) = (DescriptorFlags::READ, DescriptorFlags::WRITE);
    let none = DescriptorFlags::empty();
    let access = [
        none,
        read,
        write,
        read | write,
        write | DescriptorFlags::DATA_INTEGRITY_SYNC,
    ];
    let extra = [
        OpenFlags::empty(),
        OpenFlags::TRUNCATE,
        OpenFlags::EXCLUSIVE,
        OpenFlags::DIRECTORY,
    ];
    // Makes what is there anew each time, so that no opening finds what the one before it left.
    let each = |file_calls, is_metered: bool| -> Vec<(String, Opened)> {
        let mut guest = Guest::calling(file_calls, &[], |root| fs::create_dir(root.join("data/d")).unwrap());
        let data = guest.root.path().join("data");
        std::os::unix::fs::symlink("f", data.join("to-f")).unwrap();
        std::os::unix::fs::symlink("d", data.join("to-d")).unwrap();
        let mut all = Vec::new();
        for path in PATHS.into_iter().chain(["", "/new", "new\0", long.as_str()]) {
            for flags in access {
                for extra in extra {
                    for follow in [PathFlags::SYMLINK_FOLLOW, PathFlags::empty()] {
                        fs::write(data.join("f"), "there").unwrap();
                        let folder = guest.folder(0);
                        let (path, how) = (path.to_owned(), NEW | extra);
                        let case = format!("{path:?} {flags:?} {how:?} {follow:?}");
                        let opened = guest.call(async |files| {
                            let opened = if is_metered {
                                files.open_at(folder, follow, path, how, flags).await?
                            } else {
                                files.view.open_at(folder, follow, path, how, flags).await?
                            };
                            let file = Resource::new_borrow(opened.rep());
                            let flags = files.view.get_flags(file).await?;
                            let is_file = matches!(files.view.table.get(&opened)?, Descriptor::File(_));
                            files.view.table.delete(opened)?;
                            Ok((is_file, flags))
                        });
                        let length = fs::metadata(data.join("f")).unwrap().len();
                        // Which of two reasons is told does not matter.
                        let opened = opened.map_err(|code| match code {
                            _ if flags.contains(DescriptorFlags::DATA_INTEGRITY_SYNC) => ErrorCode::Unsupported,
                            ErrorCode::NotDirectory => ErrorCode::IsDirectory,
                            code => code,
                        });
                        all.push((format!("{case}, {length} bytes"), opened));
                        for made in ["new", "d/new"] {
                            let _ = fs::remove_file(data.join(made));
                        }
                    }
                }
            }
        }
        all
    };
    let expected = each(FileCalls::OnItsThread, false);
    assert!(expected.iter().any(|(_, opened)| opened.is_ok()) && expected.iter().any(|(_, opened)| opened.is_err()));
    for file_calls in [FileCalls::OnItsThread, FileCalls::Aside] {
        for (ours, theirs) in each(file_calls, true).iter().zip(&expected) {
            assert_eq!(ours, theirs, "{file_calls:?}");
        }
    }
}

/// What ends by itself is done where it is asked for, and what may wait for ever is not.
#[test]
fn only_what_may_wait_is_done_aside() {
    let mut guest = Guest::calling(FileCalls::Aside, &[], |_| {});
    let data = guest.root.path().join("data");
    if !super::OwnThread::of(FileCalls::Aside, &[fs::File::open(&data).unwrap().into()])
        .unwrap()
        .takes_opened(fs::File::open(&data).unwrap())
        .unwrap()
    {
        // Temporary files lie on a file system of another kind here: then all is done aside.
        return;
    }
    for _ in 0..2 {
        let file = guest.open(0, "a", NEW | OpenFlags::TRUNCATE).unwrap();
        assert_eq!(guest.write(file, 0, 7), Ok(7));
        guest.close(file);
        guest.rename((0, "a"), (0, "b")).unwrap();
        guest.open(0, "b", OpenFlags::empty()).unwrap();
        assert_eq!(guest.open(0, "a", OpenFlags::empty()), Err(ErrorCode::NoEntry));
    }
    guest.unlink(0, "b").unwrap();
    assert_eq!(guest.threads.load(Ordering::SeqCst), 0);
    // Both ends of it are held here, so that it can be opened without waiting.
    let pipe = data.join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    let _ends = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    guest.open(0, "pipe", OpenFlags::empty()).unwrap();
    assert_eq!(guest.threads.load(Ordering::SeqCst), 1);
}

/// Whatever lies where a link leads out of the folder, a component is told the same.
#[test]
fn nothing_is_told_of_what_is_outside() {
    for file_calls in [FileCalls::OnItsThread, FileCalls::Aside] {
        let mut guest = Guest::calling(file_calls, &[], |root| {
            fs::write(root.join("file"), "").unwrap();
            fs::create_dir(root.join("folder")).unwrap();
            for there in ["file", "folder", "nothing"] {
                std::os::unix::fs::symlink(format!("../{there}"), root.join("data").join(there)).unwrap();
            }
        });
        for path in ["file", "file/x", "folder", "folder/x", "nothing", "nothing/x"] {
            let opened = guest.open(0, path, OpenFlags::empty());
            assert_eq!(opened, Err(ErrorCode::NotPermitted), "{path} {file_calls:?}");
        }
    }
}
