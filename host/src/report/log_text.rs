//! `hostler logs` for people.

use std::fmt::Write as _;

use hostler_contract::escape_bounded;

use super::addition::CommandReport;
use crate::handler_dir::LogFile;

/// Longest line that is shown, in bytes.
const LINE_BYTES: usize = 2000;

/// The output of `commands`, then the ends of `files`. Every line is escaped: nothing in it acts on a terminal.
pub fn log_text(commands: &[CommandReport], files: &[LogFile]) -> String {
    let mut text = String::new();
    for command in commands {
        let _ = writeln!(
            text,
            "==> {} {}, exit code {}, {} ms <==",
            command.command, command.version, command.exit_code, command.duration_ms
        );
        for (name, stream) in [("stdout", &command.stdout), ("stderr", &command.stderr)] {
            for line in stream.text.lines() {
                let _ = writeln!(text, "{name} | {}", escape_bounded(line, LINE_BYTES));
            }
        }
    }
    for file in files {
        let _ = writeln!(
            text,
            "==> {}, {} bytes <==",
            escape_bounded(&file.name, 255),
            file.bytes
        );
        for line in &file.lines {
            text += &log_line(&file.name, line);
        }
    }
    text
}

/// A line of the log `file`, marked with its name: no line of a handler's can pass for one of the host's.
pub fn log_line(file: &str, line: &str) -> String {
    format!("{} | {}\n", escape_bounded(file, 64), escape_bounded(line, LINE_BYTES))
}
