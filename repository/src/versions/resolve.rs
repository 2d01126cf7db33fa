//! Which version answers a wish (10.1): as the agents did that resolved for themselves.

use hostler_contract::Version;

/// A version that can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The version.
    pub version: Version,
    /// Whether only who asks for exactly it gets it.
    pub internal: bool,
    /// Whether it cannot be reached from another major version.
    pub disallow_major_version_upgrade: bool,
}

/// What a machine has and wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The version asked for; missing numbers count as 0.
    pub requested: Version,
    /// The version that is there; the one asked for when nothing is.
    pub installed: Option<Version>,
    /// Whether a newer minor version is welcome.
    pub auto_upgrade: bool,
    /// Whether it is to go: then it is the one that is there.
    pub uninstall: bool,
}

/// The candidate that answers `wish`; `None` where no package is valid.
///
/// Fixes (the third and fourth number) always arrive, a new minor version where it is welcome, a new major one only when
/// asked for, and not where it says that it cannot be reached. Nothing goes back to a lower version as long as the one
/// that is there is offered.
pub fn resolve<'c>(candidates: &'c [Candidate], wish: &Wish) -> Option<&'c Candidate> {
    let requested = &wish.requested;
    let installed = wish.installed.as_ref().unwrap_or(requested);
    let is_there = candidates.iter().find(|candidate| candidate.version == *installed);
    if wish.uninstall {
        return is_there;
    }
    let preferred = requested.max(installed);
    let major = |version: &Version| version.parts()[0];
    let minor = |version: &Version| version.parts()[1];
    let to_major = major(preferred) > major(installed);
    let greatest_public = |fits: &dyn Fn(&Candidate) -> bool| {
        let public = candidates
            .iter()
            .filter(|candidate| !candidate.internal && fits(candidate));
        public.max_by(|one, other| one.version.cmp(&other.version))
    };
    let internal = candidates
        .iter()
        .find(|candidate| candidate.internal && candidate.version == *requested);
    let public = greatest_public(&|candidate| {
        major(&candidate.version) == major(preferred)
            && !(candidate.disallow_major_version_upgrade && to_major)
            && (wish.auto_upgrade || minor(&candidate.version) == minor(preferred))
    });
    let public = match (internal, public) {
        (None, None) => greatest_public(&|candidate| major(&candidate.version) == major(installed)),
        (_, public) => public,
    };
    let chosen = match (internal, public) {
        (Some(internal), Some(public)) if public.version > internal.version => Some(public),
        (Some(internal), _) => Some(internal),
        (None, public) => public,
    };
    match (chosen, is_there) {
        (Some(chosen), Some(there)) if chosen.version < *installed => Some(there),
        (None, there) => there,
        (chosen, _) => chosen,
    }
}
