//! A probe: what is tried, and how what came of it is judged.

use super::seen::{Ran, RefusedSeen};
use super::{Promise, forged};
use crate::limits::LimitName;
use crate::sandbox::Attempt;

/// What a probe is aimed at, as the attacker is told it in `outside`: a folder with a file `canary` in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A folder beside the root.
    Outside,
    /// The root's folder `keys`.
    Keys,
    /// The data folder of another handler.
    OthersData,
    /// The settings of another handler.
    OthersConfig,
}

/// A check of what came of a command: the evidence where the promise was held, else what broke it.
pub(super) type CheckRan = fn(&Ran) -> Result<String, String>;

/// A check of what came of a package that must be refused.
pub(super) type CheckRefused = fn(&RefusedSeen) -> Result<String, String>;

/// A package that is made from the hostile one, or in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// The hostile package with one bit of its content changed.
    Changed,
    /// The hostile package without its end.
    CutShort,
    /// An entry `../evil` besides what is needed.
    EntryOutside,
    /// A name that two entries have.
    NameTwice,
    /// An entry that is a symbolic link.
    Link,
    /// Native code under the name of the component.
    NativeCode,
    /// A core module under the name of the component.
    CoreModule,
    /// An entry whose name is long and full of control characters.
    NameThatActs,
}

impl Forgery {
    /// The bytes, where `hostile` is the hostile package.
    pub fn bytes(self, hostile: &[u8]) -> Vec<u8> {
        forged::bytes(self, hostile)
    }
}

/// How a promise is tried.
#[derive(Debug, Clone)]
pub enum Try {
    /// By a verb of the hostile component.
    Verb {
        /// Which.
        verb: &'static str,
        /// Its parameters, as a JSON object.
        parameters: &'static str,
        /// What it is aimed at.
        target: Option<Target>,
        /// Limits that are lowered for it, in their units.
        limits: &'static [(LimitName, u64)],
        /// What must have come of it.
        check: CheckRan,
    },
    /// By a package that must be refused.
    Package {
        /// Which.
        forgery: Forgery,
        /// What must have come of it.
        check: CheckRefused,
    },
    /// By native code in a worker.
    Native(Attempt),
    /// By changing compiled code that is kept.
    KeptCode,
}

/// Something that is tried.
#[derive(Debug, Clone)]
pub struct Probe {
    /// Its name: stable, for machines.
    pub name: &'static str,
    /// The promise on which it bears.
    pub promise: Promise,
    /// What is tried, in one sentence without a full stop.
    pub tries: &'static str,
    /// How.
    pub how: Try,
}

impl Probe {
    /// A verb without parameters.
    pub(super) fn verb(
        promise: Promise,
        name: &'static str,
        verb: &'static str,
        tries: &'static str,
        check: CheckRan,
    ) -> Self {
        let how = Try::Verb {
            verb,
            parameters: "{}",
            target: None,
            limits: &[],
            check,
        };
        Self {
            name,
            promise,
            tries,
            how,
        }
    }

    /// The verb with those parameters.
    pub(super) fn with(mut self, json: &'static str) -> Self {
        if let Try::Verb { parameters, .. } = &mut self.how {
            *parameters = json;
        }
        self
    }

    /// The verb, aimed at `at`.
    pub(super) fn at(mut self, at: Target) -> Self {
        if let Try::Verb { target, .. } = &mut self.how {
            *target = Some(at);
        }
        self
    }

    /// The verb within those limits.
    pub(super) fn within(mut self, lowered: &'static [(LimitName, u64)]) -> Self {
        if let Try::Verb { limits, .. } = &mut self.how {
            *limits = lowered;
        }
        self
    }

    /// A package that must be refused.
    pub(super) fn package(
        promise: Promise,
        name: &'static str,
        forgery: Forgery,
        tries: &'static str,
        check: CheckRefused,
    ) -> Self {
        let how = Try::Package { forgery, check };
        Self {
            name,
            promise,
            tries,
            how,
        }
    }

    /// An attempt of native code in a worker.
    pub(super) fn native(promise: Promise, attempt: Attempt) -> Self {
        Self {
            name: attempt.name(),
            promise,
            tries: attempt.tries(),
            how: Try::Native(attempt),
        }
    }
}
