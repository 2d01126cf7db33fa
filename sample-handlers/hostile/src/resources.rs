//! Holding more than there is, by means of the standard library.

use std::fs::File;
use std::time::Duration;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// GST-08.
pub(crate) fn open_files(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let most = parameters.size("count", 100_000);
    let path = handler.base.join("HandlerManifest.json");
    let mut files = Vec::new();
    while files.len() < most {
        match File::open(&path) {
            Ok(file) => files.push(file),
            Err(error) => return Ok(After::Success(format!("{} files open, then: {error}", files.len()))),
        }
    }
    Ok(After::Success(format!("{} files open", files.len())))
}

/// What a well-behaved handler may do: wait a moment.
pub(crate) fn sleep(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    std::thread::sleep(Duration::from_millis(parameters.number("milliseconds", 50)));
    Ok(After::Success("slept".to_owned()))
}

/// GST-15.
pub(crate) fn read(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let bytes = std::fs::read(handler.data.join(parameters.text("name").unwrap_or("pipe")))?;
    Ok(After::Success(format!("{} bytes read", bytes.len())))
}
