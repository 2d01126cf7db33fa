//! A case: one rule of the contract and the steps that show whether a handler keeps it.

use hostler_contract::Command;
use serde::Deserialize;

use super::Expectation;

/// One rule, and how it is tried. Read from JSON; unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    /// The rule's name: words of small letters and digits with dots and hyphens, `enable.twice`.
    pub rule: String,
    /// The section of the contract (`docs/contract.md`) that says so, `7.3`.
    pub contract: String,
    /// What the rule says, in one sentence.
    pub says: String,
    /// What would be right, for whoever broke it.
    pub right: String,
    /// Rules that have to hold before this one can be tried: their breach is not this one's.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Only for handlers of this kind; for all unless said.
    #[serde(default)]
    pub only: Only,
    /// What is done, in order, with a handler that was just put in place.
    pub steps: Vec<Step>,
}

/// Which handlers a rule is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Every handler.
    #[default]
    All,
    /// Those whose manifest says `reportHeartbeat`.
    Heartbeat,
    /// Components: what is done to them cannot be done to a process of the machine.
    Components,
}

/// One step of a case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// What is done.
    #[serde(rename = "do")]
    pub action: StepAction,
    /// Which of the two versions does it; the one that is put in place first unless said.
    #[serde(default)]
    pub of: Whose,
    /// Number of the settings; 1 unless said.
    #[serde(default = "one")]
    pub number: u32,
    /// What the settings file of that number holds; those given to the kit unless said.
    #[serde(default)]
    pub settings: SettingsKind,
    /// What is in the handler's way.
    #[serde(default)]
    pub fault: Option<Fault>,
    /// What has to be seen. A step that expects nothing is there for what it leaves behind.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Whether a breach here is a reason not to try the rule, and not a breach of it.
    #[serde(default)]
    pub premise: bool,
}

fn one() -> u32 {
    1
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepAction {
    /// Runs that command.
    Install,
    /// Runs that command, with the settings of the step.
    Enable,
    /// Runs that command.
    Update,
    /// Runs that command.
    Disable,
    /// Runs that command.
    Uninstall,
    /// Lets the service run until it has written a heartbeat, for half a minute at most, and stops it. Does nothing
    /// where the handler has none.
    Service,
    /// Puts a file of the kit's own into the data folder, which nobody else may take away.
    MarkData,
    /// Says of every file that the handler left that it was written in the year 2100, and of its settings in 1970.
    OddFileTimes,
}

impl StepAction {
    /// The command that it runs.
    pub fn command(self) -> Option<Command> {
        match self {
            Self::Install => Some(Command::Install),
            Self::Enable => Some(Command::Enable),
            Self::Update => Some(Command::Update),
            Self::Disable => Some(Command::Disable),
            Self::Uninstall => Some(Command::Uninstall),
            Self::Service | Self::MarkData | Self::OddFileTimes => None,
        }
    }

    /// The word in a case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::MarkData => "mark-data",
            Self::OddFileTimes => "odd-file-times",
            _ => self.command().map_or("", Command::name),
        }
    }
}

/// Which version of the handler: both are the same package.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// The one that is there first.
    #[default]
    Old,
    /// The one that it is updated to, put in place when it is first named.
    New,
}

/// What a settings file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingsKind {
    /// The settings that the kit was given.
    #[default]
    Given,
    /// Nothing, as for a goal state without settings (contract 4.1).
    None,
    /// There is no such file.
    Missing,
    /// The beginning of the settings that the kit was given, as a full disk leaves it.
    CutOff,
    /// This text.
    Text(String),
}

/// What is in a command's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Nothing can be written any more: not one byte more fits.
    FullDisk,
    /// Its folders cannot be written in. A native program finds the name of its status file taken by a folder, since a
    /// kit that runs as root cannot take it the right to write.
    NoWriteAccess,
    /// It is stopped after a quarter of the time that enable took before; a native program at the first change that it
    /// makes to its folders.
    StoppedEarly,
    /// It is stopped after half of the time that enable took before.
    StoppedLater,
    /// Its clock says 1970. Only components.
    #[serde(rename = "clock-1970")]
    Clock1970,
    /// Its clock says 2100. Only components.
    #[serde(rename = "clock-2100")]
    Clock2100,
}
