//! Takes the known values of a secret out of what a handler wrote, in the forms in which they usually come.
//!
//! Known is every string in the opened JSON of [`MIN_KNOWN_VALUE`] bytes or more, and each such line of one that has
//! several. Each is found as it is, in base64 wherever it stands in what was encoded, in hexadecimal, as UTF-16,
//! percent-encoded, and escaped as in JSON, once or more than once. It is best effort: a handler that wants to give its
//! secret away, can.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::{Zeroize, Zeroizing};

use super::Secret;
use super::trie::Trie;

/// Shortest string that is known, in bytes: what is shorter would take out words that mean nothing.
pub const MIN_KNOWN_VALUE: usize = 8;

/// What stands in the place of a known value.
const REPLACEMENT: &[u8] = b"***";

/// A long value is known by pieces of so many bytes, each of which begins [`STRIDE`] bytes behind the one before it, so
/// that the effort for a place in a stream is bounded.
const PIECE: usize = 192;
/// See [`PIECE`].
const STRIDE: usize = 180;

/// What is known of a secret. Cheap to clone.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Trie>);

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// What is known of `secret`.
    pub fn of<'s>(secret: impl Into<Option<&'s Secret>>) -> Self {
        Self::of_all(secret.into())
    }

    /// What is known of all of `secrets`.
    pub fn of_all<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let mut trie = Trie::default();
        for secret in secrets {
            // It was looked at when it was opened.
            if let Ok(mut opened) = serde_json::from_slice::<serde_json::Value>(secret.expose()) {
                take(&mut opened, &mut trie);
            }
        }
        Self(Arc::new(trie))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` without what is known.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// `bytes` without what is known.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        if self.is_empty() {
            return bytes.to_vec();
        }
        let mut stream = self.stream();
        let mut kept = stream.push(bytes);
        kept.extend(stream.finish());
        kept
    }

    /// A stream, from which what is known is taken out across the borders of its parts.
    pub fn stream(&self) -> RedactorStream {
        RedactorStream {
            redactor: self.clone(),
            held: Zeroizing::default(),
            covered: 0,
            within: false,
        }
    }
}

/// A stream that is being written. What could be the beginning of a known value is held back until it is told.
#[derive(Debug)]
pub struct RedactorStream {
    redactor: Redactor,
    held: Zeroizing<Vec<u8>>,
    /// How many of the bytes held are part of a known value.
    covered: usize,
    /// Whether the last byte that went was part of one.
    within: bool,
}

impl RedactorStream {
    /// Takes `bytes`, and gives what of the stream is told.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.redactor.is_empty() {
            return bytes.to_vec();
        }
        self.held.extend_from_slice(bytes);
        self.told(false)
    }

    /// Gives what was held back: no more comes.
    pub fn finish(&mut self) -> Vec<u8> {
        self.told(true)
    }

    fn told(&mut self, last: bool) -> Vec<u8> {
        let mut told = Vec::with_capacity(self.held.len());
        let mut at = 0;
        while let Some(&byte) = self.held.get(at) {
            let found = self.redactor.0.look(self.held.get(at..).unwrap_or_default(), last);
            if found.open {
                break;
            }
            self.covered = self.covered.max(at + found.length);
            if at >= self.covered {
                told.push(byte);
                self.within = false;
            } else if !self.within {
                told.extend_from_slice(REPLACEMENT);
                self.within = true;
            }
            at += 1;
        }
        self.covered = self.covered.saturating_sub(at);
        self.held.drain(..at);
        told
    }
}

/// Takes the strings out of `value`, and wipes them.
fn take(value: &mut serde_json::Value, trie: &mut Trie) {
    match value {
        serde_json::Value::String(text) => {
            know(text.as_bytes(), trie);
            if text.contains(['\n', '\r']) {
                text.split(['\n', '\r']).for_each(|line| know(line.as_bytes(), trie));
            }
            text.zeroize();
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| take(item, trie)),
        serde_json::Value::Object(members) => members.iter_mut().for_each(|(_, member)| take(member, trie)),
        _ => {}
    }
}

fn know(value: &[u8], trie: &mut Trie) {
    if value.len() < MIN_KNOWN_VALUE {
        return;
    }
    if value.len() <= PIECE {
        return know_piece(value, trie);
    }
    let mut start = 0;
    while let Some(piece) = value.get(start..start + PIECE) {
        know_piece(piece, trie);
        start += STRIDE;
    }
    know_piece(value.get(value.len() - PIECE..).unwrap_or_default(), trie);
}

fn know_piece(piece: &[u8], trie: &mut Trie) {
    trie.insert(piece);
    let mut spelled = Zeroizing::new(String::new());
    for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
        spelled.clear();
        for byte in piece {
            for half in [byte >> 4, byte & 15] {
                spelled.extend(digits.get(usize::from(half)).map(|digit| char::from(*digit)));
            }
        }
        trie.insert(spelled.as_bytes());
    }
    if let Ok(text) = std::str::from_utf8(piece) {
        let wide: Zeroizing<Vec<u8>> = Zeroizing::new(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        trie.insert(&wide);
    }
    for before in 0..3 {
        know_base64(piece, before, trie);
    }
}

/// Base64 of `piece` as it is where so many bytes modulo 3 come before it: the characters that it alone decides, and, where
/// nothing comes before, the whole.
fn know_base64(piece: &[u8], before: usize, trie: &mut Trie) {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(piece);
    // A character stands for six bits: those of the bytes before are in the first ones, and the last may have some of
    // what comes behind.
    let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    for mut encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
        trie.insert(encoded.get(first..end).unwrap_or_default().as_bytes());
        if before == 0 {
            trie.insert(encoded.as_bytes());
        }
        encoded.zeroize();
    }
}

#[cfg(test)]
#[path = "redactor_tests.rs"]
mod tests;
