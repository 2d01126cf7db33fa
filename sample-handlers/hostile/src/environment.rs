//! What the host lets a program know besides files.

use std::io::Read;

use serde_json::{Map, Value, json};

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// GST-16.
pub(crate) fn variables(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    let all: Map<_, _> = std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                Value::from(value.to_string_lossy()),
            )
        })
        .collect();
    let message = format!("{} variables", all.len());
    println!("{}", Value::from(all));
    Ok(After::Success(message))
}

/// MAN-17.
pub(crate) fn arguments(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    let all: Vec<_> = std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    println!("{}", Value::from(all));
    Ok(After::Success("arguments printed".to_owned()))
}

/// GST-17.
pub(crate) fn stdin(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    let mut input = Vec::new();
    let ended = std::io::stdin().read_to_end(&mut input);
    println!(
        "{}",
        json!({ "bytes": input.len(), "error": ended.err().map(|error| error.to_string()) })
    );
    Ok(After::Success(format!("{} bytes of standard input", input.len())))
}
