//! One rule a test.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime_wasi::p2::bindings::filesystem::types::{ErrorCode, OpenFlags};

use super::super::budget::Change;
use super::{Disk, Guest, NEW};
use crate::limits::{LimitName, Limits, Quota};
use crate::sandbox::{Access, OpenFolder, Preopen};

#[test]
fn a_file_written_again_and_again_in_place_costs_nothing() {
    let mut guest = Guest::new(&[(LimitName::DataBytes, 100)], |_| {});
    for _ in 0..50 {
        let file = guest.open(0, "heartbeat", NEW | OpenFlags::TRUNCATE).unwrap();
        assert_eq!(guest.write(file, 0, 60), Ok(60));
        assert!(guest.stream(file, Some(0), 60));
        guest.close(file);
    }
    assert_eq!(guest.charged(0), (60, 1));
    assert_eq!(guest.used(LimitName::DataBytes), (Some(60), false));
}

#[test]
fn what_lies_there_is_counted_and_what_is_too_much_may_only_shrink() {
    let mut guest = Guest::new(&[(LimitName::DataBytes, 100), (LimitName::DataFiles, 3)], |root| {
        fs::create_dir(root.join("data/sub")).unwrap();
        for name in ["a", "sub/b", "sub/c"] {
            fs::write(root.join("data").join(name), [0; 50]).unwrap();
        }
    });
    assert_eq!(guest.charged(0), (150, 4));
    let file = guest.open(0, "a", OpenFlags::empty()).unwrap();
    assert_eq!(guest.write(file, 0, 50), Ok(50), "in place");
    assert_eq!(guest.write(file, 0, 51), Err(ErrorCode::InsufficientSpace));
    assert_eq!(guest.open(0, "d", NEW), Err(ErrorCode::InsufficientSpace));
    guest.unlink(0, "sub/b").unwrap();
    guest.unlink(0, "sub/c").unwrap();
    guest.open(0, "d", NEW).unwrap();
    assert_eq!(guest.write(file, 50, 50), Ok(50));
    assert_eq!(guest.charged(0), guest.real(0));
    assert_eq!(guest.used(LimitName::DataFiles), (Some(4), true));
}

#[test]
fn what_the_host_logs_is_not_the_handlers() {
    let prepare = |root: &Path| fs::write(root.join("log/CommandExecution.log"), [b'x'; 1_000]).unwrap();
    let mut guest = Guest::new(&[(LimitName::LogBytes, 100), (LimitName::LogFiles, 1)], prepare);
    assert_eq!(guest.used(LimitName::LogBytes), (Some(0), false));
    let own = guest.open(1, "own", NEW).unwrap();
    assert_eq!(guest.write(own, 0, 100), Ok(100));
    assert_eq!(guest.write(own, 100, 1), Err(ErrorCode::InsufficientSpace));
    let hosts = guest.open(1, "CommandExecution.log", NEW).unwrap();
    assert!(
        !guest.stream(hosts, None, 1),
        "its growth by the handler is the handler's"
    );
    assert_eq!(guest.used(LimitName::LogBytes), (Some(100), true));
    assert_eq!(guest.used(LimitName::LogFiles), (Some(1), false));
}

#[test]
fn a_folder_within_another_has_limits_of_its_own() {
    let mut guest = Guest::new(&[(LimitName::EventsBytes, 10)], |root| {
        fs::write(root.join("log/events/old"), [0; 5]).unwrap();
    });
    assert_eq!((guest.charged(1), guest.charged(2)), ((0, 0), (5, 1)));
    let file = guest.open(1, "events/new", NEW).unwrap();
    assert_eq!(guest.write(file, 0, 6), Err(ErrorCode::InsufficientSpace));
    guest.symlink(1, "events", "way").unwrap();
    let file = guest.open(1, "way/newer", NEW).unwrap();
    assert_eq!(guest.write(file, 0, 6), Err(ErrorCode::InsufficientSpace));
    assert_eq!(guest.charged(2), (5, 3));
    assert_eq!(guest.charged(1), (6, 1));
}

