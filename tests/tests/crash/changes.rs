//! Which system calls change what lies below a folder, and what each of them changes.

use std::path::{Path, PathBuf};

use nix::libc;

use crate::tracer::{Call, Thread};

/// What a call changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The call's name.
    pub(crate) call: &'static str,
    pub(crate) kind: Kind,
    /// What it is made on, from the folder on.
    pub(crate) path: String,
    /// Where that goes, from the folder on: of what is renamed or linked.
    pub(crate) to: Option<String>,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Makes a file, or opens it where it is there.
    MakeFile,
    MakeFolder,
    /// Changes the content of a file.
    Write,
    /// Changes mode, owner or times.
    Mode,
    /// Brings a file or folder to the disk.
    Sync,
    Rename,
    Link,
    /// Takes a file or folder away.
    Remove,
}

/// How a call says what it is made on.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A descriptor.
    Open,
    /// A path.
    Path,
    /// A descriptor of a folder, and a path.
    At,
    /// Two of these, for here and there.
    Paths,
    AtAt,
    /// A path is what is made, at the second argument, and what it leads to comes first.
    LinkPath,
    LinkAt,
}

const CALLS: [(i64, &str, Kind, Form); 35] = [
    (libc::SYS_open, "open", Kind::MakeFile, Form::Path),
    (libc::SYS_creat, "creat", Kind::MakeFile, Form::Path),
    (libc::SYS_openat, "openat", Kind::MakeFile, Form::At),
    (libc::SYS_openat2, "openat2", Kind::MakeFile, Form::At),
    (libc::SYS_mknodat, "mknodat", Kind::MakeFile, Form::At),
    (libc::SYS_mkdir, "mkdir", Kind::MakeFolder, Form::Path),
    (libc::SYS_mkdirat, "mkdirat", Kind::MakeFolder, Form::At),
    (libc::SYS_write, "write", Kind::Write, Form::Open),
    (libc::SYS_writev, "writev", Kind::Write, Form::Open),
    (libc::SYS_pwrite64, "pwrite64", Kind::Write, Form::Open),
    (libc::SYS_pwritev, "pwritev", Kind::Write, Form::Open),
    (libc::SYS_pwritev2, "pwritev2", Kind::Write, Form::Open),
    (libc::SYS_ftruncate, "ftruncate", Kind::Write, Form::Open),
    (libc::SYS_truncate, "truncate", Kind::Write, Form::Path),
    (libc::SYS_fallocate, "fallocate", Kind::Write, Form::Open),
    (libc::SYS_sendfile, "sendfile", Kind::Write, Form::Open),
    (libc::SYS_fchmod, "fchmod", Kind::Mode, Form::Open),
    (libc::SYS_fchmodat, "fchmodat", Kind::Mode, Form::At),
    (libc::SYS_chmod, "chmod", Kind::Mode, Form::Path),
    (libc::SYS_fchown, "fchown", Kind::Mode, Form::Open),
    (libc::SYS_fchownat, "fchownat", Kind::Mode, Form::At),
    (libc::SYS_utimensat, "utimensat", Kind::Mode, Form::At),
    (libc::SYS_fsync, "fsync", Kind::Sync, Form::Open),
    (libc::SYS_fdatasync, "fdatasync", Kind::Sync, Form::Open),
    (libc::SYS_rename, "rename", Kind::Rename, Form::Paths),
    (libc::SYS_renameat, "renameat", Kind::Rename, Form::AtAt),
    (libc::SYS_renameat2, "renameat2", Kind::Rename, Form::AtAt),
    (libc::SYS_link, "link", Kind::Link, Form::Paths),
    (libc::SYS_linkat, "linkat", Kind::Link, Form::AtAt),
    (libc::SYS_symlink, "symlink", Kind::Link, Form::LinkPath),
    (libc::SYS_symlinkat, "symlinkat", Kind::Link, Form::LinkAt),
    (libc::SYS_unlink, "unlink", Kind::Remove, Form::Path),
    (libc::SYS_rmdir, "rmdir", Kind::Remove, Form::Path),
    (libc::SYS_unlinkat, "unlinkat", Kind::Remove, Form::At),
    (libc::SYS_copy_file_range, "copy_file_range", Kind::Write, Form::Open),
];

/// What `thread` is about to change below `folder` by `call`; nothing where it changes nothing there.
pub(crate) fn change(folder: &Path, thread: &Thread, call: &Call) -> Option<Change> {
    let (_, name, kind, form) = *CALLS.iter().find(|(number, ..)| *number == call.number)?;
    let [a, b, c, d, ..] = call.arguments;
    let here = libc::AT_FDCWD.cast_unsigned().into();
    let flags = match call.number {
        libc::SYS_open => b,
        libc::SYS_openat => c,
        // By reference: the first of what it is told.
        libc::SYS_openat2 => thread.word(c),
        _ => libc::O_CREAT.cast_unsigned().into(),
    };
    if flags & u64::from((libc::O_CREAT | libc::O_TRUNC).cast_unsigned()) == 0 {
        return None;
    }
    let (path, to) = match form {
        // What it is made on for these comes third.
        Form::Open if call.number == libc::SYS_copy_file_range => (thread.opened(c)?, None),
        Form::Open => (thread.opened(a)?, None),
        Form::Path => (thread.path(here, a)?, None),
        // The descriptor's own.
        Form::At if b == 0 => (thread.opened(a)?, None),
        Form::At => (thread.path(a, b)?, None),
        Form::Paths => (thread.path(here, a)?, Some(thread.path(here, b)?)),
        Form::AtAt => (thread.path(a, b)?, Some(thread.path(c, d)?)),
        Form::LinkPath => (thread.path(here, b)?, None),
        Form::LinkAt => (thread.path(b, c)?, None),
    };
    let below = |path: PathBuf| Some(path.strip_prefix(folder).ok()?.to_str()?.to_owned());
    let to = to.and_then(below);
    let path = below(path).or_else(|| to.as_ref().map(|_| "(elsewhere)".to_owned()))?;
    Some(Change {
        call: name,
        kind,
        path,
        to,
    })
}
