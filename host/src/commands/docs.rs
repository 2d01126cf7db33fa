//! `hostler docs`: the tables of the documentation, from the code.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use hostler_contract::ALL_CODES;
use hostler_package::PackageLimits;

use super::failure::Reply;
use crate::limits::{LimitName, Unit, show_amount};
use crate::sandbox::{PrepareQuota, ScanLimits};

/// Print a generated table of the documentation.
#[derive(Debug, Args)]
pub(super) struct DocsArgs {
    table: Table,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    /// Every stable code.
    ErrorCodes,
    /// Every limit.
    Limits,
    /// What bounds a package, its components and the workers that look into them.
    PackageLimits,
}

pub(super) fn docs(args: &DocsArgs) -> Reply {
    Reply::done(match args.table {
        Table::ErrorCodes => error_codes(),
        Table::Limits => limits(),
        Table::PackageLimits => package_limits(),
    })
}

/// Writing to a `String` cannot fail.
fn error_codes() -> String {
    let mut table = String::from("| code | meaning |\n| --- | --- |\n");
    let mut codes = ALL_CODES.to_vec();
    codes.sort_by_key(|code| code.name());
    for code in codes {
        let _ = writeln!(table, "| `{}` | {} |", code.name(), code.meaning());
    }
    table
}

fn limits() -> String {
    let mut table = String::from("| limit | default | code | what it bounds |\n| --- | --- | --- | --- |\n");
    for limit in LimitName::ALL {
        let default = show_amount(limit.default_value(), limit.unit());
        let _ = writeln!(
            table,
            "| `{}` | {default} | `{}` | {} |",
            limit.name(),
            limit.code(),
            limit.meaning()
        );
    }
    table
}

fn package_limits() -> String {
    let (package, scan, prepare) = (PackageLimits::default(), ScanLimits::default(), PrepareQuota::default());
    let size = |bytes: u64| show_amount(bytes, Unit::Bytes);
    let rows = [
        ("the zip file", size(package.zip_bytes), "`pkg.size`"),
        ("everything in it, unpacked", size(package.total_unpacked), "`pkg.size`"),
        ("one entry, unpacked", size(package.entry_unpacked), "`pkg.size`"),
        (
            "unpacked to packed, for an entry that unpacks to more than 1 MiB",
            format!("{} to 1", package.ratio),
            "`pkg.ratio`",
        ),
        ("entries", package.entries.to_string(), "`pkg.entries`"),
        (
            "a name; one part of it; parts",
            format!(
                "{} bytes; {} bytes; {}",
                package.name_bytes, package.component_bytes, package.depth
            ),
            "`pkg.name`, `pkg.depth`",
        ),
        ("a component", size(package.wasm_bytes), "`wasm.size`"),
        (
            "functions in a component; code of one; its local variables",
            format!("{}; {}; {}", scan.functions, size(scan.body_bytes as u64), scan.locals),
            "`wasm.functions`",
        ),
        (
            "local variables times branches: of one function; of all",
            format!("{}; {}", scan.function_effort, scan.effort),
            "`wasm.functions`",
        ),
        (
            "core modules and nested components in a component",
            scan.nested.to_string(),
            "`wasm.nesting`",
        ),
        (
            "opening a package, or compiling a component, in a worker: time; processor time; memory",
            format!(
                "{} s; {} s; {}",
                prepare.wall.as_secs(),
                prepare.cpu_seconds,
                size(prepare.data_bytes)
            ),
            "`pkg.worker`, `compile.quota`",
        ),
        (
            "compiled code of a component",
            size(prepare.output_bytes),
            "`compile.worker`",
        ),
    ];
    let mut table = String::from("| what | at most | code |\n| --- | --- | --- |\n");
    for (what, most, code) in rows {
        let _ = writeln!(table, "| {what} | {most} | {code} |");
    }
    table
}
