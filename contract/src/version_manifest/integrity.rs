//! The attributes by which a package is known before it is opened: its digest and its size.

use crate::escape_bounded;

/// What a text is not, and what would be right.
pub(super) type Wrong = (String, &'static str);

/// Reads 64 hexadecimal digits, in either case, as 32 bytes.
pub(super) fn sha256(text: &str) -> Result<[u8; 32], Wrong> {
    let wrong = || {
        let what = format!("`{}` is not 64 hexadecimal digits", escape_bounded(text, 80));
        (
            what,
            "write the SHA-256 of the package as 64 hexadecimal digits, or leave it out",
        )
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return Err(wrong());
    };
    if pairs.len() != 32 {
        return Err(wrong());
    }
    let mut digest = [0; 32];
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = nibble(*high)
            .zip(nibble(*low))
            .map(|(high, low)| high << 4 | low)
            .ok_or_else(wrong)?;
    }
    Ok(digest)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Reads a number of bytes: decimal digits and nothing else.
pub(super) fn size(text: &str) -> Result<u64, Wrong> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or_else(|| {
        let what = format!("`{}` is not a number of bytes", escape_bounded(text, 80));
        (
            what,
            "write the length of the package in bytes as a decimal number, or leave it out",
        )
    })
}
