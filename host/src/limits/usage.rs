//! What a command used of each limit.

use serde::{Deserialize, Serialize};

use super::{Limit, LimitName, Limits, show_amount};

/// What was used of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Which limit.
    pub name: LimitName,
    /// What was allowed, and by which rule.
    pub limit: Limit,
    /// The most that was in use at one time, or the sum for times and streams, in the limit's unit. `None` where the
    /// engine enforces the limit without telling how near it came.
    pub used: Option<u64>,
    /// Whether the command was refused something, stopped or cut because of this limit.
    pub reached: bool,
}

/// What was used of one part of a granted folder's quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaUse {
    /// The most that the command could add.
    pub limit: u64,
    /// The most that it had added at one time.
    pub used: u64,
    /// Whether it was refused more.
    pub reached: bool,
}

/// What a command added to a granted folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderUse {
    /// The folder, as the handler sees it.
    pub folder: String,
    /// Bytes of files and links.
    pub bytes: QuotaUse,
    /// Files, folders and links.
    pub files: QuotaUse,
    /// Folders in one another.
    pub depth: QuotaUse,
}

/// What a command used of every limit, in the order of [`LimitName::ALL`], and what it added to granted folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    limits: Vec<Use>,
    #[serde(default)]
    folders: Vec<FolderUse>,
}

impl Usage {
    /// Nothing used yet of `limits`.
    pub(crate) fn new(limits: &Limits) -> Self {
        let unused = |name| Use {
            name,
            limit: limits.get(name),
            used: None,
            reached: false,
        };
        Self {
            limits: LimitName::ALL.into_iter().map(unused).collect(),
            folders: vec![],
        }
    }

    /// Records that `used` was used of `name`.
    pub(crate) fn record(&mut self, name: LimitName, used: u64) {
        self.limits[name as usize].used = Some(used);
    }

    /// Records that `name` was reached.
    pub(crate) fn reach(&mut self, name: LimitName) {
        self.limits[name as usize].reached = true;
    }

    /// Records what was added to a granted folder.
    pub(crate) fn record_folder(&mut self, folder: FolderUse) {
        self.folders.push(folder);
    }

    /// What was added to each granted folder that can be written in.
    pub fn folders(&self) -> &[FolderUse] {
        &self.folders
    }

    /// What was used of `name`.
    pub fn get(&self, name: LimitName) -> Use {
        self.limits[name as usize]
    }

    /// One line for each limit.
    pub fn iter(&self) -> impl Iterator<Item = &Use> {
        self.limits.iter()
    }
}

/// A limit that was reached: the one shape in which that is said everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitReached {
    /// Which limit.
    pub name: LimitName,
    /// What was allowed, and by which rule.
    pub limit: Limit,
    /// What was in use, in the limit's unit, where the engine tells.
    pub used: Option<u64>,
    /// What was asked for on top, in the limit's unit, where one request went beyond.
    pub asked: Option<u64>,
}

impl LimitReached {
    /// A limit that was reached with nothing known of use or request.
    pub(crate) fn new(name: LimitName, limits: &Limits) -> Self {
        Self {
            name,
            limit: limits.get(name),
            used: None,
            asked: None,
        }
    }
}

impl std::fmt::Display for LimitReached {
    /// What, limit, use, asked for, rule, code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = self.name.unit();
        write!(
            f,
            "limit {} of {} reached",
            self.name.name(),
            show_amount(self.limit.value, unit)
        )?;
        if let Some(used) = self.used {
            write!(f, ", {} used", show_amount(used, unit))?;
        }
        if let Some(asked) = self.asked {
            write!(f, ", {} asked for", show_amount(asked, unit))?;
        }
        write!(f, ", set by {} [{}]", self.limit.rule.describe(), self.name.code())
    }
}
