//! What must hold for all bytes that anybody could send: the bodies of the fuzz targets.
//!
//! Each is a plain function that panics when its promise is broken. `fuzz/` hands them the bytes that libFuzzer
//! thinks of, and an ordinary test those that it makes of the corpus, so that a target cannot rot unnoticed.

mod names;
mod text;
mod zip_import;

use hostler_contract::{
    Checked, DefinitionFile, DocumentKind, ExtensionImage, ExtensionsConfig, FabricGoalState, Heartbeat, Manifest,
    Refused, Settings, Severity, Source, StatusDocument, Verdict, VersionManifest, VmSettings, check,
    definition::MAX_DEFINITION_BYTES, escape,
};
use time::OffsetDateTime;

pub use names::{path_rules, seq_select};
pub use text::{command_line, json_agent, log_escape};
pub use zip_import::zip_import;

/// Most bytes of what is said about one thing, places and code included (O6).
const MAX_FINDING: usize = 4096;

/// Where inputs to begin with come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// The documents of the corpus that are of this kind.
    Documents(DocumentKind),
    /// All JSON documents of the corpus.
    Json,
    /// Archives, made by the forge.
    Archives,
    /// The command lines in the manifests of the corpus.
    CommandLines,
    /// Names of files in packages, good and bad.
    Names,
    /// Names of files in a settings folder.
    SettingsFiles,
    /// Components.
    Components,
    /// Names of imports.
    Imports,
    /// Values of `--limit`.
    Limits,
    /// Records of handlers.
    Records,
}

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct FuzzTarget {
    /// Its name, as `cargo fuzz run` takes it.
    pub name: &'static str,
    /// What is done with an input; panics when something does not hold that must.
    pub body: fn(&[u8]),
    /// Where inputs to begin with come from.
    pub seeds: Seeds,
}

/// All fuzz targets but those that need the host (`tests/tests/fuzz/of_host`).
pub const FUZZ_TARGETS: [FuzzTarget; 15] = [
    target("zip_import", zip_import, Seeds::Archives),
    target("manifest", manifest, Seeds::Documents(DocumentKind::HandlerManifest)),
    target("settings", settings, Seeds::Documents(DocumentKind::Settings)),
    target("status", status, Seeds::Documents(DocumentKind::Status)),
    target("heartbeat", heartbeat, Seeds::Documents(DocumentKind::Heartbeat)),
    target(
        "version_manifest",
        version_manifest,
        Seeds::Documents(DocumentKind::VersionManifest),
    ),
    target("vm_settings", vm_settings, Seeds::Documents(DocumentKind::VmSettings)),
    target(
        "extensions_config",
        extensions_config,
        Seeds::Documents(DocumentKind::ExtensionsConfig),
    ),
    target("definition", definition, Seeds::Documents(DocumentKind::Definition)),
    target("goal_state", goal_state, Seeds::Documents(DocumentKind::GoalState)),
    target("command_line", command_line, Seeds::CommandLines),
    target("log_escape", log_escape, Seeds::Json),
    target("json_agent", json_agent, Seeds::Json),
    target("path_rules", path_rules, Seeds::Names),
    target("seq_select", seq_select, Seeds::SettingsFiles),
];

const fn target(name: &'static str, body: fn(&[u8]), seeds: Seeds) -> FuzzTarget {
    FuzzTarget { name, body, seeds }
}

/// What is parsed is checked: a finding is there for every refusal, all are fit to be shown, and the verdict of a
/// check is the parser's. Gives the value, if there is one.
fn checked<T>(kind: DocumentKind, bytes: &[u8], parsed: Result<Checked<T>, Refused>) -> Option<T> {
    let all = check(kind, Source::new("input", bytes));
    for finding in &all {
        let text = finding.to_string();
        assert!(text.len() <= MAX_FINDING, "{} bytes: {text}", text.len());
        assert_eq!(escape(&text), text, "a finding acts on a terminal");
    }
    match parsed {
        Ok(Checked { value, warnings }) => {
            assert!(warnings.iter().all(|warning| warning.severity() == Severity::Warning));
            Some(value)
        }
        Err(refused) => {
            assert!(!refused.findings().is_empty(), "refused without a reason");
            assert_eq!(Verdict::of(refused.findings()), Verdict::Refuse);
            assert_eq!(
                Verdict::of(&all),
                Verdict::Refuse,
                "refused, but a check says otherwise"
            );
            None
        }
    }
}

/// `HandlerManifest.json`: whatever is accepted names no command that needs a shell or leaves the package.
pub fn manifest(bytes: &[u8]) {
    let parsed = Manifest::parse(Source::new("input", bytes));
    let Some(manifest) = checked(DocumentKind::HandlerManifest, bytes, parsed) else {
        return;
    };
    for command in hostler_contract::Command::ALL {
        if let Ok(Some(line)) = manifest.command_line(command) {
            text::assert_inside(line.component());
        }
    }
    if let Some(line) = manifest.service_command() {
        text::assert_inside(line.component());
    }
}

/// A settings file: what is accepted is written as the agent does, and read back as it was.
pub fn settings(bytes: &[u8]) {
    let parsed = Settings::parse(Source::new("input", bytes));
    if let Some(Some(settings)) = checked(DocumentKind::Settings, bytes, parsed) {
        let text = settings.to_agent_json();
        assert!(text.is_ascii(), "the agent escapes all that is not ASCII");
        // The agent's way of writing is longer than some ways of writing the same: what no longer fits is refused.
        if let Ok(again) = Settings::parse(Source::new("input", text.as_bytes())) {
            let written = again.value.map(|settings| settings.to_agent_json());
            assert_eq!(written.as_deref(), Some(&*text));
            assert!(again.warnings.is_empty(), "{:?}", again.warnings);
        } else {
            assert!(text.len() > bytes.len(), "what was written cannot be read: {text}");
        }
    }
}

