//! Every operation of WASI that takes a path, as something that works or does not.

use crate::wasi::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, NewTimestamp, OpenFlags, PathFlags};

/// An operation on a path in a folder.
pub(crate) type Operation = fn(&Descriptor, &str) -> Result<(), ErrorCode>;

/// What only looks.
pub(crate) const LOOKING: &[(&str, Operation)] = &[
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
pub(crate) const LOOKING_AT_LINKS: &[(&str, Operation)] = &[
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
pub(crate) const CHANGING: &[(&str, Operation)] = &[
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
pub(crate) const CHANGING_ENTRIES: &[(&str, Operation)] = &[
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

/// Makes an empty file.
pub(crate) fn make(folder: &Descriptor, name: &str) -> Result<(), ErrorCode> {
    open(folder, name, FOLLOW, OpenFlags::CREATE, DescriptorFlags::WRITE)
}

/// The operations that do not even work inside a folder that can be written: a failure of theirs elsewhere says nothing.
pub(crate) fn never_working(inside: &Descriptor) -> Vec<&'static str> {
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
