//! MAN-01 to MAN-14: the manifest as a document.

use hostler_contract::{Code, Command, Manifest, Source, codes, manifest::MANIFEST_FILE};

use crate::{Outcome, assert_outcome, findings};

const FILE: &str = MANIFEST_FILE;
const INNER: &str = "HandlerManifest.json: $[0].handlerManifest";

pub(crate) fn parse(bytes: &[u8]) -> Result<hostler_contract::Checked<Manifest>, hostler_contract::Refused> {
    Manifest::parse(Source::new(FILE, bytes))
}

/// A manifest with everything in it that is asked for, plus `inner` in `handlerManifest` and `top` beside it.
pub(crate) fn manifest(inner: &str, top: &str) -> String {
    let mut members = String::new();
    for key in [
        "installCommand",
        "enableCommand",
        "updateCommand",
        "disableCommand",
        "uninstallCommand",
    ] {
        if !inner.contains(&format!("\"{key}\"")) {
            members += &format!("\"{key}\": \"handler.wasm\", ");
        }
    }
    for key in ["reportHeartbeat", "rebootAfterInstall"] {
        if !inner.contains(key) {
            members += &format!("\"{key}\": false, ");
        }
    }
    let inner = if inner.is_empty() {
        members.trim_end_matches(", ")
    } else {
        &format!("{members}{inner}")
    };
    let top = if top.is_empty() {
        String::new()
    } else {
        format!(", {top}")
    };
    format!("[{{\"version\": 1.0, \"handlerManifest\": {{{inner}}}{top}}}]")
}

fn refused(code: Code, place: &'static str) -> Outcome {
    Outcome::Refuse(code, place)
}