/// FSX-09: what is moved is charged where it goes; what cannot be followed is refused.
#[test]
fn what_is_moved_between_folders_is_charged_where_it_goes() {
    let mut guest = Guest::new(&[(LimitName::LogBytes, 100)], |_| {});
    let file = guest.open(0, "f", NEW).unwrap();
    guest.write(file, 0, 80).unwrap();
    guest.rename((0, "f"), (1, "f")).unwrap();
    assert_eq!((guest.charged(0), guest.charged(1)), ((0, 0), (80, 1)));
    assert_eq!(
        guest.write(file, 0, 101),
        Err(ErrorCode::InsufficientSpace),
        "by a handle from before"
    );
    let second = guest.open(0, "g", NEW).unwrap();
    guest.write(second, 0, 90).unwrap();
    assert_eq!(guest.rename((0, "g"), (1, "g")), Err(ErrorCode::InsufficientSpace));
    assert_eq!(guest.link((0, "g"), (1, "g")), Err(ErrorCode::CrossDevice));
    guest.close(file);
    guest.rename((0, "g"), (1, "f")).unwrap();
    assert_eq!((guest.charged(0), guest.charged(1)), ((0, 0), (90, 1)));
    guest.mkdir(0, "d").unwrap();
    assert_eq!(guest.rename((0, "d"), (1, "d")), Err(ErrorCode::CrossDevice));
    let third = guest.open(0, "h", NEW).unwrap();
    guest.write(third, 0, 1).unwrap();
    guest.link((0, "h"), (0, "i")).unwrap();
    assert_eq!(guest.charged(0), (1, 3));
    assert_eq!(guest.rename((0, "h"), (1, "h")), Err(ErrorCode::CrossDevice));
}

#[test]
fn an_unlinked_file_is_charged_until_it_is_closed() {
    let mut guest = Guest::new(&[(LimitName::DataBytes, 100)], |_| {});
    let file = guest.open(0, "f", NEW).unwrap();
    guest.write(file, 0, 80).unwrap();
    guest.unlink(0, "f").unwrap();
    let other = guest.open(0, "g", NEW).unwrap();
    assert_eq!(guest.write(other, 0, 30), Err(ErrorCode::InsufficientSpace));
    assert_eq!(guest.write(file, 80, 30), Err(ErrorCode::InsufficientSpace));
    guest.close(file);
    assert_eq!(guest.write(other, 0, 30), Ok(30));
    assert_eq!(guest.charged(0), (30, 1));
}

/// FSX-13: what would be far too large is refused before the system hears of it.
#[test]
fn a_file_has_a_largest_size() {
    let mut guest = Guest::new(&[], |_| {});
    let file = guest.open(0, "f", NEW).unwrap();
    for size in [(16 << 20) + 1, 1 << 62, u64::MAX] {
        assert_eq!(guest.set_size(file, size), Err(ErrorCode::FileTooLarge));
        assert_eq!(guest.write(file, size - 1, 1), Err(ErrorCode::FileTooLarge));
    }
    assert_eq!(guest.write(file, u64::MAX, 1), Err(ErrorCode::FileTooLarge));
    guest.set_size(file, 16 << 20).unwrap();
    assert_eq!(
        guest.charged(0),
        (16 << 20, 1),
        "a sparse file counts as long as it says it is"
    );
    assert_eq!(guest.used(LimitName::File), (Some(16 << 20), true));
}

/// FSX-15: by making, and by moving what was made elsewhere; a link on the way changes nothing.
#[test]
fn folders_are_only_so_deep() {
    let mut guest = Guest::new(&[(LimitName::DataDepth, 3)], |_| {});
    guest.mkdir(0, "1").unwrap();
    guest.mkdir(0, "1/2").unwrap();
    guest.symlink(0, "1/2", "way").unwrap();
    guest.mkdir(0, "way/3").unwrap();
    assert_eq!(guest.mkdir(0, "way/3/4"), Err(ErrorCode::Quota));
    assert_eq!(guest.mkdir(0, "1/../way/./3/4"), Err(ErrorCode::Quota));
    guest.mkdir(0, "a").unwrap();
    guest.mkdir(0, "a/b").unwrap();
    assert_eq!(guest.rename((0, "a"), (0, "1/2/a")), Err(ErrorCode::Quota));
    guest.rename((0, "a"), (0, "1/a")).unwrap();
    assert_eq!(guest.mkdir(0, "1/a/b/c"), Err(ErrorCode::Quota));
    guest.rename((0, "1/a"), (0, "a")).unwrap();
    guest.mkdir(0, "a/b/c").unwrap();
    assert_eq!(guest.used(LimitName::DataDepth), (Some(3), true));
    assert_eq!(guest.charged(0), guest.real(0));
}

/// Where somebody else follows links in its folders, no link is made there, and none is moved or named once more.
#[test]
fn who_may_make_no_link_moves_none_either() {
    let mut guest = Guest::without_links(|root| std::os::unix::fs::symlink("/", root.join("data/old")).unwrap());
    assert_eq!(guest.symlink(0, "f", "way"), Err(ErrorCode::NotPermitted));
    assert_eq!(guest.rename((0, "old"), (1, "new")), Err(ErrorCode::NotPermitted));
    assert_eq!(guest.rename((0, "old"), (0, "new")), Err(ErrorCode::NotPermitted));
    assert_eq!(guest.link((0, "old"), (0, "new")), Err(ErrorCode::NotPermitted));
    let file = guest.open(0, "f", NEW).unwrap();
    assert_eq!(guest.write(file, 0, 5), Ok(5));
    guest.rename((0, "f"), (1, "g")).unwrap();
    guest.link((1, "g"), (1, "h")).unwrap();
}

