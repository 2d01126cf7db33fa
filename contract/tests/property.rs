//! What holds for every input: parsers do not panic, and what is written is read back as it was.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hostler_contract::{
    CommandLine, DocumentKind, ExtensionStatus, HandlerIdentity, HandlerName, Settings, SettingsName, Source,
    StatusDocument, StatusKind, Substatus, Version, check, event::HandlerEvent, json::Node,
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

proptest! {
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