#[test]
fn the_document_as_a_whole() {
    let good = manifest("", "");
    let with_mark = format!("\u{feff}{good}");
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(good.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let large = format!("{good}{}", " ".repeat(64 * 1024));
    let deep = "[".repeat(60_000);
    let two = format!("[{0}, {0}]", "{\"handlerManifest\": {}}");
    let top = "HandlerManifest.json: $";
    let table: &[(&str, &[u8], Outcome)] = &[
        ("none", good.as_bytes(), Outcome::Accept),
        (
            "MAN-01 empty",
            b"",
            refused(codes::MANIFEST_JSON, "HandlerManifest.json:1:1"),
        ),
        (
            "MAN-01 brace",
            b"{",
            refused(codes::MANIFEST_JSON, "HandlerManifest.json:1:"),
        ),
        (
            "MAN-01 null",
            b"null",
            refused(codes::MANIFEST_JSON, "HandlerManifest.json:1:1"),
        ),
        (
            "MAN-01 text",
            b"hello",
            refused(codes::MANIFEST_JSON, "HandlerManifest.json:1:1"),
        ),
        (
            "MAN-02",
            with_mark.as_bytes(),
            Outcome::Warn(codes::MANIFEST_ENCODING, FILE),
        ),
        (
            "MAN-03",
            &utf16,
            refused(codes::MANIFEST_ENCODING, "HandlerManifest.json:1:1"),
        ),
        ("MAN-04 object", b"{}", refused(codes::MANIFEST_SHAPE, top)),
        ("MAN-04 no element", b"[]", refused(codes::MANIFEST_SHAPE, top)),
        (
            "MAN-04 two elements",
            two.as_bytes(),
            refused(codes::MANIFEST_SHAPE, top),
        ),
        (
            "MAN-04 null element",
            b"[null]",
            refused(codes::MANIFEST_SHAPE, "HandlerManifest.json: $[0]"),
        ),
        ("MAN-04 no manifest", b"[{}]", refused(codes::MANIFEST_SHAPE, INNER)),
        (
            "MAN-04 list",
            b"[{\"handlerManifest\": []}]",
            refused(codes::MANIFEST_SHAPE, INNER),
        ),
        ("MAN-09 large", large.as_bytes(), refused(codes::MANIFEST_SIZE, FILE)),
        (
            "MAN-09 deep",
            deep.as_bytes(),
            refused(codes::MANIFEST_DEPTH, "HandlerManifest.json:1:33"),
        ),
    ];
    for (case, bytes, outcome) in table {
        assert_outcome(case, &findings(parse(bytes)), *outcome);
    }
}

/// MAN-05: reading accepts it, checking for completeness does not.
#[test]
fn man_05_a_missing_command_is_an_error_only_when_it_is_needed() {
    for command in Command::ALL {
        let text = manifest("", "").replace(&format!("\"{}\": \"handler.wasm\", ", command.manifest_key()), "");
        let checked = parse(text.as_bytes()).unwrap();
        assert!(checked.warnings.is_empty(), "{command}: {:?}", checked.warnings);
        assert_eq!(checked.value.missing_commands(), [command]);
        let complete = checked.value.check_complete();
        let place = format!("{INNER}.{}", command.manifest_key());
        assert_eq!(complete.len(), 1, "{command}");
        assert_eq!(
            (complete[0].code(), complete[0].location()),
            (codes::MANIFEST_FIELD, place),
            "{command}"
        );
    }
}

#[test]
fn fields_of_the_wrong_type() {
    for command in Command::ALL {
        for value in ["1", "null", "[]", "{}", "true"] {
            let text = manifest(&format!("\"{}\": {value}", command.manifest_key()), "");
            assert_outcome(
                "MAN-06",
                &findings(parse(text.as_bytes())),
                refused(codes::MANIFEST_TYPE, INNER),
            );
        }
    }
    for value in ["1", "[]", "{}", "true"] {
        let text = manifest(&format!("\"updateMode\": {value}"), "");
        assert_outcome(
            "MAN-06 updateMode",
            &findings(parse(text.as_bytes())),
            refused(codes::MANIFEST_TYPE, INNER),
        );
    }
}

#[test]
fn single_fields() {
    let top = "HandlerManifest.json: $[0]";
    let table: &[(&str, &str, &str, Outcome)] = &[
        (
            "MAN-10",
            "\"enableCommand\": \"a\", \"enableCommand\": \"b\"",
            "",
            refused(
                codes::MANIFEST_DUPLICATE_KEY,
                "HandlerManifest.json: $[0].handlerManifest.enableCommand",
            ),
        ),
        ("MAN-11 true", "\"reportHeartbeat\": \"true\"", "", Outcome::Accept),
        ("MAN-11 True", "\"reportHeartbeat\": \"True\"", "", Outcome::Accept),
        (
            "MAN-11 one",
            "\"reportHeartbeat\": 1",
            "",
            Outcome::Warn(codes::MANIFEST_VALUE, INNER),
        ),
        (
            "MAN-11 yes",
            "\"reportHeartbeat\": \"yes\"",
            "",
            Outcome::Warn(codes::MANIFEST_VALUE, INNER),
        ),
        (
            "MAN-12 key",
            "\"suportsMultipleExtensions\": true",
            "",
            Outcome::Warn(codes::MANIFEST_UNKNOWN_KEY, INNER),
        ),
        (
            "MAN-12 updateMode",
            "\"updateMode\": \"Never\"",
            "",
            Outcome::Warn(codes::MANIFEST_VALUE, INNER),
        ),
        (
            "MAN-14 huge",
            "",
            "\"resourceLimits\": {\"memoryQuotaInMB\": 1e9}",
            Outcome::Accept,
        ),
        (
            "MAN-14 negative",
            "",
            "\"resourceLimits\": {\"memoryQuotaInMB\": -1}",
            Outcome::Warn(codes::MANIFEST_LIMITS, top),
        ),
        (
            "MAN-14 text",
            "",
            "\"resourceLimits\": {\"cpuQuotaPercentage\": \"NaN\"}",
            Outcome::Warn(codes::MANIFEST_LIMITS, top),
        ),
        (
            "MAN-14 zero",
            "",
            "\"resourceLimits\": {\"cpuQuotaPercentage\": 0}",
            Outcome::Warn(codes::MANIFEST_LIMITS, top),
        ),
        (
            "contract 1.3 list",
            "",
            "\"resourceLimits\": []",
            refused(codes::MANIFEST_TYPE, top),
        ),
        (
            "MAN-16 name",
            "",
            "\"name\": \"a\\u202eb\\u001b[0m\"",
            Outcome::Warn(codes::MANIFEST_VALUE, top),
        ),
        (
            "sandbox type",
            "",
            "\"sandbox\": []",
            refused(codes::MANIFEST_TYPE, "HandlerManifest.json: $[0].sandbox"),
        ),
        (
            "sandbox key",
            "",
            "\"sandbox\": {\"limit\": {}}",
            refused(codes::MANIFEST_UNKNOWN_KEY, top),
        ),
        (
            "sandbox limit",
            "",
            "\"sandbox\": {\"limits\": {\"memory\": -1}}",
            refused(
                codes::MANIFEST_LIMITS,
                "HandlerManifest.json: $[0].sandbox.limits.memory",
            ),
        ),
        (
            "sandbox fraction",
            "",
            "\"sandbox\": {\"limits\": {\"memory\": 1.0}}",
            refused(codes::MANIFEST_LIMITS, top),
        ),
        (
            "sandbox command",
            "",
            "\"sandbox\": {\"commands\": {\"enabel\": {}}}",
            refused(
                codes::MANIFEST_UNKNOWN_KEY,
                "HandlerManifest.json: $[0].sandbox.commands.enabel",
            ),
        ),
        (
            "sandbox component",
            "",
            "\"sandbox\": {\"component\": \"../x.wasm\"}",
            refused(codes::MANIFEST_COMMAND, top),
        ),
    ];
    for (case, inner, beside, outcome) in table {
        assert_outcome(case, &findings(parse(manifest(inner, beside).as_bytes())), *outcome);
    }
}