/// A file could be made by way of a link in a folder that was not asked for room.
#[test]
fn nothing_is_made_where_a_link_leads() {
    let mut guest = Guest::new(&[(LimitName::EventsFiles, 0)], |_| {});
    guest.symlink(1, "events/new", "way").unwrap();
    assert_eq!(guest.open(1, "way", NEW), Err(ErrorCode::NotPermitted));
    assert_eq!(guest.charged(2), guest.real(2));
}

/// What lay there is the operator's: it counts nothing, and taking it away makes no room.
#[test]
fn in_a_granted_folder_what_is_added_is_counted() {
    let mut guest = Guest::new(&[], |root| {
        for number in 0..9 {
            fs::write(root.join(format!("granted/{number}")), [0; 1_000]).unwrap();
        }
    });
    assert_eq!(guest.added(), (0, 0, false));
    for number in 0..8 {
        guest.unlink(3, &number.to_string()).unwrap();
    }
    assert_eq!(guest.added(), (0, 0, false));
    let own = guest.open(3, "own", NEW).unwrap();
    assert_eq!(guest.write(own, 0, 500), Ok(500));
    assert_eq!(guest.write(own, 500, 1), Err(ErrorCode::InsufficientSpace));
    let theirs = guest.open(3, "8", OpenFlags::TRUNCATE).unwrap();
    assert_eq!(guest.write(theirs, 0, 1_000), Ok(1_000), "as it was");
    assert_eq!(guest.write(theirs, 1_000, 1), Err(ErrorCode::InsufficientSpace));
    assert_eq!(guest.added(), (500, 1, true));
    for number in 0..4 {
        guest.open(3, &format!("more-{number}"), NEW).unwrap();
    }
    assert_eq!(guest.open(3, "one-more", NEW), Err(ErrorCode::InsufficientSpace));
}

/// Nothing gets round a quota by way of another folder.
#[test]
fn what_leaves_a_granted_folder_is_the_handlers_own() {
    let mut guest = Guest::new(&[(LimitName::DataBytes, 600)], |root| {
        fs::write(root.join("granted/theirs"), [0; 550]).unwrap();
        fs::write(root.join("granted/more"), [0; 100]).unwrap();
    });
    assert_eq!(guest.link((3, "theirs"), (0, "linked")), Err(ErrorCode::CrossDevice));
    guest.rename((3, "theirs"), (0, "taken")).unwrap();
    assert_eq!(guest.charged(0), (550, 1));
    assert_eq!(
        guest.rename((3, "more"), (0, "more")),
        Err(ErrorCode::InsufficientSpace)
    );
    assert_eq!(
        guest.rename((0, "taken"), (3, "theirs")),
        Err(ErrorCode::InsufficientSpace)
    );
    assert_eq!(guest.mkdir(3, "a"), Ok(()));
    assert_eq!(guest.mkdir(3, "a/b"), Ok(()));
    assert_eq!(guest.mkdir(3, "a/b/c"), Err(ErrorCode::Quota));
}

/// The second look counts while the handler works: what goes away meanwhile is not there, and no fault.
#[test]
fn what_goes_while_it_is_counted_is_not_there() {
    const COUNTS: usize = 2000;
    let root = tempfile::tempdir().unwrap();
    let preopens = [Preopen {
        name: "data".to_owned(),
        access: Access::ReadWrite(Quota::Data),
        granted: false,
    }];
    let folder = OpenFolder::from(File::open(root.path()).unwrap());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                fs::create_dir_all(root.path().join("a/b/c")).unwrap();
                fs::remove_dir_all(root.path().join("a")).unwrap();
                fs::write(root.path().join("a"), "").unwrap();
                fs::remove_file(root.path().join("a")).unwrap();
            }
        });
        let uncounted = (0..COUNTS).filter(|_| {
            let disk = Disk::of(&preopens, &[&folder], &Limits::default()).unwrap();
            let mut ledger = disk.ledger();
            !ledger.budget(Quota::Data).has_room(Change::more(1), Change::default())
        });
        let uncounted = uncounted.count();
        done.store(true, Ordering::Relaxed);
        assert_eq!(uncounted, 0);
    });
}
