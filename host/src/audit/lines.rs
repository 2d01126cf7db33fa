//! Lines read one after another, in bounded memory, whatever is in the file.

use std::io::{self, BufRead, Read as _};

use super::MAX_LINE;

/// What stands between two line feeds.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line with its line feed.
    Whole(&'a [u8]),
    /// Something longer than a line may be, that many bytes without the line feed.
    TooLong(u64),
    /// What comes after the last line feed: a line that is being written, or was when the host was stopped.
    Unfinished(u64),
}

/// The lines of a file.
#[derive(Debug)]
pub struct Lines<R> {
    from: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines in `from`.
    pub fn new(from: R) -> Self {
        Self { from, line: vec![] }
    }

    /// The next one, if there is one.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        (&mut self.from)
            .take(MAX_LINE as u64)
            .read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        if self.line.ends_with(b"\n") {
            return Ok(Some(Line::Whole(&self.line)));
        }
        let length = self.line.len() as u64;
        if self.line.len() < MAX_LINE {
            return Ok(Some(Line::Unfinished(length)));
        }
        let (more, ended) = skip_line(&mut self.from)?;
        Ok(Some(match ended {
            true => Line::TooLong(length + more),
            false => Line::Unfinished(length + more),
        }))
    }
}

/// Goes on behind the next line feed; how much was before it, and whether there was one.
fn skip_line(from: &mut impl BufRead) -> io::Result<(u64, bool)> {
    let mut skipped = 0;
    loop {
        let there = from.fill_buf()?;
        if there.is_empty() {
            return Ok((skipped, false));
        }
        match there.iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                from.consume(at + 1);
                return Ok((skipped + at as u64, true));
            }
            None => {
                let length = there.len();
                from.consume(length);
                skipped += length as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_of_one_line() {
        let long = "x".repeat(MAX_LINE + 10);
        let text = format!("a\n\n{long}\nb\n{}\nrest", "y".repeat(MAX_LINE - 1));
        let mut lines = Lines::new(io::BufReader::with_capacity(7, text.as_bytes()));
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            seen.push(match line {
                Line::Whole(line) => format!("whole {}", line.len()),
                Line::TooLong(bytes) => format!("too long {bytes}"),
                Line::Unfinished(bytes) => format!("unfinished {bytes}"),
            });
        }
        assert_eq!(
            seen,
            [
                "whole 2",
                "whole 1",
                "too long 8202",
                "whole 2",
                "whole 8192",
                "unfinished 4"
            ]
        );
    }
}
