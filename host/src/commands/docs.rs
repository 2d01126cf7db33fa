//! `hostler docs`: the tables of the documentation, from the code.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use hostler_contract::ALL_CODES;

use super::failure::Reply;
use crate::limits::{LimitName, show_amount};

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
}

pub(super) fn docs(args: &DocsArgs) -> Reply {
    Reply::done(match args.table {
        Table::ErrorCodes => error_codes(),
        Table::Limits => limits(),
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
