//! Something that takes part in a comparison.

use std::fmt;
use std::time::Duration;

/// A name, and what does the work once and says how long it took.
///
/// What it needs to get ready, and the look at whether the work was done, lie in the same call and outside of the time.
pub struct Contender<'a> {
    pub(crate) name: String,
    pub(crate) run: Box<dyn FnMut() -> anyhow::Result<Duration> + 'a>,
}

impl<'a> Contender<'a> {
    /// One that is called `name` in tables.
    pub fn new(name: impl Into<String>, run: impl FnMut() -> anyhow::Result<Duration> + 'a) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

impl fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
