//! Whether lines are a chain. Pure: it is given one line after another.
//!
//! A line that was changed is noticed at the next one, whose `previous` is another then. But that could have been changed
//! too; which of the two it was is told by the line after both.

use hostler_contract::codes;

use super::MAX_AHEAD;
use super::head::{Head, LineHash};
use super::line::{Link, RemovedFiles};
use super::verdict::{At, LogVerdict};

/// A line that was read.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: At,
    head: Head,
}

/// A log that is looked over.
#[derive(Debug, Default)]
pub(super) struct Chain {
    verdict: LogVerdict,
    /// The last line that could be read.
    before: Option<Seen>,
    /// Two lines of which the second does not know the first.
    doubt: Option<(Seen, Seen)>,
    /// Lines since then that could not be read.
    unreadable: u64,
    /// Where its first line stands.
    first_at: Option<At>,
    /// Where the log would begin if nothing of it was taken away but what was recorded.
    begins_after: Option<Head>,
    begin_is_known: bool,
    anchor: Option<(Head, bool)>,
    /// What is at the end of the state's knowledge, if that is another line.
    other_head: Option<At>,
}

impl Chain {
    /// A log of which the state knows `known`, and somebody else `anchor`.
    pub(super) fn new(known: Option<Head>, anchor: Option<Head>) -> Self {
        Self {
            verdict: LogVerdict {
                known,
                ..LogVerdict::default()
            },
            anchor: anchor.map(|anchor| (anchor, false)),
            ..Self::default()
        }
    }

    /// A file begins.
    pub(super) fn file(&mut self) {
        self.verdict.files += 1;
    }

    /// Something that is no line.
    pub(super) fn unreadable(&mut self, at: At) {
        let sequence = self
            .before
            .map(|before| before.head.sequence.saturating_add(self.unreadable).saturating_add(1));
        self.settle_doubt(None);
        self.verdict.lines += 1;
        self.unreadable += 1;
        let what = "what stands here is not a line of the log".to_owned();
        self.verdict.fault(codes::AUDIT_LINE, Some(at), sequence, what);
    }

    /// The next line.
    pub(super) fn line(&mut self, at: At, link: Link) {
        let seen = Seen { at, head: link.head };
        self.verdict.lines += 1;
        self.verdict.first.get_or_insert(link.head.sequence);
        self.verdict.last = Some(link.head);
        if link.mismatch {
            let what = "the host found here that the log did not end where it should have: lines are missing before this one, \
                        or were changed";
            let sequence = Some(link.head.sequence);
            self.verdict
                .fault(codes::AUDIT_END, Some(at), sequence, what.to_owned());
        }
        self.compare_known(seen);
        let unreadable = std::mem::take(&mut self.unreadable);
        let before = self.before.replace(seen);
        match before {
            Some(before) => self.after(before, seen, &link, unreadable),
            None => self.first(seen, &link, unreadable),
        }
        if let Some(RemovedFiles { last, .. }) = link.removed {
            self.begin_is_known |= self.begins_after == Some(last);
        }
    }

    fn first(&mut self, seen: Seen, link: &Link, unreadable: u64) {
        let begin = Head {
            sequence: link.head.sequence.saturating_sub(1),
            hash: link.previous,
        };
        self.first_at = Some(seen.at);
        self.begins_after = Some(begin);
        // What is known of the beginning otherwise is said already.
        self.begin_is_known = unreadable > 0 || link.mismatch || begin == Head::NONE;
        if begin.sequence == 0 && begin.hash != LineHash::NONE {
            self.begin_is_known = true;
            self.verdict.changed(seen.at, seen.head.sequence);
        }
    }

