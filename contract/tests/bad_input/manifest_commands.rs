//! MAN-07, MAN-15, MAN-16 and MAN-17: command lines.

use hostler_contract::{CommandLine, Manifest, Source, codes, manifest::CommandLineError};

use crate::{Outcome, assert_outcome, manifest::manifest};

#[test]
fn command_lines_that_are_refused() {
    let many = format!("a.wasm{}", " x".repeat(10_000));
    let long = format!("a.wasm {}", "x".repeat(1 << 20));
    let table: &[(&str, &str)] = &[
        ("MAN-07", "../../bin/sh"),
        ("MAN-07", "bin/../../sh"),
        ("MAN-07", "/bin/sh"),
        ("MAN-07", "'/bin/sh'"),
        ("MAN-07", "a.wasm; rm -rf /"),
        ("MAN-07", "$(id)"),
        ("MAN-07", "a.wasm \"$(id)\""),
        ("MAN-07", "`id`"),
        ("MAN-07", "a.wasm \"`id`\""),
        ("MAN-07", "a.wasm\nb.wasm"),
        ("MAN-07", "a.wasm\0.txt"),
        ("MAN-07", "a.wasm > out"),
        ("MAN-07", "a.wasm | b.wasm"),
        ("MAN-07", "a.wasm && b.wasm"),
        ("MAN-07", "a.wasm *"),
        ("MAN-07", "a.wasm ~/x"),
        ("MAN-07", "X=1 a.wasm"),
        ("MAN-07", "bin/"),
        ("MAN-07", "."),
        ("MAN-07", ""),
        ("MAN-07", "   "),
        ("MAN-07", "''"),
        ("MAN-07", "a.wasm 'x"),
        ("MAN-07", "a.wasm \"x"),
        ("MAN-07", "a.wasm \\"),
        ("MAN-15", &many),
        ("MAN-15", &long),
        ("MAN-16", "a.wasm \u{1b}[31m"),
        ("MAN-16", "a.wasm \u{202e}cod"),
        ("MAN-16", "a.wasm '\u{200b}'"),
    ];
    for (case, line) in table {
        assert!(
            CommandLine::parse(line).is_err(),
            "{case}: {:?}",
            line.chars().take(80).collect::<String>()
        );
        let quoted = serde_json::to_string(line).unwrap();
        let text = manifest(&format!("\"enableCommand\": {quoted}"), "");
        match Manifest::parse(Source::new("HandlerManifest.json", text.as_bytes())) {
            Ok(checked) => {
                let place = "HandlerManifest.json: $[0].handlerManifest.enableCommand";
                let outcome = Outcome::Refuse(codes::MANIFEST_COMMAND, place);
                assert_outcome(case, &checked.value.check_complete(), outcome);
            }
            // One mebibyte does not even fit into a manifest.
            Err(refused) => assert_eq!(refused.first().code(), codes::MANIFEST_SIZE, "{case}"),
        }
    }
}

#[test]
fn command_lines_that_are_taken_apart() {
    let table: &[(&str, &str, &[&str])] = &[
        ("none", "handler.wasm", &[]),
        ("none", "./bin/./handler.wasm  enable\tnow", &["enable", "now"]),
        ("none", "h.wasm 'a b' \"c d\" e\\ f ''", &["a b", "c d", "e f", ""]),
        ("none", "h.wasm 'it'\\''s' \"q\\\"\\\\ \\n\"", &["it's", "q\"\\ \\n"]),
        (
            "none",
            "h.wasm '$(id); *' a#b a~b k=v",
            &["$(id); *", "a#b", "a~b", "k=v"],
        ),
        ("none", "'my handler.wasm' x", &["x"]),
        (
            "MAN-17",
            "h.wasm --root / /var/lib/other/config",
            &["--root", "/", "/var/lib/other/config"],
        ),
    ];
    for (case, line, arguments) in table {
        let parsed = CommandLine::parse(line).unwrap();
        assert_eq!(parsed.arguments(), *arguments, "{case}: {line}");
    }
    assert_eq!(
        CommandLine::parse("./bin/./handler.wasm x").unwrap().component(),
        "bin/handler.wasm"
    );
    assert_eq!(
        CommandLine::parse("'my handler.wasm' x").unwrap().component(),
        "my handler.wasm"
    );
}

#[test]
fn limits_are_inclusive() {
    assert!(CommandLine::parse(&format!("h{}", " x".repeat(256))).is_ok());
    assert_eq!(
        CommandLine::parse(&format!("h{}", " x".repeat(257))),
        Err(CommandLineError::TooManyArguments)
    );
    assert!(CommandLine::parse(&format!("h {}", "x".repeat(32 * 1024 - 2))).is_ok());
    assert_eq!(
        CommandLine::parse(&format!("h {}", "x".repeat(32 * 1024 - 1))),
        Err(CommandLineError::TooLong(32 * 1024 + 1))
    );
}
