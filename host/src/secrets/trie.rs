//! The known texts as a tree of bytes, so that a place in a stream is compared with all of them at once.

use zeroize::Zeroize;

use super::spellings::{Spelled, spelled_at};

/// A tree whose root is the node 0.
#[derive(Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    /// The next byte and the node behind it, in order of the bytes.
    next: Vec<(u8, usize)>,
    /// Whether a known text ends here.
    ends: bool,
}

impl Drop for Trie {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            for (byte, _) in &mut node.next {
                byte.zeroize();
            }
        }
    }
}

/// What a place in a stream begins with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The length of the longest known text there, as it is spelled; 0 for none.
    pub(super) length: usize,
    /// Whether it cannot be told before more has come.
    pub(super) open: bool,
}

impl Trie {
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(super) fn insert(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut at = 0;
        for byte in text {
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            at = match node.next.binary_search_by_key(byte, |(byte, _)| *byte) {
                Ok(found) => node.next.get(found).map_or(0, |(_, next)| *next),
                Err(place) => {
                    node.next.insert(place, (*byte, fresh));
                    self.nodes.push(Node::default());
                    fresh
                }
            };
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.ends = true;
        }
    }

    /// What `stream` begins with; it is all that will come where `last`.
    pub(super) fn look(&self, stream: &[u8], last: bool) -> Found {
        let mut found = Found::default();
        if !self.is_empty() {
            self.follow(0, stream, 0, last, &mut found);
        }
        found
    }

    fn follow(&self, node: usize, stream: &[u8], at: usize, last: bool, found: &mut Found) {
        let Some(node) = self.nodes.get(node) else { return };
        if node.ends {
            found.length = found.length.max(at);
        }
        if node.next.is_empty() {
            return;
        }
        let rest = stream.get(at..).unwrap_or_default();
        spelled_at(rest, last, |spelled| match spelled {
            Spelled::Open => found.open = true,
            Spelled::As { bytes, length } => {
                let mut next = Some(node);
                let mut index = 0;
                for byte in bytes {
                    next = next.and_then(|node| {
                        let place = node.next.binary_search_by_key(byte, |(byte, _)| *byte).ok()?;
                        index = node.next.get(place)?.1;
                        self.nodes.get(index)
                    });
                }
                if next.is_some() {
                    self.follow(index, stream, at + length, last, found);
                }
            }
        });
    }
}
