//! The way in by command line: `my-handler enable` or `my-handler service`, natively and as `wasi:cli/run`.

use std::process::ExitCode;

use hostler_contract::Command;

use crate::{
    Handler, exit_code,
    protected::Source,
    run::{run, serve},
    service,
    variables::Variables,
};

/// What [`export!`](crate::export) makes `main` of: runs the command that the first argument names, or the
/// service.
///
/// On WASI 0.2 a failure does not return, since only a call of the host can give its exit code.
pub fn main<H: Handler>() -> ExitCode {
    let word = std::env::args().nth(1).unwrap_or_default();
    let outcome = match Command::parse(&word) {
        Some(command) => Some(run::<H>(command, Variables::of_process(), Source::Host)),
        None if word == service::WORD => Some(serve::<H>(Variables::of_process(), Source::Host, None)),
        None => None,
    };
    let exit_code = match outcome {
        Some(Ok(())) => 0,
        Some(Err(failure)) => {
            eprintln!("{word} failed: {failure}");
            failure.exit_code()
        }
        None => {
            eprintln!("the first argument should be one of install, enable, update, disable, uninstall, service");
            exit_code::USAGE
        }
    };
    #[cfg(all(target_os = "wasi", target_env = "p2"))]
    if exit_code != 0 {
        crate::component::exit(exit_code);
    }
    ExitCode::from(exit_code)
}
