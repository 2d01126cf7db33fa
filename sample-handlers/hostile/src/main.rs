//! A handler that attacks the host it runs on: one component, a verb for each attack.
//!
//! It is a plain program with the contract's command line, and with `service` for what runs on after enable. `enable` reads the verb from the public settings
//! (`{"verb": "loop"}`, further keys are the verb's parameters) and does what [`verbs::VERBS`] says of it; the other
//! commands succeed and do nothing. An attack that the host survives and that ends by itself writes a status that says
//! how far it came, so that a test sees both sides. Built natively it does the same to whoever starts it, except for the
//! verbs that need calls of WASI itself.

mod disk;
mod ending;
mod environment;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod escape;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod files;
mod handler;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod hostcall;
mod memory;
mod names;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod operations;
mod output;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod readonly;
mod resources;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod sparse;
mod spin;
mod status;
mod verbs;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod wasi;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod wreck;

use std::process::ExitCode;

use handler::{Failure, Handler};

/// How a verb that comes back wants `enable` to end.
pub(crate) enum After {
    /// With a success status that has this message, and exit code 0.
    Success(String),
    /// With exit code 0 and no more than the verb wrote.
    Quiet,
    /// With that exit code and no more than the verb wrote.
    Exit(u8),
}

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("enable") => ended(enable()),
        Some("service") => ended(attack()),
        Some("install" | "update" | "disable" | "uninstall") => ExitCode::SUCCESS,
        other => {
            eprintln!(
                "hostile: `{}` is not a command of the handler contract",
                other.unwrap_or_default()
            );
            ExitCode::FAILURE
        }
    }
}

fn ended(result: Result<u8, Failure>) -> ExitCode {
    match result {
        Ok(code) => exit(code),
        Err(failure) => {
            eprintln!("hostile: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Attacks, unless that is left to its service (`{"asService": true}`).
fn enable() -> Result<u8, Failure> {
    let handler = Handler::from_environment()?;
    if handler.public_settings()?.flag("asService") {
        handler.write_status("success", "the service attacks")?;
        return Ok(0);
    }
    attack()
}

/// Finds the verb, does it, and gives the exit code.
fn attack() -> Result<u8, Failure> {
    let handler = Handler::from_environment()?;
    let parameters = handler.public_settings()?;
    let name = parameters.text("verb").unwrap_or("list");
    let verb = verbs::find(name).ok_or_else(|| Failure::new(format!("`{name}` is not a verb; `list` prints them")))?;
    match (verb.run)(&handler, &parameters) {
        Ok(After::Success(message)) => {
            handler.write_status("success", &message)?;
            Ok(0)
        }
        Ok(After::Quiet) => Ok(0),
        Ok(After::Exit(code)) => Ok(code),
        Err(failure) => {
            handler.write_status("error", &failure.to_string())?;
            Err(failure)
        }
    }
}

/// Ends with `code`: the standard library's way knows only 0 and 1 on WASI 0.2.
fn exit(code: u8) -> ExitCode {
    #[cfg(all(target_os = "wasi", target_env = "p2"))]
    if code > 1 {
        wasi::exit(code);
    }
    ExitCode::from(code)
}
