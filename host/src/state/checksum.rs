//! The checksum of a record: SHA-256 over everything that says what it is and what it holds.

use sha2::{Digest, Sha256};

/// The checksum of the record `key` of `kind` with that `body`.
pub(super) fn checksum(kind: &[u8], key: &[u8], body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    // With their lengths, so that no byte can move from one part to the next.
    for part in [kind, key, body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn every_part_counts() {
        let sums = [
            checksum(b"a", b"b", b"c"),
            checksum(b"ab", b"", b"c"),
            checksum(b"a", b"bc", b""),
            checksum(b"a", b"b", b"d"),
        ];
        for (index, sum) in sums.iter().enumerate() {
            assert!(!sums[index + 1..].contains(sum), "{index}");
        }
    }
}
