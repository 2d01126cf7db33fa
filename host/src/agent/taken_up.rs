//! Which document is taken up: one that was not in force before is at once; one that was, only when the source keeps to
//! it. A source behind which two servers differ would else have every handler enabled again at each look.

use std::collections::VecDeque;

/// Looks in a row after which a document that comes back is believed: a minute at the contract's period.
pub(super) const STEADY: u32 = 10;

/// How many that were in force before are known.
const REMEMBERED: usize = 16;

type Digest = [u8; 32];

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// The one that is in force.
    InForce,
    /// To be taken up.
    New,
    /// One of earlier, seen that often in a row.
    ComesBack(u32),
}

/// The documents that were taken up since the agent started, the latest last.
#[derive(Debug, Default)]
pub(super) struct TakenUp {
    documents: VecDeque<Digest>,
    coming_back: Option<(Digest, u32)>,
}

impl TakenUp {
    /// What the document with `digest` is, which was just seen.
    pub(super) fn judge(&mut self, digest: &Digest) -> Judged {
        if self.documents.back() == Some(digest) {
            self.coming_back = None;
            return Judged::InForce;
        }
        if !self.documents.contains(digest) {
            self.coming_back = None;
            return Judged::New;
        }
        let seen = match self.coming_back {
            Some((before, seen)) if before == *digest => seen + 1,
            _ => 1,
        };
        self.coming_back = Some((*digest, seen));
        match seen {
            STEADY.. => Judged::New,
            _ => Judged::ComesBack(seen),
        }
    }

    /// Takes note that the document with `digest` is in force now.
    pub(super) fn take_up(&mut self, digest: Digest) {
        self.coming_back = None;
        self.documents.retain(|other| *other != digest);
        if self.documents.len() == REMEMBERED {
            self.documents.pop_front();
        }
        self.documents.push_back(digest);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is taken up when a source gives `seen`, one letter a look.
    fn play(seen: &str) -> String {
        let mut taken_up = TakenUp::default();
        let mut carried_out = String::new();
        for letter in seen.bytes() {
            let digest = [letter; 32];
            if taken_up.judge(&digest) == Judged::New {
                taken_up.take_up(digest);
                carried_out.push(letter.into());
            }
        }
        carried_out
    }

    #[test]
    fn what_flips_is_taken_up_once() {
        for (seen, carried_out) in [
            ("aaaa", "a"),
            ("abc", "abc"),
            ("abababababababababababab", "ab"),
            ("aabbaabbaabbaabb", "ab"),
            ("abcabcabcabcabcabc", "abc"),
            // Back on purpose: after ten looks.
            ("abaaaaaaaaa", "ab"),
            ("abaaaaaaaaaa", "aba"),
            ("abaaaaabaaaaaaaaa", "ab"),
            // What is new is no longer so after it was in force.
            ("abacacac", "abc"),
        ] {
            assert_eq!(play(seen), carried_out, "{seen}");
        }
    }

    proptest! {
        /// However a source flips, handlers are not enabled more often than it has something new or keeps to something.
        #[test]
        fn flipping_costs_nothing(seen in "[a-e]{0,200}") {
            let carried_out = play(&seen).len();
            let new = seen.bytes().collect::<std::collections::BTreeSet<_>>().len();
            prop_assert!(carried_out <= new + seen.len() / STEADY as usize);
            prop_assert!(carried_out >= new);
        }
    }
}
