//! What stands in a line: every event is readable, bounded, and holds nothing that acts on a terminal.

use std::path::Path;

use hostler_contract::{ALL_CODES, Command, HandlerIdentity, SequenceNumber, Version};
use hostler_package::PackageDigest;
use serde_json::Value;
use time::OffsetDateTime;

use crate::audit::line::{self, Link, RemovedFiles};
use crate::audit::{
    AuditEvent, Codes, DirectoryText, EndKind, Entry, GoalStateEnd, GrantSummary, Head, LineHash, MAX_LINE, RuleName,
    SourceText, VariableName,
};
use crate::handler_dir::PackageRecord;
use crate::limits::{LimitName, Rule};
use crate::report::Removal;
use crate::sandbox::{FileCall, RefusedCall, RefusedFor};
use crate::signatures::Signed;

/// One of each, as long as it can be.
fn all() -> Vec<AuditEvent> {
    let hostile = "\u{1b}[2J\n\"\\\u{202e}".repeat(500);
    let record = PackageRecord {
        file: hostile.clone(),
        source: format!("https://host/a?sig=secret&{hostile}"),
        digest: String::new(),
        bytes: u64::MAX,
        signature: Signed::Unsigned,
        parts: [].into(),
    };
    let source = || SourceText::from(&record);
    let command = Command::Uninstall;
    let number = |number| SequenceNumber::new(number).unwrap();
    let head = Head {
        sequence: u64::MAX,
        hash: LineHash::of(b""),
    };
    let directory = DirectoryText::from(Path::new(&hostile));
    let variables = vec![VariableName::new(&"V".repeat(128)).unwrap(); 100];
    let effective = GrantSummary::new(99, &vec![directory.clone(); 100], &variables).with_service(true);
    let rule = || Some(RuleName::new(&hostile));
    let many = || Codes::of(ALL_CODES.iter().copied());
    let version = || Version::parse("1.2.3.4").unwrap();
    let digest = PackageDigest::of(b"");
    let call = RefusedCall {
        call: FileCall::RemoveDirectoryAt,
        reason: RefusedFor::NotPermitted,
        times: u64::MAX,
    };
    vec![
        AuditEvent::LogBegun,
        AuditEvent::LogRotated {
            file: u32::MAX,
            removed: Some(RemovedFiles {
                file: u32::MAX,
                last: head,
            }),
        },
        AuditEvent::LogResumed { ahead: u64::MAX },
        AuditEvent::TornLineRemoved { bytes: u64::MAX },
        AuditEvent::EndMismatch {
            known: Some(head),
            found: Some(head),
        },
        AuditEvent::StateDamaged {
            found: usize::MAX,
            codes: many(),
        },
        AuditEvent::ApplyBegun { source: source() },
        AuditEvent::ApplyEnded {
            end: GoalStateEnd::TakenUp,
            codes: many(),
        },
        AuditEvent::EntryRefused { codes: many() },
        AuditEvent::PackageAccepted {
            source: source(),
            bytes: u64::MAX,
            signature: "unchecked",
            signer: rule(),
        },
        AuditEvent::PackageRefused { codes: many() },
        AuditEvent::VersionInstalled {
            source: source(),
            from: Some(version()),
        },
        AuditEvent::Downgrade { from: version() },
        AuditEvent::RollBackBegun {
            failed: version(),
            code: i32::MIN,
        },
        AuditEvent::RollBackEnded {
            failed: version(),
            well: false,
        },
        AuditEvent::FailedUpdateKeptBack { failed: version() },
        AuditEvent::LowerSequenceNumber {
            from: number(7),
            to: number(3),
        },
        AuditEvent::HandlerRemoved { how: Removal::Vanished },
        AuditEvent::CommandBegun {
            command,
            settings: number(0),
        },
        AuditEvent::CommandEnded {
            command,
            end: EndKind::HostFault,
            exit_code: Some(i32::MIN),
            codes: many(),
            duration_ms: u64::MAX,
        },
        AuditEvent::LimitReached {
            command,
            limit: LimitName::HeartbeatBytes,
            allowed: u64::MAX,
            rule: Rule::CommandLine,
            used: Some(u64::MAX),
        },
        AuditEvent::CallsRefused {
            command,
            calls: vec![call; 30],
        },
        AuditEvent::ServiceStarted { settings: number(0) },
        AuditEvent::ServiceEnded {
            told: true,
            end: EndKind::WorkerDied,
            exit_code: i32::MIN,
            codes: many(),
            duration_ms: u64::MAX,
        },
        AuditEvent::ServiceEndedByHost,
        AuditEvent::ServiceGivenUp { falls: usize::MAX },
        AuditEvent::GrantsDecided {
            rule: rule(),
            effective: effective.clone(),
        },
        AuditEvent::GrantsRefused {
            rule: rule(),
            codes: many(),
        },
        AuditEvent::ApprovalAsked {
            grants: digest,
            wider: usize::MAX,
        },
        AuditEvent::ApprovalGiven { grants: digest },
        AuditEvent::DirectoryOpened { command, directory },
        AuditEvent::PolicyLoaded {
            policy: digest,
            rules: usize::MAX,
        },
        AuditEvent::PolicyKept { codes: many() },
        AuditEvent::AgentStarted { source: source() },
        AuditEvent::AgentStopped,
        AuditEvent::SourceLost {
            source: source(),
            codes: many(),
        },
        AuditEvent::SourceBack { source: source() },
        AuditEvent::CompiledCodeRejected,
    ]
}

