//! A source whose document may be the fabric's goal state, which only names the one that counts.

use std::sync::Arc;

use hostler_fetch::Fetcher;

use super::{Document, Look, Source};
use crate::goal_state::follow;

/// What another source gives, followed to where it leads. The fabric gives another goal state whenever what it names
/// becomes another, so that is fetched once for each.
pub struct FollowedSource {
    inner: Box<dyn Source>,
    fetcher: Arc<Fetcher>,
    /// The digest of what was followed last, and where it led to.
    last: Option<([u8; 32], Document)>,
}

impl FollowedSource {
    /// What `inner` gives; what that names is had from `fetcher`.
    pub fn new(inner: Box<dyn Source>, fetcher: Arc<Fetcher>) -> Self {
        Self {
            inner,
            fetcher,
            last: None,
        }
    }
}

impl Source for FollowedSource {
    fn look(&mut self) -> Look {
        let look = self.inner.look();
        let Some(found) = look.document else { return look };
        if let Some((digest, document)) = &self.last
            && *digest == found.digest
        {
            return Look {
                document: Some(document.clone()),
                ..look
            };
        }
        match follow(&self.fetcher, found.source.clone(), found.bytes.to_vec()) {
            Ok((source, bytes)) => {
                let document = Document::new(source, bytes);
                self.last = Some((found.digest, document.clone()));
                Look {
                    document: Some(document),
                    ..look
                }
            }
            Err(refused) => Look {
                document: None,
                findings: refused.findings().to_vec(),
            },
        }
    }
}