    fn after(&mut self, before: Seen, seen: Seen, link: &Link, unreadable: u64) {
        let (earlier, sequence) = (before.head.sequence, link.head.sequence);
        let step = sequence.checked_sub(earlier);
        let next = step == Some(1);
        if !next && !link.mismatch && !step.is_some_and(|step| step > 1 && step <= unreadable + 1) {
            self.settle_doubt(None);
            let what = match step {
                Some(2..) => format!(
                    "line {sequence} follows line {earlier}: {} between them are missing",
                    sequence - earlier - 1
                ),
                _ => format!("line {sequence} follows line {earlier}: it was put in or moved, or others were"),
            };
            self.verdict
                .fault(codes::AUDIT_SEQUENCE, Some(seen.at), Some(sequence), what);
            return;
        }
        let fits = !next || link.previous == before.head.hash;
        let was_doubted = self.doubt.is_some_and(|(_, second)| second.at == before.at);
        self.settle_doubt(next.then_some(link.previous));
        if !fits && !was_doubted {
            self.doubt = Some((before, seen));
        }
    }

    /// Says which of two lines was changed, as far as what comes after them knows the second one.
    fn settle_doubt(&mut self, second: Option<LineHash>) {
        if let Some((first, other)) = self.doubt.take() {
            let changed = match second {
                Some(hash) if hash != other.head.hash => other,
                _ => first,
            };
            self.verdict.changed(changed.at, changed.head.sequence);
        }
    }

    fn compare_known(&mut self, seen: Seen) {
        if let Some(known) = self.verdict.known
            && known.sequence == seen.head.sequence
            && known.hash != seen.head.hash
        {
            self.other_head = Some(seen.at);
        }
        if let Some((anchor, found)) = &mut self.anchor
            && anchor.sequence == seen.head.sequence
        {
            *found |= anchor.hash == seen.head.hash;
        }
    }

    /// Where `unfinished` bytes follow, and the state knows `now` of a log that may have grown meanwhile.
    pub(super) fn end(mut self, end: Option<At>, unfinished: u64, now: Option<Head>) -> LogVerdict {
        let last = self.verdict.last;
        let known_last = self
            .verdict
            .known
            .filter(|known| last.is_some_and(|last| last.sequence == known.sequence));
        self.settle_doubt(known_last.map(|known| known.hash));
        self.verdict.unfinished = unfinished;
        self.check_begin();
        self.check_end(end, now);
        if let Some((anchor, false)) = self.anchor {
            let what = format!("line {} is not there with the hash that was given", anchor.sequence);
            self.verdict
                .fault(codes::AUDIT_ANCHOR, end, Some(anchor.sequence), what);
        }
        self.verdict.whole = self.verdict.faults.is_empty();
        self.verdict
    }

    /// Where the line that says where the log begins was changed itself, that is said there.
    fn check_begin(&mut self) {
        let (Some(first), false) = (self.verdict.first, self.begin_is_known) else {
            return;
        };
        if self
            .verdict
            .faults
            .first()
            .is_some_and(|fault| fault.sequence > Some(first.saturating_add(1)))
        {
            return;
        }
        let what =
            format!("the log begins with line {first}, and no line of it says that those before it were removed");
        self.verdict.fault(codes::AUDIT_BEGIN, self.first_at, Some(first), what);
        self.verdict.faults.rotate_right(1);
    }

    fn check_end(&mut self, end: Option<At>, now: Option<Head>) {
        let last = self.verdict.last.map_or(0, |last| last.sequence);
        let said_already = !self.verdict.faults.is_empty();
        let (at, sequence, what) = match (self.verdict.known, now) {
            // The state is told of the first line before there is a second one.
            (None, None) if last > 1 => {
                let what = "the host's state does not know where the log ends, so lines may be missing after this one";
                (end, last, what.to_owned())
            }
            (Some(Head { sequence, .. }), _) if sequence > last => {
                let what = format!("the log ends with line {last}, and the host's state knows lines up to {sequence}");
                (end, sequence, what)
            }
            (Some(Head { sequence, .. }), _) if self.other_head.is_some() && !said_already => {
                let what = format!("line {sequence} is not the one that the host's state knows");
                (self.other_head, sequence, what)
            }
            (_, Some(Head { sequence, .. })) if last > sequence.saturating_add(MAX_AHEAD) => {
                let what = format!(
                    "the log ends with line {last}, and the host's state knows lines up to {sequence}: more were added than by \
                     a host that is stopped"
                );
                (end, last, what)
            }
            _ => return,
        };
        self.verdict.fault(codes::AUDIT_END, at, Some(sequence), what);
    }
}
