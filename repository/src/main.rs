//! The command `hostler-repository`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hostler_repository::commands::main()
}
