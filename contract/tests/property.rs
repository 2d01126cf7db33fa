//! What holds for every input: parsers do not panic, and what is written is read back as it was.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hostler_contract::{
    CommandLine, DocumentKind, ExtensionImage, ExtensionStatus, HandlerIdentity, HandlerName, Settings, SettingsName,
    Source, StatusDocument, StatusKind, Substatus, Version, check,
    definition::{ExtensionNamePart, HostingResource, MediaLink, OtherElement, Regions},
    event::HandlerEvent,
    json::Node,
    registration::{ExtensionImages, ListedImage, ServiceError},
};
use proptest::prelude::*;
use time::macros::datetime;

/// JSON of any shape, not nested deeply.
fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::null()),
        any::<bool>().prop_map(Node::boolean),
        any::<i64>().prop_map(Node::integer),
        any::<String>().prop_map(Node::string),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Node::array),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(Node::object),
        ]
    })
}

fn object() -> impl Strategy<Value = Node> {
    prop::collection::btree_map(any::<String>(), node(), 0..4).prop_map(Node::object)
}

fn kind() -> impl Strategy<Value = StatusKind> {
    prop::sample::select(vec![
        StatusKind::Transitioning,
        StatusKind::Warning,
        StatusKind::Error,
        StatusKind::Success,
    ])
}

fn substatus() -> impl Strategy<Value = Substatus> {
    (node(), kind(), node(), any::<Option<String>>()).prop_map(|(name, kind, code, message)| Substatus {
        name,
        kind,
        code,
        message,
    })
}

