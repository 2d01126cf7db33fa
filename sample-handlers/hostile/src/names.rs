//! File names that are awkward for whoever lists, logs or removes them.

use std::fs;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// FSX-16.
pub(crate) fn awkward(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    let longest = "n".repeat(255);
    let too_long = "n".repeat(256);
    let names = [
        "two\nlines",
        "-rf",
        "--",
        ".hidden",
        "...",
        " 0.status",
        "0.STATUS",
        "00.status",
        "x.0.status",
        "\u{202e}txt.exe",
        "e\u{301}",
        "\u{e9}",
        "\x1b[31mred",
        "tab\there",
        "back\\slash",
        "$(reboot)",
        "*",
        "CON",
        "HandlerState",
        &longest,
        &too_long,
    ];
    let mut made = 0;
    for folder in [&handler.data, &handler.log, &handler.status] {
        made += names
            .iter()
            .filter(|name| fs::write(folder.join(name), b"x").is_ok())
            .count();
    }
    Ok(After::Success(format!("{made} files made, {} tried", names.len() * 3)))
}
