//! `ReplicationStatusList`: in which regions a version has arrived.

use super::{read, refused, text_or_empty};
use crate::{Refused, Source, escape_bounded, xml::write::Writer};

/// How far a version is in a region. Only `Completed` is documented; the others are this project's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReplicationState {
    /// `Pending`: nothing was done yet.
    Pending,
    /// `InProgress`: it is being copied, or will be tried again.
    InProgress,
    /// `Completed`: it is there, and was read back.
    Completed,
    /// `Failed`: it is not tried any more.
    Failed,
}

impl ReplicationState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Pending, Self::InProgress, Self::Completed, Self::Failed];

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word)
    }
}

/// A region and the state there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionReplication {
    /// `Location`: the region.
    pub location: String,
    /// `Status`
    pub state: ReplicationState,
}

/// All regions of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplicationStatusList {
    /// The regions.
    pub regions: Vec<RegionReplication>,
}

const ROOT: &str = "ReplicationStatusList";

impl ReplicationStatusList {
    /// Whether the version is in every region.
    pub fn is_completed(&self) -> bool {
        self.regions
            .iter()
            .all(|region| region.state == ReplicationState::Completed)
    }

    /// The document.
    pub fn to_xml(&self) -> String {
        Writer::document(ROOT, |writer| {
            for region in &self.regions {
                writer.element("ReplicationStatus", |writer| {
                    writer.text("Location", &region.location);
                    writer.text("Status", region.state.name());
                });
            }
        })
    }

    /// Reads the document.
    ///
    /// # Errors
    /// What is not XML or not such a list, and a word that is none of the four.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        let root = read(source, ROOT)?;
        let regions = root.children("ReplicationStatus").map(|row| {
            let word = text_or_empty(row, "Status");
            let state = ReplicationState::parse(&word).ok_or_else(|| {
                let what = format!("its `Status` is `{}`", escape_bounded(&word, 80));
                refused(source, row, what)
            })?;
            Ok(RegionReplication {
                location: text_or_empty(row, "Location"),
                state,
            })
        });
        Ok(Self {
            regions: regions.collect::<Result<_, Refused>>()?,
        })
    }
}
