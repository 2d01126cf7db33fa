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

/// Listings of a folder full of long names, all open at once: a host that reads each into its memory runs out of it.
pub(crate) fn listings(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let files = parameters.size("files", 1_000);
    let folder = handler.data.join("full");
    std::fs::create_dir_all(&folder)?;
    for number in 0..files {
        File::create(folder.join(format!("{number:0>200}")))?;
    }
    let mut listings = Vec::new();
    for _ in 0..parameters.size("listings", 400) {
        let mut listing = std::fs::read_dir(&folder)?;
        if listing.next().is_none() {
            return Err(Failure::new("the folder is listed as empty"));
        }
        listings.push(listing);
    }
    let seen = listings.pop().map_or(0, |listing| listing.count() + 1);
    Ok(After::Success(format!(
        "{} listings open, {seen} of {files} files seen",
        listings.len() + 1
    )))
}

/// What a well-behaved handler may do: wait a moment.
pub(crate) fn sleep(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    std::thread::sleep(Duration::from_millis(parameters.number("milliseconds", 50)));
    Ok(After::Success("slept".to_owned()))
}

/// GST-15.
pub(crate) fn read(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let folder = crate::disk::target(handler, parameters)?;
    let bytes = std::fs::read(folder.join(parameters.text("name").unwrap_or("pipe")))?;
    Ok(After::Success(format!("{} bytes read", bytes.len())))
}
