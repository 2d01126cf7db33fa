//! A command's output as messages carry it (contract 7.6).

use hostler_contract::escape;

use crate::sandbox::Captured;

/// Bytes of each stream that are read.
const READ: usize = 3200;

/// Characters of both streams together that a message carries when they do not fit whole.
const SHARE: usize = 1590;

/// The text `[stdout]\n...\n\n[stderr]\n...` of contract 7.6: the first 3200 bytes of each stream; where both together
/// do not fit, each has 1590 characters, what one leaves goes to the other, and the end of what was read is kept.
pub fn command_output(stdout: &Captured, stderr: &Captured) -> String {
    let (out, err) = (head(stdout), head(stderr));
    let (out_length, err_length) = (out.chars().count(), err.chars().count());
    let (out, err) = if out_length + err_length < READ {
        (out, err)
    } else {
        let spare = |length: usize| SHARE.saturating_sub(length);
        (
            tail(&out, out_length, SHARE + spare(err_length)),
            tail(&err, err_length, SHARE + spare(out_length)),
        )
    };
    format!("[stdout]\n{out}\n\n[stderr]\n{err}")
}

/// All that was kept of `stream`, fit for people.
pub fn stream_text(stream: &Captured) -> String {
    fit_for_people(&stream.bytes)
}

/// The bytes of a stream as text; what is not UTF-8 as `\xNN`.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// What is read of a stream, fit for people: nothing in it may act on a terminal or pass for another line.
fn head(stream: &Captured) -> String {
    fit_for_people(stream.bytes.get(..READ).unwrap_or(&stream.bytes))
}

fn fit_for_people(bytes: &[u8]) -> String {
    let text = printable(bytes);
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

fn tail(text: &str, length: usize, keep: usize) -> String {
    text.chars().skip(length.saturating_sub(keep)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(bytes: &[u8]) -> Captured {
        Captured {
            bytes: bytes.to_vec(),
            dropped: 0,
        }
    }

    #[test]
    fn short_output_is_whole() {
        let ends = command_output(&captured(b""), &captured(b"last line\n"));
        assert_eq!(ends, "[stdout]\n\n\n[stderr]\nlast line\n");
        assert_eq!(
            command_output(&captured(b"a\rb\x1b[0m"), &captured(b"")),
            "[stdout]\na\\rb\\x1b[0m\n\n[stderr]\n"
        );
        assert_eq!(
            command_output(&captured(b"out\n"), &captured(b"\xffx")),
            "[stdout]\nout\n\n\n[stderr]\n\\xffx"
        );
    }

    /// Scenario B10: with 5000 bytes on each stream the text has 3200 characters, 1590 of each stream.
    #[test]
    fn long_output_is_shared() {
        let text = command_output(&captured(&[b'o'; 5000]), &captured(&[b'e'; 5000]));
        assert_eq!(text.chars().count(), 3200);
        assert_eq!(text.matches('o').count() - "stdout".matches('o').count(), 1590);
    }

    #[test]
    fn what_one_stream_leaves_goes_to_the_other() {
        let text = command_output(&captured(&[b'o'; 5000]), &captured(&[b'E'; 90]));
        assert_eq!(text.matches('E').count(), 90);
        assert_eq!(text.matches('o').count() - 1, 3090);
    }

    /// Scenario B11: only the head of a stream is read, and of that the end is kept.
    #[test]
    fn the_end_of_the_head_is_kept() {
        let mut bytes = vec![b'a'; 3100];
        bytes.extend([b'b'; 100]);
        bytes.extend([b'c'; 100]);
        let text = command_output(&captured(&bytes), &captured(&[b'E'; 3200]));
        assert!(text.contains('b') && !text.contains('c'));
    }
}
