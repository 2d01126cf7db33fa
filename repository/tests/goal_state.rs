//! What an operator wants becomes what machines poll: read, resolved, and written.

use std::collections::BTreeMap;

use hostler_contract::{HandlerName, Settings, Source, Version, VmSettings};
use hostler_repository::goal_state::{Wanted, document};
use hostler_repository::versions::Candidate;

const WANTED: &str = r#"
region = "West US"
locations = ["https://one/published/westus", "https://two/published/westus/"]

[[handler]]
namespace = "Contoso"
type = "Web"
version = "1.0"
settings = "web.settings"
sequence = 7
"#;

fn wanted(text: &str) -> Result<Wanted, String> {
    Wanted::parse(Source::new("wanted.toml", text.as_bytes()), None).map_err(|refused| {
        let lines: Vec<String> = refused.findings().iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

fn name() -> HandlerName {
    HandlerName::parse("Contoso.Web").unwrap_or_else(|error| panic!("{error}"))
}

fn offered(versions: &[&str]) -> BTreeMap<HandlerName, Vec<Candidate>> {
    let candidates = versions.iter().map(|text| Candidate {
        version: Version::parse(text.trim_end_matches('i')).unwrap_or_else(|error| panic!("{error}")),
        internal: text.ends_with('i'),
        disallow_major_version_upgrade: false,
    });
    BTreeMap::from([(name(), candidates.collect())])
}

fn settings() -> BTreeMap<HandlerName, Settings> {
    let text = r#"{"runtimeSettings": [{"handlerSettings": {"publicSettings": {"port": 80}, "protectedSettings": "MIIB+/=",
        "protectedSettingsCertThumbprint": "0123456789ABCDEF0123456789ABCDEF01234567"}}]}"#;
    let read = Settings::parse(Source::new("web.settings", text.as_bytes()));
    let settings = read.unwrap_or_else(|refused| panic!("{refused}")).value;
    BTreeMap::from([(name(), settings.unwrap_or_else(|| panic!("no settings")))])
}

fn make(text: &str, versions: &[&str], before: Option<&str>) -> Result<String, String> {
    let before = before.map(|text| {
        let read = VmSettings::parse(Source::new("before", text.as_bytes()));
        read.unwrap_or_else(|refused| panic!("{refused}")).value
    });
    let made = document(
        "wanted.toml",
        &wanted(text)?,
        &offered(versions),
        &settings(),
        before.as_ref(),
    );
    made.map_err(|refused| refused.to_string())
}

fn read(text: &str) -> VmSettings {
    let read = VmSettings::parse(Source::new("goal state", text.as_bytes()));
    let read = read.unwrap_or_else(|refused| panic!("{refused}: {text}"));
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    read.value
}

#[test]
fn a_document_says_what_hosts_read() {
    let text = make(WANTED, &["1.0.0.0", "1.0.0.1", "1.1"], None).expect("it can be made");
    let goal_state = read(&text);
    assert_eq!(goal_state.in_svd_seq_no.as_deref(), Some("1"));
    let handler = goal_state.handlers[0].as_ref().expect("a good entry");
    assert_eq!(
        (handler.name.as_str(), handler.version.as_str()),
        ("Contoso.Web", "1.0.0.1")
    );
    let manifest = "Contoso_Web_westus_manifest.xml";
    assert_eq!(
        handler.locations,
        ["one", "two"].map(|host| format!("https://{host}/published/westus/{manifest}"))
    );
    let extension = &handler.settings[0];
    assert_eq!(extension.number.get(), 7);
    assert_eq!(
        extension.settings.as_ref().ok(),
        settings().get(&name()),
        "settings stay as they are"
    );
}

#[test]
fn the_number_goes_up_when_something_differs_and_nothing_goes_back() {
    let first = make(WANTED, &["1.0.0.0"], None).expect("it can be made");
    let same = make(WANTED, &["1.0.0.0"], Some(&first)).expect("it can be made");
    assert_eq!(same, first);
    let hotfix = make(WANTED, &["1.0.0.0", "1.0.0.1"], Some(&first)).expect("it can be made");
    let number = |text: &str| read(text).in_svd_seq_no.unwrap_or_default();
    let version = |text: &str| {
        let goal_state = read(text);
        goal_state.handlers[0]
            .as_ref()
            .map(|handler| handler.version.to_string())
            .unwrap_or_default()
    };
    assert_eq!(
        (number(&hotfix), version(&hotfix)),
        ("2".to_owned(), "1.0.0.1".to_owned())
    );
    // It was made internal: who has it keeps it, who begins anew does not get it.
    let kept = make(WANTED, &["1.0.0.0", "1.0.0.1i"], Some(&hotfix)).expect("it can be made");
    assert_eq!((number(&kept), version(&kept)), ("2".to_owned(), "1.0.0.1".to_owned()));
    let anew = make(WANTED, &["1.0.0.0", "1.0.0.1i"], None).expect("it can be made");
    assert_eq!(version(&anew), "1.0.0.0");
    // It was deleted: then the one before it is all there is.
    let back = make(WANTED, &["1.0.0.0"], Some(&hotfix)).expect("it can be made");
    assert_eq!((number(&back), version(&back)), ("3".to_owned(), "1.0.0.0".to_owned()));
}

#[test]
fn an_operators_file_that_is_wrong_says_where() {
    let of =
        |line: &str| format!("locations = [\"https://a\"]\n[[handler]]\nnamespace = \"A\"\ntype = \"B\"\n{line}\n");
    for (text, said) in [
        ("", "locations"),
        ("locations = 1", "wanted.toml:1:13"),
        ("locations = [\"a\"]\nregoin = \"x\"", "wanted.toml:2:1"),
        (&of(""), "version"),
        (&of("version = \"x\""), "handler[0].version"),
        (&of("version = \"1\"\nstate = \"gone\""), "handler[0].state"),
        (&of("version = \"1\"\nsequence = -1"), "wanted.toml:6"),
        (
            &(of("version = \"1\"") + "[[handler]]\nnamespace = \"a\"\ntype = \"b\"\nversion = \"2\""),
            "stands twice",
        ),
    ] {
        let refused = wanted(text).expect_err(text);
        assert!(refused.contains(said), "{text}\n{refused}");
    }
    let nothing = make(WANTED, &["2.0"], None).expect_err("no version answers");
    assert!(
        nothing.contains("handler[0].version") && nothing.contains("wanted.unresolved"),
        "{nothing}"
    );
}
