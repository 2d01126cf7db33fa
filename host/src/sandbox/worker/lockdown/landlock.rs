//! Landlock: of the whole file system only what a job needs, no TCP, and no signals or sockets to others.

use std::os::fd::BorrowedFd;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
};

use super::LockdownError;
use super::process::OthersFiles;

/// The newest version whose rights are asked for; a kernel with an older one gives those that it has.
const VERSION: ABI = ABI::V7;

/// What may be done below a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::worker) enum Reach {
    /// List and read.
    Read,
    /// Also create, change, move and remove.
    Change,
    /// As `Read`, in a folder of the machine's that was granted.
    ReadOthers,
    /// As `Change`, in a folder of the machine's that was granted.
    ChangeOthers,
    /// Make files and folders, and write to them.
    Fill,
}

impl Reach {
    /// What it takes of files that belong to others.
    pub(super) fn needs(self) -> OthersFiles {
        match self {
            Self::Read | Self::Change | Self::Fill => OthersFiles::None,
            Self::ReadOthers => OthersFiles::Read,
            Self::ChangeOthers => OthersFiles::Change,
        }
    }

    fn rights(self) -> BitFlags<AccessFs> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let make = AccessFs::MakeReg | AccessFs::MakeDir | AccessFs::WriteFile;
        match self {
            Self::Read | Self::ReadOthers => read,
            Self::Change | Self::ChangeOthers => {
                read | make
                    | AccessFs::MakeSym
                    | AccessFs::RemoveFile
                    | AccessFs::RemoveDir
                    | AccessFs::Refer
                    | AccessFs::Truncate
            }
            Self::Fill => read | make,
        }
    }
}

fn refused(error: RulesetError) -> LockdownError {
    LockdownError::Landlock(error.to_string())
}

/// The layer that needs no job: no TCP, no signals to others, none of their abstract sockets. The result is the version
/// that is in force, 0 where the kernel has none.
///
/// Moving files between folders is denied by every set of rules that does not allow it, so this one does.
pub(super) fn deny_network_and_signals() -> Result<u32, LockdownError> {
    let everything = PathFd::new("/").map_err(|error| LockdownError::Landlock(error.to_string()))?;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessNet::from_all(VERSION))
        .and_then(|rules| rules.handle_access(AccessFs::Refer))
        .and_then(|rules| rules.scope(Scope::from_all(VERSION)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.add_rule(PathBeneath::new(everything, AccessFs::Refer)))
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(refused)?;
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u32,
        _ => 0,
    })
}

/// From here on nothing can be opened that does not lie below one of `reaches`.
pub(super) fn restrict(reaches: &[(BorrowedFd<'_>, Reach)]) -> Result<(), LockdownError> {
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(VERSION))
        .and_then(Ruleset::create)
        .map_err(refused)?;
    reaches
        .iter()
        .try_fold(rules, |rules, (folder, reach)| {
            rules.add_rule(PathBeneath::new(folder, reach.rights()))
        })
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(refused)?;
    Ok(())
}
