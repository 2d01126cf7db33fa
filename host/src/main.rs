//! The command `hostler`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hostler_host::commands::main()
}
