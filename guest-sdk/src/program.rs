//! The way in by command line: `my-handler enable`, natively and as `wasi:cli/run`.

use std::process::ExitCode;

use hostler_contract::Command;

use crate::{Handler, exit_code, run::run, variables::Variables};

/// What [`export!`](crate::export) makes `main` of: runs the command that the first argument names.
///
/// On WASI 0.2 a failure does not return, since only a call of the host can give its exit code.
pub fn main<H: Handler>() -> ExitCode {
    let exit_code = match std::env::args().nth(1).as_deref().and_then(Command::parse) {
        Some(command) => match run::<H>(command, Variables::of_process()) {
            Ok(()) => 0,
            Err(failure) => {
                eprintln!("{command} failed: {failure}");
                failure.exit_code()
            }
        },
        None => {
            eprintln!("the first argument should be one of install, enable, update, disable, uninstall");
            exit_code::USAGE
        }
    };
    #[cfg(all(target_os = "wasi", target_env = "p2"))]
    if exit_code != 0 {
        crate::component::exit(exit_code);
    }
    ExitCode::from(exit_code)
}
