//! Checking a document by its kind, for tools that look at files before anybody uses them.

use crate::{
    Checked, DefinitionFile, ExtensionsConfig, FabricGoalState, Finding, HandlerEnvironment, Heartbeat, Manifest,
    Refused, Settings, Source, StatusDocument, notes::Notes, version_manifest::VersionManifest,
    vm_settings::VmSettings,
};

/// A kind of document that the contract knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// `HandlerManifest.json`
    HandlerManifest,
    /// `HandlerEnvironment.json`
    HandlerEnvironment,
    /// A settings file, `<number>.settings`.
    Settings,
    /// A status file, `<number>.status`.
    Status,
    /// A heartbeat file.
    Heartbeat,
    /// A goal state in the vmSettings form.
    VmSettings,
    /// A goal state in the ExtensionsConfig form.
    ExtensionsConfig,
    /// A goal state of the fabric, which names an ExtensionsConfig.
    GoalState,
    /// A version manifest.
    VersionManifest,
    /// A definition file, with or without the later wrapper.
    Definition,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::HandlerManifest,
        Self::HandlerEnvironment,
        Self::Settings,
        Self::Status,
        Self::Heartbeat,
        Self::VmSettings,
        Self::ExtensionsConfig,
        Self::GoalState,
        Self::VersionManifest,
        Self::Definition,
    ];

    /// The name that people type, for example `handler-manifest`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HandlerManifest => "handler-manifest",
            Self::HandlerEnvironment => "handler-env",
            Self::Settings => "settings",
            Self::Status => "status",
            Self::Heartbeat => "heartbeat",
            Self::VmSettings => "vm-settings",
            Self::ExtensionsConfig => "extensions-config",
            Self::GoalState => "goal-state",
            Self::VersionManifest => "version-manifest",
            Self::Definition => "definition",
        }
    }

    /// The kind of this name; `handler-environment` is taken for `handler-env` too.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "handler-environment" => Some(Self::HandlerEnvironment),
            _ => Self::ALL.into_iter().find(|kind| kind.name() == name),
        }
    }

    /// The kind that a file of this name most likely is, without regard to case.
    pub fn guess(file_name: &str) -> Option<Self> {
        let name = file_name.to_ascii_lowercase();
        let ends = |ending: &str| name.ends_with(ending);
        if name.starts_with("handlermanifest.json") {
            Some(Self::HandlerManifest)
        } else if name.starts_with("handlerenvironment") && ends(".json") {
            Some(Self::HandlerEnvironment)
        } else if ends(".settings") {
            Some(Self::Settings)
        } else if ends(".status") {
            Some(Self::Status)
        } else if name.contains("heartbeat") {
            Some(Self::Heartbeat)
        } else if (name.starts_with("vmsettings") || name.starts_with("vm_settings")) && ends(".json") {
            Some(Self::VmSettings)
        } else if (name.starts_with("extensionsconfig") || name.starts_with("ext_conf")) && ends(".xml") {
            Some(Self::ExtensionsConfig)
        } else if (name.starts_with("goalstate") || name.starts_with("goal_state")) && ends(".xml") {
            Some(Self::GoalState)
        } else if name.contains("definition") && ends(".xml") {
            Some(Self::Definition)
        } else if name.contains("manifest") && ends(".xml") {
            Some(Self::VersionManifest)
        } else {
            None
        }
    }

    /// The kind of a document of this name and content: as [`guess`](Self::guess), but a definition is known by its
    /// outermost element, since publishers call it `manifest.xml` as others do the version manifest.
    pub fn guess_with(file_name: &str, bytes: &[u8]) -> Option<Self> {
        let guess = Self::guess(file_name);
        let is_xml = file_name.to_ascii_lowercase().ends_with(".xml");
        match crate::xml::root_name(bytes).as_deref() {
            Some("ExtensionImage" | "ExtensionInfo") if is_xml => Some(Self::Definition),
            Some("PluginVersionManifest") if is_xml => Some(Self::VersionManifest),
            _ => guess,
        }
    }
}

/// Everything there is to say about a document, in its order; nothing for one that is fine.
///
/// A handler manifest is also asked for what would fail only once it is needed ([`Manifest::check_complete`]).
pub fn check(kind: DocumentKind, source: Source<'_>) -> Vec<Finding> {
    match kind {
        DocumentKind::HandlerManifest => match Manifest::parse(source) {
            Ok(Checked { value, mut warnings }) => {
                warnings.extend(value.check_complete());
                warnings
            }
            Err(refused) => refused.findings().to_vec(),
        },
        DocumentKind::HandlerEnvironment => findings(HandlerEnvironment::parse(source)),
        DocumentKind::Settings => findings(Settings::parse(source)),
        DocumentKind::Status => findings(StatusDocument::parse(source)),
        DocumentKind::Heartbeat => findings(Heartbeat::parse(source)),
        DocumentKind::VmSettings => of_goal_state(VmSettings::parse(source), source.file),
        DocumentKind::ExtensionsConfig => {
            let parsed = ExtensionsConfig::parse(source).map(|Checked { value, warnings }| Checked {
                value: value.settings,
                warnings,
            });
            of_goal_state(parsed, source.file)
        }
        DocumentKind::GoalState => findings(FabricGoalState::parse(source)),
        DocumentKind::VersionManifest => findings(VersionManifest::parse(source)),
        DocumentKind::Definition => findings(DefinitionFile::parse(source)),
    }
}

fn findings<T>(parsed: Result<Checked<T>, Refused>) -> Vec<Finding> {
    match parsed {
        Ok(Checked { warnings, .. }) => warnings,
        Err(refused) => refused.findings().to_vec(),
    }
}

/// A goal state's own findings, those of its bad entries, and those of the settings in the others.
fn of_goal_state(parsed: Result<Checked<VmSettings>, Refused>, file: &str) -> Vec<Finding> {
    let Checked { value, warnings } = match parsed {
        Ok(checked) => checked,
        Err(refused) => return refused.findings().to_vec(),
    };
    let mut notes = Notes::new(file, warnings);
    for entry in &value.handlers {
        let refused: Vec<&Refused> = match entry {
            Ok(handler) => handler
                .settings
                .iter()
                .filter_map(|extension| extension.settings.as_ref().err())
                .collect(),
            Err(bad) => vec![&bad.refused],
        };
        for finding in refused.into_iter().flat_map(Refused::findings) {
            notes.take(finding.clone());
        }
    }
    notes.into_findings()
}