fn status() -> impl Strategy<Value = ExtensionStatus> {
    let parts = prop::collection::vec(substatus(), 0..4);
    (kind(), node(), node(), any::<Option<String>>(), parts, node()).prop_map(
        |(kind, operation, code, message, substatus, configuration_applied_time)| ExtensionStatus {
            kind,
            operation,
            code,
            message,
            substatus,
            configuration_applied_time,
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    (proptest::option::of(object()), any::<Option<String>>()).prop_map(|(public, protected)| {
        Settings::from_parts("0.settings", public, protected, Some("AB".to_owned())).unwrap()
    })
}

/// Text with the characters that documents are made of, to get past the first byte.
fn document_text() -> impl Strategy<Value = String> {
    "([\\[\\]{},:\"\\\\ \n<>/&;!-]|null|true|1|-0|1e999|\"status\"|\"handlerManifest\"|\"runtimeSettings\"|<Plugins>|é){0,60}"
}

/// Text as a definition keeps it: of characters that XML has, without blanks at its ends.
fn definition_text() -> impl Strategy<Value = String> {
    "[ -~\\n\u{e9}\u{4f60}]{0,40}".prop_map(|text| text.replace('%', "").trim().to_owned())
}

fn definition() -> impl Strategy<Value = ExtensionImage> {
    let name = || {
        "[A-Za-z0-9]{1,8}(\\.[A-Za-z0-9][A-Za-z0-9-]{0,5}){0,2}"
            .prop_filter_map("a device", |t| ExtensionNamePart::parse(&t).ok())
    };
    let text = || proptest::option::of(definition_text());
    let flag = any::<Option<bool>>;
    let texts = (text(), text(), text(), text(), text(), text());
    let flags = (flag(), flag(), flag(), flag(), flag());
    let regions = proptest::option::of(prop_oneof![
        Just(Regions::All),
        prop::collection::btree_set("[A-Z][a-z]{1,8}( [A-Z0-9]{1,3})?", 1..4)
            .prop_map(|names| Regions::Listed(names.into_iter().collect())),
    ]);
    let base64 = || proptest::option::of("[A-Za-z0-9+/]{0,20}");
    (
        name(),
        name(),
        any::<[u32; 4]>(),
        texts,
        flags,
        regions,
        (base64(), base64(), any::<bool>()),
    )
        .prop_map(
            |(namespace, type_name, v, texts, flags, regions, (schema, sample, role))| {
                let version = Version::parse(&format!("{}.{}.{}.{}", v[0], v[1], v[2], v[3])).unwrap();
                let other = texts
                    .5
                    .as_deref()
                    .and_then(|text| OtherElement::text_element("Later", text));
                ExtensionImage {
                    label: texts.0,
                    description: texts.1,
                    publisher_name: texts.2,
                    eula: texts.3,
                    company_name: texts.4,
                    hosting_resources: role.then_some(HostingResource::VmRole).into_iter().collect(),
                    media_link: role.then(|| MediaLink::parse("https://host/a.zip?a=1&b=%20").unwrap()),
                    public_configuration_schema: schema,
                    sample_config: sample,
                    block_role_upon_failure: flags.0,
                    is_internal_extension: flags.1,
                    replication_completed: flags.2,
                    is_json_extension: flags.3,
                    disallow_major_version_upgrade: flags.4,
                    regions,
                    others: other.into_iter().collect(),
                    ..ExtensionImage::of(namespace, type_name, version)
                }
            },
        )
}

proptest! {
    #[test]
    fn a_definition_is_read_as_it_was_written(image in definition()) {
        let text = image.to_xml();
        let read = ExtensionImage::parse(Source::new("d.xml", text.as_bytes())).unwrap().value;
        prop_assert_eq!(read.version.as_str(), image.version.as_str());
        prop_assert_eq!(&read, &image);
        prop_assert_eq!(read.to_xml(), text);
        let listed = ListedImage { image, package_sha256: Some("0".repeat(64)), package_size: Some(u64::MAX) };
        let list = ExtensionImages { images: vec![listed.clone(), listed] };
        let read = ExtensionImages::parse(Source::new("list", list.to_xml().as_bytes())).unwrap();
        prop_assert_eq!(read.value, list);
    }

    #[test]
    fn an_error_is_read_as_it_was_written(code in "[A-Za-z]{0,20}", message in definition_text(), any in any::<String>()) {
        let error = ServiceError { code, message };
        let text = error.to_xml();
        prop_assert_eq!(ServiceError::parse(Source::new("e", text.as_bytes())).unwrap(), error.clone());
        // Whatever a message holds, it does not break out of its element.
        let text = ServiceError { message: any, ..error.clone() }.to_xml();
        prop_assert_eq!(ServiceError::parse(Source::new("e", text.as_bytes())).unwrap().code, error.code);
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        for kind in DocumentKind::ALL {
            check(kind, Source::new("x", &bytes));
        }
        let _ = HandlerEvent::parse_file(Source::new("x", &bytes));
    }

    #[test]
    fn no_document_makes_a_parser_panic(text in document_text()) {
        for kind in DocumentKind::ALL {
            check(kind, Source::new("x", text.as_bytes()));
        }
    }

    #[test]
    fn no_json_makes_a_parser_panic(node in node()) {
        for inner in [node.to_agent_json(), format!("[{{\"handlerManifest\": {0}, \"sandbox\": {0}, \"status\": {0}, \"heartbeat\": {0}}}]", node.to_agent_json())] {
            for kind in DocumentKind::ALL {
                check(kind, Source::new("x", inner.as_bytes()));
            }
        }
    }

    #[test]
    fn no_text_makes_a_name_panic(text in any::<String>()) {
        let _ = HandlerIdentity::from_zip_name(&format!("{text}.zip"));
        let _ = SettingsName::parse(&format!("{text}.settings"));
        if let Ok(line) = CommandLine::parse(&text) {
            prop_assert!(!line.component().starts_with('/'));
            prop_assert!(line.component().split('/').all(|part| !matches!(part, "" | "." | "..")));
        }
    }

    #[test]
    fn a_handler_name_is_one_part_of_a_path(text in "[A-Za-z0-9._/\\\\ -]{0,20}") {
        if let Ok(name) = HandlerName::parse(&text) {
            let parts: Vec<_> = std::path::Path::new(name.as_str()).components().collect();
            prop_assert_eq!(parts.len(), 1);
            prop_assert_eq!(format!("{}.{}", name.publisher(), name.type_name()), text);
        }
    }

    #[test]
    fn versions_are_ordered_like_their_numbers(a in any::<[u32; 4]>(), b in any::<[u32; 4]>()) {
        let version = |p: [u32; 4]| Version::parse(&format!("{}.{}.{}.{}", p[0], p[1], p[2], p[3])).unwrap();
        prop_assert_eq!(version(a).cmp(&version(b)), a.cmp(&b));
    }

    #[test]
    fn settings_are_read_as_they_were_written(settings in settings()) {
        let text = settings.to_agent_json();
        let read = Settings::parse(Source::new("0.settings", text.as_bytes())).unwrap();
        prop_assert_eq!(read.value, Some(settings));
        prop_assert!(read.warnings.is_empty());
    }

    #[test]
    fn a_status_is_read_as_it_was_written(status in status()) {
        let text = status.to_json("A.B", datetime!(2026-01-31 23:59:58 UTC));
        let read = StatusDocument::parse(Source::new("0.status", text.as_bytes())).unwrap();
        prop_assert_eq!(read.value.status(), Some(&status));
        prop_assert!(read.warnings.is_empty());
    }
}
