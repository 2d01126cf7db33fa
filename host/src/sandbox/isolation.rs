//! Where components run, and what stands between them and the machine besides the sandbox itself (design D7).

use serde::{Deserialize, Serialize};

/// Where components run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// Each command in a process of its own that has locked itself down; packages are opened and components compiled in
    /// others.
    Worker,
    /// In hostler's own process: for embedding, tests and measurements.
    InProcess,
}

impl Isolation {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Worker, Self::InProcess];

    /// The word for it on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::InProcess => "in-process",
        }
    }
}

/// The least isolation with which anything is run; each is more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequiredIsolation {
    /// The sandbox alone.
    None,
    /// A process of its own with resource limits.
    Process,
    /// That, with Landlock around its files and a filter of system calls.
    Full,
}

impl RequiredIsolation {
    /// Every one, the least first.
    pub const ALL: [Self; 3] = [Self::None, Self::Process, Self::Full];

    /// The word for it on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Process => "process",
            Self::Full => "full",
        }
    }
}

/// A layer between a component and the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerName {
    /// A process of its own: no environment, no descriptors but its own, gone with its parent, not to be traced.
    Process,
    /// The system's resource limits on that process.
    Rlimits,
    /// Landlock: of all files only those of its folders, no TCP, no signals to others.
    Landlock,
    /// A filter of system calls.
    Seccomp,
}

impl LayerName {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Rlimits => "rlimits",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
        }
    }
}

/// How far a layer is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerState {
    /// All of it.
    On,
    /// What this kernel has of it.
    Partly,
    /// Not at all.
    Off,
}

impl LayerState {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Partly => "partly",
            Self::Off => "off",
        }
    }
}

/// A layer as a worker found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Which.
    pub name: LayerName,
    /// How far it is there.
    pub state: LayerState,
    /// Its version, or what of it holds, in a few words.
    pub version: String,
}

/// Where components run here, and behind which layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IsolationReport {
    /// Where.
    pub mode: Isolation,
    /// What that comes to: the most that `--require-isolation` could ask for.
    pub level: RequiredIsolation,
    /// One line for each layer.
    pub layers: Vec<Layer>,
}

/// The first version of Landlock that keeps a file from being cut short, as writing does from being written.
const LANDLOCK_WHOLE: u32 = 3;

impl IsolationReport {
    /// No layer at all.
    pub fn in_process() -> Self {
        let layer = |name| Layer {
            name,
            state: LayerState::Off,
            version: "in hostler's own process".to_owned(),
        };
        Self {
            mode: Isolation::InProcess,
            level: RequiredIsolation::None,
            layers: [
                LayerName::Process,
                LayerName::Rlimits,
                LayerName::Landlock,
                LayerName::Seccomp,
            ]
            .map(layer)
            .to_vec(),
        }
    }

    /// The layers of a worker that is under that version of Landlock (0 for none) and may have a filter.
    pub(super) fn of_worker(landlock: u32, seccomp: bool) -> Self {
        let (landlock_state, landlock_text) = match landlock {
            0 => (LayerState::Off, "the kernel has none".to_owned()),
            version if version < LANDLOCK_WHOLE => (
                LayerState::Partly,
                format!("version {version}: files can be cut short where they cannot be written"),
            ),
            version => (LayerState::On, format!("version {version}")),
        };
        let (seccomp_state, seccomp_text) = if seccomp {
            (LayerState::On, "only what a worker needs".to_owned())
        } else {
            (LayerState::Off, "the kernel or a container refuses it".to_owned())
        };
        let full = landlock_state == LayerState::On && seccomp_state == LayerState::On;
        let layer = |name, state, version: &str| Layer {
            name,
            state,
            version: version.to_owned(),
        };
        Self {
            mode: Isolation::Worker,
            level: if full {
                RequiredIsolation::Full
            } else {
                RequiredIsolation::Process
            },
            layers: vec![
                layer(LayerName::Process, LayerState::On, "one for each command"),
                layer(
                    LayerName::Rlimits,
                    LayerState::On,
                    "memory, processor time, file size, descriptors, no core",
                ),
                layer(LayerName::Landlock, landlock_state, &landlock_text),
                layer(LayerName::Seccomp, seccomp_state, &seccomp_text),
            ],
        }
    }

    /// What is missing for `required`: `None` when nothing is.
    pub fn lacks(&self, required: RequiredIsolation) -> Option<String> {
        if self.level >= required {
            return None;
        }
        if self.mode == Isolation::InProcess {
            return Some("components would run in hostler's own process".to_owned());
        }
        let missing: Vec<_> = self
            .layers
            .iter()
            .filter(|layer| layer.state != LayerState::On)
            .map(|layer| format!("{} is {} ({})", layer.name.name(), layer.state.name(), layer.version))
            .collect();
        Some(missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_follows_from_the_layers() {
        let cases = [
            (7, true, RequiredIsolation::Full, None),
            (2, true, RequiredIsolation::Process, Some("landlock is partly")),
            (0, true, RequiredIsolation::Process, Some("landlock is off")),
            (7, false, RequiredIsolation::Process, Some("seccomp is off")),
        ];
        for (landlock, seccomp, level, lacks) in cases {
            let report = IsolationReport::of_worker(landlock, seccomp);
            assert_eq!(report.level, level, "{landlock} {seccomp}");
            assert_eq!(report.lacks(RequiredIsolation::Process), None);
            let said = report.lacks(RequiredIsolation::Full);
            assert_eq!(said.is_some(), lacks.is_some());
            assert!(said.unwrap_or_default().contains(lacks.unwrap_or_default()));
        }
        let none = IsolationReport::in_process();
        assert_eq!(none.lacks(RequiredIsolation::None), None);
        assert!(none.lacks(RequiredIsolation::Process).is_some());
    }
}