fn lines() -> Vec<(AuditEvent, Vec<u8>)> {
    let identity = HandlerIdentity::parse(&format!("Contoso.{}-1.0.0", "D".repeat(100))).unwrap();
    let digest = "a".repeat(64);
    let written = all().into_iter().map(|event| {
        let entry: Entry = event.clone().of(&identity).digest(&digest);
        let previous = Head {
            sequence: u64::MAX - 1,
            hash: LineHash::of(b"x"),
        };
        let (line, _) = line::write(&entry, previous, OffsetDateTime::UNIX_EPOCH).unwrap();
        (event, line)
    });
    written.collect()
}

#[test]
fn every_event_is_a_bounded_line_that_can_be_read() {
    for (event, line) in lines() {
        assert!(line.len() < MAX_LINE - 1024, "{} bytes: {event:?}", line.len());
        assert!(
            line.iter().take(line.len() - 1).all(|byte| !byte.is_ascii_control()),
            "{event:?}"
        );
        let text = String::from_utf8(line.clone()).unwrap();
        assert!(
            !text.contains(['\u{202e}', '\u{1b}']) && !text.contains("secret"),
            "{text}"
        );
        assert!(Link::read(&line).is_some(), "{text}");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["time"], "1970-01-01T00:00:00.000Z");
        // No field of an event passes for one of the line.
        assert_eq!(read["digest"], "a".repeat(64), "{text}");
        for member in read.as_object().unwrap().keys() {
            assert_eq!(
                text.matches(&format!("\"{member}\":")).count(),
                usages(&read, member),
                "{member}: {text}"
            );
        }
    }
}

/// How often a member of that name is in a document.
fn usages(value: &Value, name: &str) -> usize {
    match value {
        Value::Object(members) => {
            usize::from(members.contains_key(name)) + members.values().map(|value| usages(value, name)).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(|item| usages(item, name)).sum(),
        _ => 0,
    }
}

#[test]
fn a_value_is_no_name_of_a_variable() {
    for (text, is_name) in [
        ("HTTP_PROXY", true),
        ("_x9", true),
        ("", false),
        ("9A", false),
        ("a=b", false),
        ("a b", false),
    ] {
        assert_eq!(VariableName::new(text).is_some(), is_name, "{text}");
    }
}
