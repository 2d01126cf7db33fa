//! A handler that writes down how it was called and then does what it is told.
//!
//! Called as `recorder.wasm COMMAND`, it appends one line of JSON to `record.jsonl` in its log folder: what a command of
//! the contract can see of its world. What it does then is an [`Instruction`], looked up in the public settings first
//! and then in `behaviour.json` of its package, under the command's name. Without one every command succeeds, and enable
//! leaves a good status. It is made without the SDK, since it also does what no handler should.

mod act;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod exit;
mod instruction;
mod place;
mod record;
mod spelled;

use std::process::ExitCode;

use instruction::Instruction;
use place::Place;

/// Exit code of an instruction that cannot be read.
const BAD_INSTRUCTION: u8 = 99;

/// Exit code when the recorder does not find what the contract promises, or cannot write what it may.
const NOT_AS_PROMISED: u8 = 98;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let code = match arguments.get(1) {
        Some(command) => run(command, &arguments),
        None => Err(NOT_AS_PROMISED.because("there is no command among the arguments")),
    };
    end(code.unwrap_or_else(|failure| {
        eprintln!("recorder: {}", failure.why);
        failure.exit
    }))
}

/// Why the recorder itself failed.
struct Failure {
    exit: u8,
    why: String,
}

/// Makes a failure of an exit code.
trait Because {
    fn because(self, why: impl std::fmt::Display) -> Failure;
}

impl Because for u8 {
    fn because(self, why: impl std::fmt::Display) -> Failure {
        Failure {
            exit: self,
            why: why.to_string(),
        }
    }
}

/// Records the command, does what it is told, and gives the exit code.
fn run(command: &str, arguments: &[String]) -> Result<u8, Failure> {
    let place = Place::find().map_err(|why| NOT_AS_PROMISED.because(why))?;
    record::append(&place, command, arguments).map_err(|why| NOT_AS_PROMISED.because(why))?;
    let told = place.told(command).map_err(|why| BAD_INSTRUCTION.because(why))?;
    let mut instruction = Instruction::parse(command, told).map_err(|why| BAD_INSTRUCTION.because(why))?;
    let said = match instruction.protected {
        true => spelled::spell(&mut instruction).map_err(|why| BAD_INSTRUCTION.because(why))?,
        false => "told to".to_owned(),
    };
    act::carry_out(&place, &instruction, &said).map_err(|why| NOT_AS_PROMISED.because(why))?;
    Ok(instruction.exit)
}

/// Ends with `code`: the standard library's way knows only 0 and 1 on WASI 0.2.
fn end(code: u8) -> ExitCode {
    #[cfg(all(target_os = "wasi", target_env = "p2"))]
    if code > 1 {
        exit::exit_with_code(code);
    }
    ExitCode::from(code)
}
