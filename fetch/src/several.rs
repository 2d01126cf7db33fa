//! Several locations, tried until one gives something usable (contract 1.4).

use std::{thread, time::Duration};

use hostler_contract::{Code, Finding, Place, Refused, codes};

use crate::{Expected, FetchError, FetchLimits, Fetched, Fetcher, Location, limits::Deadline};

/// Pauses before the second and the third round.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];

/// Why a location was not used.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// It gave nothing.
    #[error(transparent)]
    Failed(#[from] FetchError),
    /// It gave something that the caller refused, for example a package that is no zip.
    #[error("{}: {refused}", location.display())]
    Refused {
        /// The location that was asked for.
        location: Location,
        /// What the caller found.
        refused: Refused,
    },
}

impl Why {
    fn refused(location: &Location, refused: Refused) -> Self {
        Self::Refused {
            location: location.clone(),
            refused,
        }
    }
}

/// One location, tried once.
#[derive(Debug)]
pub struct Attempt {
    /// The location as it stands in the list.
    pub location: Location,
    /// The round, from 1 to 3.
    pub round: usize,
    /// Why it was not used.
    pub why: Why,
}

/// No location gave anything usable. As text it is the last error, which is what belongs after `Failed to download H-V from
/// all URIs. Last error: ` (contract 1.4).
#[derive(Debug, thiserror::Error)]
#[error("{}", last_error(attempts))]
pub struct AllFailed {
    attempts: Vec<Attempt>,
}

fn last_error(attempts: &[Attempt]) -> String {
    attempts.last().map_or_else(
        || "there is no location to fetch from".to_owned(),
        |last| last.why.to_string(),
    )
}

impl AllFailed {
    /// Everything that was tried, in order. Empty only if there was no location at all.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The code of the last error; `download.location` if there was no location at all.
    pub fn code(&self) -> Code {
        match self.attempts.last().map(|last| &last.why) {
            Some(Why::Failed(error)) => error.code(),
            Some(Why::Refused { refused, .. }) => refused.first().code(),
            None => codes::DOWNLOAD_LOCATION,
        }
    }

    /// The last error as a refusal.
    pub fn finding(&self) -> Finding {
        match self.attempts.last().map(|last| &last.why) {
            Some(Why::Failed(error)) => error.finding(),
            Some(Why::Refused { refused, .. }) => refused.first().clone(),
            None => Finding::refusal(
                codes::DOWNLOAD_LOCATION,
                "locations",
                Place::Whole,
                self.to_string(),
                "name at least one",
            ),
        }
    }
}

impl Fetcher {
    /// Tries `locations` in their order until `accept` takes what one of them gave, and returns what `accept` made of it.
    ///
    /// Those that failed in a way that [may pass](FetchError::may_pass) are tried again 0.5 s after the first round and
    /// 1.5 s after the second, as long as `limits.budget` lasts; what `accept` does counts towards it and is not
    /// interrupted. Something of another digest or size than `expected` does not come to `accept`, and neither that nor
    /// what `accept` refused is tried again. `accept` gets the location as it stands in the list; where the bytes came from
    /// in the end stands in [`Fetched`].
    ///
    /// # Errors
    /// Every attempt and why it failed: as for [`fetch`](Self::fetch), and `download.digest`, `download.size`, or what
    /// `accept` said. When the budget is used up, the location whose turn it is fails with `download.timeout` and is the
    /// last.
    ///
    /// # Panics
    /// As [`fetch`](Self::fetch).
    pub fn fetch_any<T>(
        &self,
        locations: &[Location],
        limits: FetchLimits,
        expected: &Expected,
        mut accept: impl FnMut(&Location, Fetched) -> Result<T, Refused>,
    ) -> Result<T, AllFailed> {
        let deadline = Deadline::after(limits.budget);
        let mut attempts = Vec::new();
        let mut left: Vec<&Location> = locations.iter().collect();
        for round in 1..=PAUSES.len() + 1 {
            let mut again = Vec::new();
            for location in left {
                let why = match self.fetch_before(location, limits, *expected, deadline) {
                    Ok(fetched) => match accept(location, fetched) {
                        Ok(accepted) => return Ok(accepted),
                        Err(refused) => Why::refused(location, refused),
                    },
                    Err(error) => Why::Failed(error),
                };
                match &why {
                    Why::Failed(error) if error.may_pass() => again.push(location),
                    Why::Failed(_) | Why::Refused { .. } => (),
                }
                let is_over = matches!(&why, Why::Failed(error) if error.is_over_budget());
                attempts.push(Attempt {
                    location: location.clone(),
                    round,
                    why,
                });
                if is_over {
                    return Err(AllFailed { attempts });
                }
            }
            left = again;
            match PAUSES.get(round - 1) {
                Some(pause) if !left.is_empty() && deadline.left() > *pause => thread::sleep(*pause),
                _ => break,
            }
        }
        Err(AllFailed { attempts })
    }
}
