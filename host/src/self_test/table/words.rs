//! P4, P5, P7, P9, P10: what hostler believes, takes, says and shows.

use crate::limits::LimitName::Deadline;
use crate::self_test::Promise::{AllOrNothing, ClearRefusals, NoForeignCode, Output, Status};
use crate::self_test::checks;
use crate::self_test::probe::{Forgery, Probe, Try};

pub(super) fn status() -> Vec<Probe> {
    let verb = |name, verb, tries, check| Probe::verb(Status, name, verb, tries, check);
    vec![
        verb(
            "success-then-loop",
            "success-then-loop",
            "writes a success, then computes for ever",
            checks::failure_is_an_error,
        )
        .within(&[(Deadline, 300)]),
        verb(
            "success-then-panic",
            "success-then-panic",
            "writes a success, then panics",
            checks::failure_is_an_error,
        ),
        verb(
            "success-then-exit",
            "success-then-exit",
            "writes a success, then ends with exit code 3",
            checks::failure_is_an_error,
        ),
        verb("trap", "unreachable", "traps", checks::failure_is_an_error),
        verb("exit", "exit", "ends with exit code 7", checks::failure_is_an_error),
        verb(
            "no-status",
            "status-none",
            "ends well without a status",
            checks::missing_status_is_an_error,
        ),
        verb(
            "huge-status",
            "status-large",
            "writes a valid status of 2 MB",
            checks::large_status_is_not_read,
        )
        .with(r#"{"bytes": 2000000}"#),
        verb(
            "linked-status",
            "symlink-status",
            "makes its status a link to its settings",
            checks::link_is_not_followed,
        )
        .with(r#"{"target": "../config/0.settings"}"#),
    ]
}

pub(super) fn packages() -> Vec<Probe> {
    let package = |name, forgery, tries| Probe::package(AllOrNothing, name, forgery, tries, checks::leaves_nothing);
    vec![
        package("changed-package", Forgery::Changed, "a package with one bit changed"),
        package("cut-package", Forgery::CutShort, "half of a package"),
        package(
            "entry-outside",
            Forgery::EntryOutside,
            "a package with an entry `../evil`",
        ),
        package(
            "name-twice",
            Forgery::NameTwice,
            "a package in which two entries have one name",
        ),
        package("link-in-package", Forgery::Link, "a package with a symbolic link"),
    ]
}

pub(super) fn code() -> Vec<Probe> {
    let package =
        |name, forgery, tries| Probe::package(NoForeignCode, name, forgery, tries, checks::is_refused_as_code);
    vec![
        package(
            "native-code",
            Forgery::NativeCode,
            "a package with native code as its component",
        ),
        package(
            "core-module",
            Forgery::CoreModule,
            "a package with a core module as its component",
        ),
        Probe {
            name: "kept-code",
            promise: NoForeignCode,
            tries: "changes one bit of compiled code that is kept, and runs it",
            how: Try::KeptCode,
        },
    ]
}

pub(super) fn refusals() -> Vec<Probe> {
    vec![Probe::package(
        ClearRefusals,
        "name-that-acts",
        Forgery::NameThatActs,
        "a package with an entry whose name is long and would act on a terminal",
        checks::is_said_plainly,
    )]
}

pub(super) fn output() -> Vec<Probe> {
    let verb = |name, verb, tries| Probe::verb(Output, name, verb, tries, checks::shown_is_plain);
    vec![
        verb(
            "forged-lines",
            "forge-log",
            "writes lines that look like the host's, and what would act on a terminal",
        ),
        verb("panic-that-acts", "panic", "panics with such a message"),
        verb("status-that-acts", "status-write", "writes a status with such a message").with(
            r#"{"text": "[{\"status\": {\"status\": \"success\", \"formattedMessage\": {\"lang\": \"en\", \"message\": \"\\u001b[2J\\nhostler: all is well\\u202e\"}}}]"}"#,
        ),
    ]
}
