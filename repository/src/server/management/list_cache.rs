//! Lists that were put together, kept until any version changes.
//!
//! A list grows with the number of versions, and is asked for much more often than a version changes. Whether one is
//! still true is asked of the records each time, so that a change made by another server counts at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;

/// Bytes of lists that are kept at most.
pub(super) const MOST: usize = 32 << 20;

/// Lists by their names, of one state of the records.
#[derive(Debug, Default)]
pub(in super::super) struct ListCache {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    generation: i64,
    bytes: usize,
    lists: HashMap<String, Bytes>,
}

impl ListCache {
    /// The list `name` as it is in this generation of the records, if it is kept.
    pub(super) fn get(&self, generation: i64, name: &str) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let list = (kept.generation == generation).then(|| kept.lists.get(name));
        list.flatten().cloned()
    }

    /// Keeps a list that was put together after `generation` was read.
    pub(super) fn keep(&self, generation: i64, name: &str, list: Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != generation || kept.bytes.saturating_add(list.len()) > MOST {
            *kept = Kept {
                generation,
                ..Kept::default()
            };
        }
        if list.len() <= MOST {
            kept.bytes += list.len();
            if let Some(before) = kept.lists.insert(name.to_owned(), list) {
                kept.bytes -= before.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::{ListCache, MOST};

    #[test]
    fn a_list_is_kept_as_long_as_nothing_changes() {
        let cache = ListCache::default();
        assert_eq!(cache.get(1, "a"), None);
        cache.keep(1, "a", Bytes::from_static(b"one"));
        assert_eq!(cache.get(1, "a"), Some(Bytes::from_static(b"one")));
        assert_eq!(cache.get(2, "a"), None);
        cache.keep(2, "b", Bytes::from_static(b"two"));
        assert_eq!(cache.get(2, "a"), None);
        assert_eq!(cache.get(1, "a"), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let cache = ListCache::default();
        cache.keep(1, "large", Bytes::from(vec![0; MOST + 1]));
        assert_eq!(cache.get(1, "large"), None);
        for number in 0..5 {
            cache.keep(1, &number.to_string(), Bytes::from(vec![0; MOST / 2]));
        }
        let kept = (0..5)
            .filter(|number| cache.get(1, &number.to_string()).is_some())
            .count();
        assert!((1..=2).contains(&kept), "{kept}");
    }
}