/// A status file: what is accepted is within the bounds of contract 5.3, and reads the same after it was written.
pub fn status(bytes: &[u8]) {
    let parsed = StatusDocument::parse(Source::new("input", bytes));
    let Some(StatusDocument::Status(status)) = checked(DocumentKind::Status, bytes, parsed) else {
        return;
    };
    let text = status.to_json("A.B", OffsetDateTime::UNIX_EPOCH);
    if text.len() <= 100_000 {
        let again = StatusDocument::parse(Source::new("input", text.as_bytes()));
        let again = again.unwrap_or_else(|refused| panic!("{refused}: {text}")).value;
        let again = again
            .status()
            .map(|status| status.to_json("A.B", OffsetDateTime::UNIX_EPOCH));
        assert_eq!(again.as_deref(), Some(&*text));
    }
}

/// A heartbeat: what is reported is `ready` or `notready` in some case, and never a word of another's choice.
pub fn heartbeat(bytes: &[u8]) {
    let parsed = Heartbeat::parse(Source::new("input", bytes));
    if let Some(heartbeat) = checked(DocumentKind::Heartbeat, bytes, parsed) {
        let word = heartbeat.state.reported().to_ascii_lowercase();
        assert!(matches!(&*word, "ready" | "notready"), "{word}");
        assert_eq!(heartbeat.state.is_ready(), word == "ready");
    }
}

/// A version manifest: what is resolved is one of what is offered, and can be resolved again.
pub fn version_manifest(bytes: &[u8]) {
    let parsed = VersionManifest::parse(Source::new("input", bytes));
    let Some(manifest) = checked(DocumentKind::VersionManifest, bytes, parsed) else {
        return;
    };
    for offered in &manifest.versions {
        if let Some(found) = manifest.resolve(&offered.version) {
            assert!(manifest.versions.iter().any(|one| std::ptr::eq(one, found)));
            assert_eq!(found.version.cmp(&offered.version), std::cmp::Ordering::Equal);
        }
    }
}

/// A goal state: names that become parts of paths are single parts.
pub fn vm_settings(bytes: &[u8]) {
    let parsed = VmSettings::parse(Source::new("input", bytes));
    if let Some(goal_state) = checked(DocumentKind::VmSettings, bytes, parsed) {
        assert_names(&goal_state);
    }
}

/// A goal state in XML: names that become parts of paths are single parts, and none stands twice.
pub fn extensions_config(bytes: &[u8]) {
    let parsed = ExtensionsConfig::parse(Source::new("input", bytes));
    let Some(goal_state) = checked(DocumentKind::ExtensionsConfig, bytes, parsed) else {
        return;
    };
    assert_names(&goal_state.settings);
    for handler in goal_state.settings.handlers.iter().flatten() {
        let names: Vec<_> = handler.settings.iter().map(|settings| &settings.extension).collect();
        assert!(names.iter().all(|name| name.is_some() == handler.is_multi_config));
        assert!(
            (1..names.len()).all(|at| !names[..at].contains(&names[at])),
            "{names:?}"
        );
    }
    assert_eq!(DocumentKind::of_goal_state(bytes), DocumentKind::ExtensionsConfig);
}

/// A definition file: what is accepted is read from its canonical form, and from what a publisher sends, as it was, and
/// its names are single parts of paths.
pub fn definition(bytes: &[u8]) {
    let parsed = DefinitionFile::parse(Source::new("input", bytes));
    let Some(file) = checked(DocumentKind::Definition, bytes, parsed) else {
        return;
    };
    let image = &file.image;
    text::assert_one_part(image.provider_namespace.as_str());
    text::assert_one_part(image.type_name.as_str());
    let written = image.to_xml();
    for text in [&written, &file.body] {
        // The canonical way of writing may be longer than the one that was read: what no longer fits is refused.
        match ExtensionImage::parse(Source::new("input", text.as_bytes())) {
            Ok(again) => assert_eq!(again.value, *image),
            Err(refused) => assert!(text.len() > MAX_DEFINITION_BYTES, "{refused}: {text}"),
        }
    }
    assert!(
        written
            .lines()
            .next()
            .is_some_and(|line| line.starts_with("<ExtensionImage "))
    );
}

/// A goal state of the fabric: what is accepted is recognised, and names something or nothing.
pub fn goal_state(bytes: &[u8]) {
    let parsed = FabricGoalState::parse(Source::new("input", bytes));
    let Some(goal_state) = checked(DocumentKind::GoalState, bytes, parsed) else {
        return;
    };
    assert_ne!(goal_state.extensions_config.as_deref().map(str::trim), Some(""));
    assert_eq!(DocumentKind::of_goal_state(bytes), DocumentKind::GoalState);
}

fn assert_names(goal_state: &VmSettings) {
    for handler in goal_state.handlers.iter().flatten() {
        text::assert_one_part(handler.name.as_str());
        for settings in &handler.settings {
            if let Some(extension) = &settings.extension {
                text::assert_one_part(extension.as_str());
            }
        }
    }
}
