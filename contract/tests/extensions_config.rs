//! Goal states in XML: what is read, what is a fault of one entry, and what is refused as a whole.

use hostler_contract::vm_settings::RequestedState;
use hostler_contract::{Checked, DocumentKind, ExtensionsConfig, FabricGoalState, Source, codes};

fn read(text: &str) -> Checked<ExtensionsConfig> {
    ExtensionsConfig::parse(Source::new("e.xml", text.as_bytes())).unwrap_or_else(|refused| panic!("{refused}: {text}"))
}

/// A document with one entry and its settings.
fn document(plugin: &str, settings: &str) -> String {
    format!("<Extensions><Plugins>{plugin}</Plugins><PluginSettings>{settings}</PluginSettings></Extensions>")
}

const PLUGIN: &str = r#"<Plugin name="A.B" version="1.0" state="enabled" location="m.xml"/>"#;
const RUNTIME: &str = r#"{"runtimeSettings":[{"handlerSettings":{"publicSettings":{"a":1}}}]}"#;

/// One line of the corpus' document with every kind of entry.
#[test]
fn the_whole_model_is_filled() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/corpus/Azure+WALinuxAgent/tests/data/hostgaplugin/ext_conf.xml"
    );
    let Checked { value, warnings } = read(&std::fs::read_to_string(file).unwrap());
    assert!(warnings.is_empty());
    let settings = value.settings;
    assert_eq!(settings.in_svd_seq_no.as_deref(), Some("10"));
    assert_eq!(
        settings.activity_id.as_deref(),
        Some("a33f6f53-43d6-4625-b322-1a39651a00c9")
    );
    assert_eq!(settings.required_features, ["MultipleExtensionsPerHandler"]);
    assert!(value.artifacts_profile.unwrap().ends_with("&sp=r"));
    let lines: Vec<String> = settings
        .handlers
        .iter()
        .flatten()
        .flat_map(|handler| {
            let places = handler.locations.len();
            handler.settings.iter().map(move |extension| {
                let settings = extension.settings.as_ref().unwrap();
                let name = extension
                    .extension
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let sealed = settings.protected().is_some();
                format!(
                    "{} {} {places} places [{name}] seq {} level {} {} sealed {sealed} public {}",
                    handler.name.type_name(),
                    handler.version,
                    extension.number,
                    extension.dependency_level,
                    extension.state.name(),
                    settings.public().is_some(),
                )
            })
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    AzureMonitorLinuxAgent 1.9.1 3 places [] seq 0 level 0 enabled sealed true public true
    AzureSecurityLinuxAgent 2.15.112 3 places [] seq 0 level 0 enabled sealed true public true
    CustomScript 2.1.6 3 places [] seq 0 level 1 enabled sealed false public true
    RunCommandHandlerLinux 1.2.0 3 places [MCExt1] seq 0 level 2 enabled sealed false public true
    RunCommandHandlerLinux 1.2.0 3 places [MCExt2] seq 0 level 1 enabled sealed false public true
    RunCommandHandlerLinux 1.2.0 3 places [MCExt3] seq 0 level 0 enabled sealed false public true
    VMAccessForLinux 1.5.11 3 places [] seq 0 level 0 enabled sealed true public false
    ");
}

/// Contract 4.2: what is wrong in one entry, or between it and its settings, and what is reported of it.
#[test]
fn faults_of_one_entry() {
    let several = |inner: &str| format!(r#"<Plugin name="A.B" version="1.0">{inner}</Plugin>"#);
    let one = format!(r#"<RuntimeSettings seqNo="0">{RUNTIME}</RuntimeSettings>"#);
    let named = |name: &str| {
        format!(r#"<ExtensionRuntimeSettings seqNo="0" name="{name}">{RUNTIME}</ExtensionRuntimeSettings>"#)
    };
    let depends = r#"<DependsOn dependencyLevel="1"/>"#;
    let plugin = |attributes: &str| format!("<Plugin {attributes}/>");
    let table = [
        ("no name", plugin(r#"version="1.0" state="enabled""#), String::new()),
        (
            "a bad name",
            plugin(r#"name="../x" version="1.0" state="enabled""#),
            String::new(),
        ),
        (
            "a bad version",
            plugin(r#"name="A.B" version="one" state="enabled""#),
            String::new(),
        ),
        (
            "no state",
            plugin(r#"name="A.B" version="1.0" state="""#),
            String::new(),
        ),
        (
            "a bad state",
            plugin(r#"name="A.B" version="1.0" state="Enabled""#),
            String::new(),
        ),
        (
            "two entries",
            format!("{PLUGIN}{}", PLUGIN.replace("A.B", "a.b")),
            String::new(),
        ),
        (
            "another version",
            PLUGIN.to_owned(),
            several(&one).replace("1.0", "1.1"),
        ),
        ("two elements", PLUGIN.to_owned(), several(&one) + &several(&one)),
        ("two settings", PLUGIN.to_owned(), several(&format!("{one}{one}"))),
        (
            "both forms",
            PLUGIN.to_owned(),
            several(&format!("{one}{}", named("X"))),
        ),
        (
            "two DependsOn",
            PLUGIN.to_owned(),
            several(&format!("{depends}{depends}{one}")),
        ),
        (
            "DependsOn of nobody",
            PLUGIN.to_owned(),
            several(&format!("{depends}{}", named("X"))),
        ),
        (
            "an extension without a name",
            PLUGIN.to_owned(),
            several(&named("X").replace("name", "called")),
        ),
        ("a bad extension name", PLUGIN.to_owned(), several(&named("../x"))),
        (
            "two of one name",
            PLUGIN.to_owned(),
            several(&format!("{}{}", named("X"), named("X"))),
        ),
        ("no number", PLUGIN.to_owned(), several(&one.replace("seqNo", "number"))),
        (
            "a bad number",
            PLUGIN.to_owned(),
            several(&one.replace("\"0\"", "\"one\"")),
        ),
    ];
    let lines = table.map(|(what, plugin, settings)| {
        let read = read(&document(&plugin, &settings)).value.settings;
        let bad: Vec<_> = read.bad_entries().collect();
        assert_eq!(bad.len(), read.handlers.len(), "{what}");
        let found: Vec<String> = bad[0]
            .refused
            .findings()
            .iter()
            .map(|finding| format!("{} {}", finding.location(), finding.code()))
            .collect();
        format!("{what}: {}\n", found.join(", "))
    });
    insta::assert_snapshot!(lines.concat(), @"
    no name: e.xml: Extensions/Plugins/Plugin[1]/@name extensions_config.schema
    a bad name: e.xml: Extensions/Plugins/Plugin[1]/@name extensions_config.schema
    a bad version: e.xml: Extensions/Plugins/Plugin[1]/@version extensions_config.schema
    no state: e.xml: Extensions/Plugins/Plugin[1]/@state extensions_config.schema
    a bad state: e.xml: Extensions/Plugins/Plugin[1]/@state extensions_config.schema
    two entries: e.xml: Extensions/Plugins/Plugin[1] extensions_config.duplicate_handler
    another version: e.xml: Extensions/PluginSettings/Plugin[1]/@version extensions_config.settings
    two elements: e.xml: Extensions/PluginSettings/Plugin[2] extensions_config.settings
    two settings: e.xml: Extensions/PluginSettings/Plugin[1] extensions_config.settings
    both forms: e.xml: Extensions/PluginSettings/Plugin[1] extensions_config.settings
    two DependsOn: e.xml: Extensions/PluginSettings/Plugin[1]/DependsOn extensions_config.settings
    DependsOn of nobody: e.xml: Extensions/PluginSettings/Plugin[1]/DependsOn[1]/@name extensions_config.schema
    an extension without a name: e.xml: Extensions/PluginSettings/Plugin[1]/ExtensionRuntimeSettings[1]/@name extensions_config.schema
    a bad extension name: e.xml: Extensions/PluginSettings/Plugin[1]/ExtensionRuntimeSettings[1]/@name settings.ext_name
    two of one name: e.xml: Extensions/PluginSettings/Plugin[1]/ExtensionRuntimeSettings[2]/@name extensions_config.settings
    no number: e.xml: Extensions/PluginSettings/Plugin[1]/RuntimeSettings/@seqNo extensions_config.schema
    a bad number: e.xml: Extensions/PluginSettings/Plugin[1]/RuntimeSettings/@seqNo settings.seq
    ");
}

/// What is wrong with the settings of one extension is that extension's alone.
#[test]
fn faults_of_one_extension() {
    let extension = |name: &str, state: &str, text: &str| {
        format!(
            r#"<ExtensionRuntimeSettings seqNo=" 3 " name="{name}" state="{state}">{text}</ExtensionRuntimeSettings>"#
        )
    };
    let settings = format!(
        r#"<Plugin name="a.b" version="1.0"><DependsOn dependencyLevel="x" name="Good"/>{}{}{}{}{}</Plugin>"#,
        extension("Good", "ENABLED", RUNTIME),
        extension("Off", "Disabled", RUNTIME),
        extension("Odd", "uninstall", RUNTIME),
        extension("Text", "", "hello"),
        extension("Bare", "", r#"{"publicSettings": {}}"#),
    );
    let read = read(&document(PLUGIN, &settings)).value.settings;
    let handler = read.handlers[0].as_ref().unwrap();
    assert!(handler.is_multi_config);
    let lines: Vec<String> = handler
        .settings
        .iter()
        .map(|extension| {
            let settings = match &extension.settings {
                Ok(_) => "usable".to_owned(),
                Err(refused) => refused.first().code().to_string(),
            };
            let name = extension.extension.as_ref().unwrap();
            format!("{name} {} {} {settings}", extension.number, extension.state.name())
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    Good 3 enabled usable
    Off 3 disabled usable
    Odd 3 enabled extensions_config.schema
    Text 3 enabled settings.json
    Bare 3 enabled settings.shape
    ");
}

#[test]
fn no_settings_are_none() {
    for settings in [
        "",
        r#"<Plugin name="A.B" version="1.0"/>"#,
        r#"<Plugin name="A.B" version="1.0"><RuntimeSettings seqNo="4">{"runtimeSettings": []}</RuntimeSettings></Plugin>"#,
    ] {
        let read = read(&document(PLUGIN, settings));
        let handler = read.value.settings.handlers[0].as_ref().unwrap();
        assert!(handler.settings.is_empty() && !handler.is_multi_config, "{settings}");
        assert_eq!(handler.state, RequestedState::Enabled);
        assert_eq!(handler.locations, ["m.xml"]);
    }
}

#[test]
fn settings_of_nobody_are_told() {
    let read = read(&document(PLUGIN, r#"<Plugin name="C.D" version="1.0"/>"#));
    let codes: Vec<_> = read.warnings.iter().map(|finding| finding.code()).collect();
    assert_eq!(codes, [codes::EXTENSIONS_CONFIG_SETTINGS]);
}

#[test]
fn documents_that_are_refused() {
    let deep = format!("<Extensions>{}", "<a>".repeat(100));
    let wide = format!("<Extensions>{}</Extensions>", "<a/>".repeat(60_000));
    let many = format!(
        "<Extensions><a {}/></Extensions>",
        (0..100).map(|n| format!("a{n}='' ")).collect::<String>()
    );
    let crowd = document(&PLUGIN.repeat(1001), "");
    for (text, code) in [
        ("", codes::EXTENSIONS_CONFIG_XML),
        ("hello", codes::EXTENSIONS_CONFIG_XML),
        ("<a/>", codes::EXTENSIONS_CONFIG_SCHEMA),
        ("<Extensions>", codes::EXTENSIONS_CONFIG_XML),
        ("<Extensions></Plugins>", codes::EXTENSIONS_CONFIG_XML),
        ("<Extensions/><Extensions/>", codes::EXTENSIONS_CONFIG_SCHEMA),
        ("<Extensions/>", codes::EXTENSIONS_CONFIG_SCHEMA),
        ("<Extensions a='' a=''/>", codes::EXTENSIONS_CONFIG_XML),
        (
            "<!DOCTYPE x [<!ENTITY a \"b\">]><Extensions/>",
            codes::EXTENSIONS_CONFIG_XML,
        ),
        ("<Extensions>&a;</Extensions>", codes::EXTENSIONS_CONFIG_XML),
        (&deep, codes::EXTENSIONS_CONFIG_SIZE),
        (&wide, codes::EXTENSIONS_CONFIG_SIZE),
        (&many, codes::EXTENSIONS_CONFIG_SIZE),
        (&crowd, codes::EXTENSIONS_CONFIG_SIZE),
    ] {
        let refused = ExtensionsConfig::parse(Source::new("e.xml", text.as_bytes())).unwrap_err();
        let start = text.get(..60).unwrap_or(text);
        assert_eq!(refused.first().code(), code, "{start}");
    }
}

#[test]
fn the_fabric_names_the_extensions() {
    let file = |name: &str| {
        let corpus = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../tests/corpus/Azure+WALinuxAgent/tests/data/wire/"
        );
        std::fs::read(format!("{corpus}{name}")).unwrap()
    };
    let read = |bytes: &[u8]| FabricGoalState::parse(Source::new("g.xml", bytes)).unwrap().value;
    let named = read(&file("goal_state.xml"));
    assert_eq!(named.incarnation.as_deref(), Some("1"));
    assert!(
        named
            .extensions_config
            .unwrap()
            .ends_with("?comp=config&type=extensionsConfig&incarnation=1")
    );
    assert_eq!(read(&file("goal_state_noop.xml")).extensions_config, None);
    for (text, code) in [
        ("<GoalState>", codes::GOAL_STATE_XML),
        ("<Extensions/>", codes::GOAL_STATE_SCHEMA),
        ("<!DOCTYPE a><GoalState/>", codes::GOAL_STATE_XML),
    ] {
        let refused = FabricGoalState::parse(Source::new("g.xml", text.as_bytes())).unwrap_err();
        assert_eq!(refused.first().code(), code, "{text}");
    }
}

#[test]
fn a_goal_state_is_known_by_its_content() {
    for (text, kind) in [
        ("{}", DocumentKind::VmSettings),
        ("", DocumentKind::VmSettings),
        ("\u{feff}<Extensions/>", DocumentKind::ExtensionsConfig),
        (
            "<?xml version='1.0'?>\n<!-- --><GoalState a='>'/>",
            DocumentKind::GoalState,
        ),
        (" \n<w:GoalState>", DocumentKind::GoalState),
        ("<", DocumentKind::ExtensionsConfig),
        ("<html>", DocumentKind::ExtensionsConfig),
    ] {
        assert_eq!(DocumentKind::of_goal_state(text.as_bytes()), kind, "{text}");
    }
}
