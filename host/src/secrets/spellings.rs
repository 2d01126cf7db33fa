//! The ways in which a byte of a known text may be spelled: itself, percent-encoded, or escaped as JSON and programs do.

/// What stands at the beginning of a stream.
pub(super) enum Spelled<'s> {
    /// These bytes, spelled with so many.
    As {
        /// What is meant: a byte, or those of a character.
        bytes: &'s [u8],
        /// How long it is as it stands there.
        length: usize,
    },
    /// It cannot be told before more has come.
    Open,
}

/// Most backslashes in a row that are taken for one escape: JSON in JSON in JSON.
const MAX_BACKSLASHES: usize = 8;

/// Longest escape behind its backslashes, as `u{10ffff}`.
const MAX_ESCAPE: usize = 10;

/// Says each way in which the beginning of `stream` can be read; there will be no more of it where `last`.
pub(super) fn spelled_at(stream: &[u8], last: bool, mut say: impl FnMut(Spelled<'_>)) {
    let Some(&first) = stream.first() else {
        if !last {
            say(Spelled::Open);
        }
        return;
    };
    say(Spelled::As {
        bytes: &[first],
        length: 1,
    });
    match first {
        b'+' => say(Spelled::As { bytes: b" ", length: 1 }),
        b'%' => match stream.get(1..3) {
            Some(digits) => {
                if let Some(byte) = hexadecimal(digits).and_then(|byte| u8::try_from(byte).ok()) {
                    say(Spelled::As {
                        bytes: &[byte],
                        length: 3,
                    });
                }
            }
            None if !last => say(Spelled::Open),
            None => {}
        },
        b'\\' => escaped(stream, last, say),
        _ => {}
    }
}

/// What begins with a backslash. A text that was escaped more than once has several.
fn escaped(stream: &[u8], last: bool, mut say: impl FnMut(Spelled<'_>)) {
    let slashes = stream
        .iter()
        .take(MAX_BACKSLASHES + 1)
        .take_while(|byte| **byte == b'\\')
        .count();
    for doubled in [2, 4, 8] {
        if doubled <= slashes {
            say(Spelled::As {
                bytes: b"\\",
                length: doubled,
            });
        }
    }
    if slashes > MAX_BACKSLASHES {
        return;
    }
    let rest = stream.get(slashes..).unwrap_or_default();
    if rest.len() < MAX_ESCAPE && !last {
        // A short one is said all the same: what is known so far counts when no more comes.
        say(Spelled::Open);
    }
    let mut said = |bytes: &[u8], length: usize| {
        say(Spelled::As {
            bytes,
            length: slashes + length,
        });
    };
    match rest.first() {
        Some(sign @ (b'"' | b'\'' | b'/')) => said(&[*sign], 1),
        Some(b'n') => said(b"\n", 1),
        Some(b'r') => said(b"\r", 1),
        Some(b't') => said(b"\t", 1),
        Some(b'b') => said(&[8], 1),
        Some(b'f') => said(&[12], 1),
        Some(b'0') => said(&[0], 1),
        Some(b'x') => {
            let byte = rest
                .get(1..3)
                .and_then(hexadecimal)
                .and_then(|byte| u8::try_from(byte).ok());
            if let Some(byte) = byte {
                said(&[byte], 3);
            }
        }
        Some(b'u') => character(stream, slashes, rest, last, &mut say),
        _ => {}
    }
}

/// `uXXXX`, a pair of them for what is beyond the basic plane, or `u{X}`.
fn character(stream: &[u8], slashes: usize, rest: &[u8], last: bool, mut say: impl FnMut(Spelled<'_>)) {
    let mut said = |code: u32, length: usize| {
        if let Some(character) = char::from_u32(code) {
            let mut buffer = [0; 4];
            say(Spelled::As {
                bytes: character.encode_utf8(&mut buffer).as_bytes(),
                length,
            });
        }
    };
    if rest.get(1) == Some(&b'{') {
        let digits = rest.get(2..).unwrap_or_default();
        let length = digits
            .iter()
            .take(6)
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        if digits.get(length) == Some(&b'}')
            && let Some(code) = digits.get(..length).and_then(hexadecimal)
        {
            said(code, slashes + 2 + length + 1);
        }
        return;
    }
    let Some(high) = rest.get(1..5).and_then(hexadecimal) else {
        return;
    };
    let length = slashes + 5;
    if !(0xd800..0xdc00).contains(&high) {
        return said(high, length);
    }
    // The second half has as many backslashes.
    let second = stream.get(length..).unwrap_or_default();
    let behind = second.get(slashes..).unwrap_or_default();
    if behind.len() < 5 {
        if !last {
            say(Spelled::Open);
        }
        return;
    }
    let is_half = second.iter().take(slashes).all(|byte| *byte == b'\\') && behind.first() == Some(&b'u');
    if let Some(low) = behind.get(1..5).and_then(hexadecimal)
        && is_half
        && (0xdc00..0xe000).contains(&low)
    {
        said(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), length + slashes + 5);
    }
}

/// The number that `digits` write.
fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
