//! Version manifests: what is merged, resolved, kept and refused.

use hostler_contract::{Source, Version, VersionManifest, codes, version_manifest::VersionList};

#[test]
fn versions_are_merged_and_resolved() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/corpus/Azure+WALinuxAgent/tests/data/wire/manifest.xml"
    );
    let read = VersionManifest::parse(Source::new("m.xml", &std::fs::read(file).unwrap())).unwrap();
    let manifest = read.value;
    // The published rules for today's agent, with missing numbers filled up by zeros.
    for (asked, answer) in [
        ("2.0", "2.0.0"),
        ("2.1.0", "2.1.0"),
        ("3.0", "3.0"),
        ("3.0.0", "3.0"),
        ("4.0", "4.0.0.1"),
        ("4.1", "4.1.0.0"),
        ("1", "1.3.0"),
        ("2.4.0", "2.4.0"),
    ] {
        let answered = manifest.resolve(&Version::parse(asked).unwrap()).unwrap();
        assert_eq!(answered.version.as_str(), answer, "{asked}");
        assert_eq!(answered.uris.len(), 1);
    }
    assert!(manifest.resolve(&Version::parse("5.0").unwrap()).is_none());
    let internal: Vec<_> = manifest
        .versions
        .iter()
        .filter(|v| v.list == VersionList::Internal)
        .collect();
    assert_eq!(internal.len(), 3);
}

#[test]
fn version_manifests_that_are_refused() {
    let deep = format!("<PluginVersionManifest>{}", "<a>".repeat(100));
    for (text, code) in [
        ("", codes::VERSION_MANIFEST_XML),
        ("hello", codes::VERSION_MANIFEST_XML),
        ("<a/>", codes::VERSION_MANIFEST_SCHEMA),
        ("<PluginVersionManifest>", codes::VERSION_MANIFEST_XML),
        ("<PluginVersionManifest></Plugins>", codes::VERSION_MANIFEST_XML),
        (
            "<PluginVersionManifest/><PluginVersionManifest/>",
            codes::VERSION_MANIFEST_SCHEMA,
        ),
        (
            "<!DOCTYPE x [<!ENTITY a \"b\">]><PluginVersionManifest/>",
            codes::VERSION_MANIFEST_XML,
        ),
        (
            "<PluginVersionManifest>&a;</PluginVersionManifest>",
            codes::VERSION_MANIFEST_XML,
        ),
        (deep.as_str(), codes::VERSION_MANIFEST_SIZE),
    ] {
        let refused = VersionManifest::parse(Source::new("m.xml", text.as_bytes())).unwrap_err();
        assert_eq!(refused.first().code(), code, "{text}");
    }
}

#[test]
fn version_manifests_keep_what_is_usable() {
    let text = "<PluginVersionManifest><Plugins><Plugin><Version>x</Version></Plugin>\
        <Plugin><Version> 1.0 </Version><Uris><Uri>http://a/?b&amp;c&#100;</Uri><Uri><![CDATA[http://d]]></Uri><Uri/></Uris>\
        <DisallowMajorVersionUpgrade>True</DisallowMajorVersionUpgrade></Plugin></Plugins></PluginVersionManifest>";
    let read = VersionManifest::parse(Source::new("m.xml", text.as_bytes())).unwrap();
    assert_eq!(read.value.versions.len(), 1);
    assert_eq!(read.value.versions[0].uris, ["http://a/?b&cd", "http://d"]);
    assert!(read.value.versions[0].disallow_major_version_upgrade);
    assert_eq!(
        read.warnings[0].location(),
        "m.xml: PluginVersionManifest/Plugins/Plugin[1]/Version"
    );
}

#[test]
fn a_version_may_say_what_its_package_is() {
    let digest = "00FF".repeat(8) + &"a5".repeat(16);
    let text = format!(
        "<PluginVersionManifest><Plugins><Plugin sha256='{digest}' size=\"&#49;0\" other=''><Version>1</Version></Plugin>\
         <Plugin><Version>2</Version></Plugin></Plugins>\
         <InternalPlugins><Plugin size='18446744073709551615'/></InternalPlugins></PluginVersionManifest>"
    );
    let read = VersionManifest::parse(Source::new("m.xml", text.as_bytes())).unwrap();
    let [first, second] = &read.value.versions[..] else {
        panic!("{:?}", read.value.versions);
    };
    let bytes: Vec<u8> = [0x00, 0xff].repeat(8).into_iter().chain([0xa5; 16]).collect();
    assert_eq!((first.sha256.map(Vec::from), first.size), (Some(bytes), Some(10)));
    assert_eq!((second.sha256, second.size), (None, None));
    assert_eq!(read.warnings.len(), 1);
    assert_eq!(read.warnings[0].code(), codes::VERSION_MANIFEST_VERSION);
}

#[test]
fn a_version_whose_digest_or_size_cannot_be_read_is_left_out() {
    let digest = "a5".repeat(32);
    for (attributes, places) in [
        ("sha256=''".to_owned(), vec!["@sha256"]),
        (format!("sha256='{}'", &digest[1..]), vec!["@sha256"]),
        (format!("sha256='{digest}00'"), vec!["@sha256"]),
        (format!("sha256=' {}'", &digest[1..]), vec!["@sha256"]),
        (format!("sha256='+{}'", &digest[1..]), vec!["@sha256"]),
        (format!("sha256='g{}'", &digest[1..]), vec!["@sha256"]),
        (format!("sha256='\u{e9}{}'", &digest[2..]), vec!["@sha256"]),
        (format!("sha256='{digest}' size=''"), vec!["@size"]),
        ("size='-1'".to_owned(), vec!["@size"]),
        ("size='+1'".to_owned(), vec!["@size"]),
        ("size='1.0'".to_owned(), vec!["@size"]),
        ("size='0x1'".to_owned(), vec!["@size"]),
        ("size='18446744073709551616'".to_owned(), vec!["@size"]),
        ("size='x' sha256='y'".to_owned(), vec!["@sha256", "@size"]),
    ] {
        let text = format!(
            "<PluginVersionManifest><InternalPlugins><Plugin><Version>1</Version></Plugin><Plugin {attributes}>\
             <Version>2</Version></Plugin></InternalPlugins></PluginVersionManifest>"
        );
        let read = VersionManifest::parse(Source::new("m.xml", text.as_bytes())).unwrap();
        assert_eq!(read.value.versions.len(), 1, "{attributes}");
        let found: Vec<_> = read
            .warnings
            .iter()
            .map(|warning| (warning.code(), warning.location()))
            .collect();
        let plugin = "m.xml: PluginVersionManifest/InternalPlugins/Plugin[2]";
        let expected: Vec<_> = places
            .iter()
            .map(|place| (codes::VERSION_MANIFEST_INTEGRITY, format!("{plugin}/{place}")))
            .collect();
        assert_eq!(found, expected, "{attributes}");
    }
}

#[test]
fn attributes_that_are_not_xml_refuse_the_manifest() {
    for attributes in ["size='1' size='2'", "size=1", "size='1", "size='&a;'", "sha256"] {
        let text = format!("<PluginVersionManifest><Plugins><Plugin {attributes}/></Plugins></PluginVersionManifest>");
        let refused = VersionManifest::parse(Source::new("m.xml", text.as_bytes())).unwrap_err();
        assert_eq!(refused.first().code(), codes::VERSION_MANIFEST_XML, "{attributes}");
    }
}
