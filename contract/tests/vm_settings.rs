//! Goal states in the vmSettings form: what is read, whose fault is whose, and what refuses the whole document.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hostler_contract::{
    DocumentKind, Refused, Severity, Source, Verdict, VmSettings, check, codes,
    json::Node,
    vm_settings::{MAX_VM_SETTINGS_ENTRIES, RequestedState},
};

/// A goal state with these entries.
fn goal_state(entries: &[&str]) -> String {
    format!("{{\"extensionGoalStates\": [{}]}}", entries.join(", "))
}

fn parse(text: &str) -> Result<VmSettings, Refused> {
    VmSettings::parse(Source::new("g.json", text.as_bytes())).map(|checked| {
        assert!(checked.warnings.is_empty());
        checked.value
    })
}

/// One line for every entry: what it is, or what is wrong with it.
fn shown(text: &str) -> String {
    let mut lines = Vec::new();
    for entry in parse(text).unwrap().handlers {
        match entry {
            Ok(handler) => lines.push(format!("{}-{}: usable", handler.name, handler.version)),
            Err(bad) => {
                let name = bad.name.map(|name| name.to_string()).unwrap_or_default();
                lines.push(format!("{name}-{}: bad", bad.version));
                lines.extend(bad.refused.findings().iter().map(|finding| format!("  {finding}")));
            }
        }
    }
    lines.join("\n")
}

fn findings_of_check(text: &str) -> Vec<hostler_contract::Finding> {
    check(DocumentKind::VmSettings, Source::new("g.json", text.as_bytes()))
}

#[test]
fn goal_states_are_read_without_regard_to_the_case_of_keys() {
    let text = br#"{"INSVDSEQNO": 7, "extensiongoalstates": [
        {"Name": "A.B", "Version": "1.0", "State": "enabled", "failoverlocation": "f", "SETTINGSSEQNO": 5,
         "settings": [{"PublicSettings": "{\"a\":1}"}], "dependsOn": [{"DependencyLevel": 2}]},
        {"name": "A.C", "version": "1.0", "state": "enabled", "settingsSeqNo": 0, "settings": [{"publicSettings": "oops"}]}]}"#;
    let read = VmSettings::parse(Source::new("g.json", text)).unwrap().value;
    assert_eq!(read.in_svd_seq_no.as_deref(), Some("7"));
    let first = read.handlers[0].as_ref().unwrap();
    assert_eq!((first.state, first.locations.len()), (RequestedState::Enabled, 1));
    assert_eq!(
        (first.settings[0].number.get(), first.settings[0].dependency_level),
        (5, 2)
    );
    let settings = first.settings[0].settings.as_ref().unwrap();
    assert_eq!(
        settings.public().map(Node::to_agent_json).as_deref(),
        Some("{\"a\": 1}")
    );
    // A fault in one handler's settings is its own.
    let second = read.handlers[1].as_ref().unwrap();
    let refused = second.settings[0].settings.as_ref().unwrap_err();
    assert_eq!(refused.first().code(), codes::SETTINGS_JSON);
    assert_eq!(check(DocumentKind::VmSettings, Source::new("g.json", text)).len(), 1);
}

const GOOD: &str = r#"{"name": "A.Good", "version": "1.0", "state": "enabled"}"#;

#[test]
fn a_bad_entry_stops_no_other() {
    let multi = |settings: &str| {
        format!(r#""name": "A.B", "version": "1", "state": "enabled", "isMultiConfig": true, "settings": [{settings}]"#)
    };
    let single = |more: &str| format!(r#""name": "A.B", "version": "1", "state": "enabled", {more}"#);
    for (inner, places) in [
        (r#""version": "1", "state": "enabled""#.to_owned(), vec!["name"]),
        (
            r#""name": 1, "version": "1", "state": "enabled""#.to_owned(),
            vec!["name"],
        ),
        (
            r#""name": "AB", "version": "1", "state": "enabled""#.to_owned(),
            vec!["name"],
        ),
        (r#""name": "A.B", "state": "enabled""#.to_owned(), vec!["version"]),
        (
            r#""name": "A.B", "version": 1.0, "state": "enabled""#.to_owned(),
            vec!["version"],
        ),
        (
            r#""name": "A.B", "version": "x", "state": "enabled""#.to_owned(),
            vec!["version"],
        ),
        (
            r#""name": "A.B", "version": "1", "state": "Enabled""#.to_owned(),
            vec!["state"],
        ),
        (r#""name": "A.B", "version": "1""#.to_owned(), vec!["state"]),
        (String::new(), vec!["name", "version", "state"]),
        (single(r#""isMultiConfig": "true""#), vec!["isMultiConfig"]),
        (
            single(r#""location": 1, "failoverLocation": []"#),
            vec!["location", "failoverLocation"],
        ),
        (single(r#""additionalLocations": "l""#), vec!["additionalLocations"]),
        (
            single(r#""additionalLocations": ["l", null]"#),
            vec!["additionalLocations[1]"],
        ),
        (single(r#""encodedSignature": true"#), vec!["encodedSignature"]),
        (single(r#""settings": {}"#), vec!["settings"]),
        (single(r#""settings": ["x"]"#), vec!["settings[0]"]),
        (single(r#""settings": [{}]"#), vec!["settingsSeqNo"]),
        (
            single(r#""settingsSeqNo": "01", "settings": [{}]"#),
            vec!["settingsSeqNo"],
        ),
        (single(r#""settingsSeqNo": 1, "settings": [{}, {}]"#), vec!["settings"]),
        (single(r#""settings": [], "dependsOn": 1"#), vec!["dependsOn"]),
        (single(r#""dependsOn": [{}]"#), vec!["dependsOn[0].dependencyLevel"]),
        (
            single(r#""dependsOn": [{"dependencyLevel": 1}, {"dependencyLevel": 1}]"#),
            vec!["dependsOn"],
        ),
        (multi(r#"{"seqNo": 0}"#), vec!["settings[0].extensionName"]),
        (
            multi(r#"{"extensionName": "a/b", "seqNo": 0}"#),
            vec!["settings[0].extensionName"],
        ),
        (
            multi(r#"{"extensionName": "x", "seqNo": -1}"#),
            vec!["settings[0].seqNo"],
        ),
        (
            multi(r#"{"extensionName": "x", "seqNo": 1, "extensionState": "on"}"#),
            vec!["settings[0].extensionState"],
        ),
    ] {
        let text = goal_state(&[GOOD, &format!("{{{inner}}}"), &GOOD.replace("Good", "Last")]);
        let [Ok(first), Err(bad), Ok(last)] = &parse(&text).unwrap().handlers[..] else {
            panic!("{inner}: {}", shown(&text));
        };
        assert_eq!((first.name.as_str(), last.name.as_str()), ("A.Good", "A.Last"));
        let found: Vec<_> = bad
            .refused
            .findings()
            .iter()
            .map(|finding| finding.location())
            .collect();
        let places: Vec<_> = places
            .iter()
            .map(|place| format!("g.json: $.extensionGoalStates[1].{place}"))
            .collect();
        assert_eq!(found, places, "{inner}");
        assert_eq!(findings_of_check(&text), bad.refused.findings(), "{inner}");
        assert_eq!(Verdict::of(&findings_of_check(&text)), Verdict::Refuse, "{inner}");
    }
}

#[test]
fn a_bad_entry_keeps_what_is_known_of_it() {
    let text = goal_state(&[
        r#"{"name": "A.B", "version": "x\u001b", "state": "on"}"#,
        r#"{"name": "no dot", "version": 2.50, "state": "enabled"}"#,
        r#"["A.C"]"#,
        GOOD,
    ]);
    insta::assert_snapshot!(shown(&text), @r"
    A.B-x\x1b: bad
      g.json: $.extensionGoalStates[0].version: `x\x1b` is not a version: a part of it is not a number, or too large a one [vm_settings.schema]; write one to four numbers with dots between them, for example 1.0.0
      g.json: $.extensionGoalStates[0].state: `on` is no state [vm_settings.schema]; write `enabled`, `disabled` or `uninstall` in lower case
    -2.50: bad
      g.json: $.extensionGoalStates[1].name: `no dot` is not a handler name: a character in it is not allowed in a folder name here [vm_settings.schema]; write Publisher.Type with ASCII letters, digits, `.`, `_` and `-`, for example Contoso.Hello
      g.json: $.extensionGoalStates[1].version: `version` is a number [vm_settings.schema]; write a string
    -: bad
      g.json: $.extensionGoalStates[2]: it is an array [vm_settings.schema]; write an object
    A.Good-1.0: usable
    ");
    assert!(parse(&text).unwrap().entries_without_name());
    assert!(
        !parse(&goal_state(&[GOOD, r#"{"name": "A.B"}"#]))
            .unwrap()
            .entries_without_name()
    );
    let long = goal_state(&[&format!(
        r#"{{"name": "A.B", "version": "{}", "state": "on"}}"#,
        "9".repeat(100_000)
    )]);
    assert_eq!(parse(&long).unwrap().bad_entries().next().unwrap().version.len(), 84);
}

#[test]
fn no_entry_of_a_handler_with_several_is_used() {
    let text = goal_state(&[
        r#"{"name": "A.B", "version": "1", "state": "enabled"}"#,
        GOOD,
        r#"{"NAME": "a.b", "version": "2", "state": "uninstall"}"#,
        r#"{"name": "A.B", "version": "3", "state": "on"}"#,
        r#"{"name": "A.BB", "version": "1", "state": "enabled"}"#,
    ]);
    insta::assert_snapshot!(shown(&text), @"
    A.B-1: bad
      g.json: $.extensionGoalStates[0].name: the goal state names 3 entries for A.B, another one at $.extensionGoalStates[2]; which one counts cannot be told [vm_settings.duplicate_handler]; write one entry for each handler
    A.Good-1.0: usable
    a.b-2: bad
      g.json: $.extensionGoalStates[2].name: the goal state names 3 entries for a.b, another one at $.extensionGoalStates[0]; which one counts cannot be told [vm_settings.duplicate_handler]; write one entry for each handler
    A.B-3: bad
      g.json: $.extensionGoalStates[3].name: the goal state names 3 entries for A.B, another one at $.extensionGoalStates[0]; which one counts cannot be told [vm_settings.duplicate_handler]; write one entry for each handler
      g.json: $.extensionGoalStates[3].state: `on` is no state [vm_settings.schema]; write `enabled`, `disabled` or `uninstall` in lower case
    A.BB-1: usable
    ");
    let found: Vec<_> = findings_of_check(&text).iter().map(|finding| finding.code()).collect();
    let duplicate = codes::VM_SETTINGS_DUPLICATE_HANDLER;
    assert_eq!(found, [duplicate, duplicate, duplicate, codes::VM_SETTINGS_SCHEMA]);
}

#[test]
fn what_is_wrong_outside_of_the_entries_refuses_the_document() {
    let many = goal_state(&vec!["1"; MAX_VM_SETTINGS_ENTRIES + 1]);
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    let schema = codes::VM_SETTINGS_SCHEMA;
    for (text, code, place) in [
        ("{", codes::VM_SETTINGS_JSON, "g.json:1:1"),
        ("[]", schema, "g.json: $"),
        (deep.as_str(), codes::VM_SETTINGS_DEPTH, "g.json:1:65"),
        (
            r#"{"extensionGoalStates": [{"name": "A.B", "name": "A.B"}]}"#,
            codes::VM_SETTINGS_DUPLICATE_KEY,
            "g.json: $.extensionGoalStates[0].name",
        ),
        (
            r#"{"extensionGoalStates": {}}"#,
            schema,
            "g.json: $.extensionGoalStates",
        ),
        ("{}", schema, "g.json: $.extensionGoalStates"),
        (
            r#"{"extensionGoalStates": null}"#,
            schema,
            "g.json: $.extensionGoalStates",
        ),
        (
            r#"{"onHold": "true", "extensionGoalStates": []}"#,
            schema,
            "g.json: $.onHold",
        ),
        (
            r#"{"activityId": 1, "extensionGoalStates": []}"#,
            schema,
            "g.json: $.activityId",
        ),
        (
            r#"{"extensionGoalStates": [], "requiredFeatures": [{}]}"#,
            schema,
            "g.json: $.requiredFeatures[0].name",
        ),
        (many.as_str(), codes::VM_SETTINGS_SIZE, "g.json: $.extensionGoalStates"),
    ] {
        let refused = parse(text).unwrap_err();
        assert_eq!(
            (refused.first().code(), refused.first().location().as_str()),
            (code, place)
        );
        assert_eq!(refused.findings(), findings_of_check(text));
    }
    // Of a document that is refused anyway, an author learns everything at once.
    let refused = parse(r#"{"onHold": 1, "extensionGoalStates": [1, {"name": "A.B", "version": "1"}]}"#).unwrap_err();
    let places: Vec<_> = refused.findings().iter().map(|finding| finding.location()).collect();
    let entries = "g.json: $.extensionGoalStates";
    assert_eq!(
        places,
        [
            "g.json: $.onHold".to_owned(),
            format!("{entries}[0]"),
            format!("{entries}[1].state")
        ]
    );
}

#[test]
fn many_bad_entries_do_not_make_many_findings() {
    let text = goal_state(&vec!["{}"; MAX_VM_SETTINGS_ENTRIES]);
    let read = parse(&text).unwrap();
    let counts: Vec<_> = read.bad_entries().map(|bad| bad.refused.findings().len()).collect();
    assert_eq!(counts.len(), MAX_VM_SETTINGS_ENTRIES);
    assert!(counts[..66].iter().all(|count| *count == 3) && counts[67..].iter().all(|count| *count == 1));
    let found = findings_of_check(&text);
    assert_eq!((found.len(), found[199].severity()), (201, Severity::Refusal));
    assert!(
        found[200].what().ends_with("more findings are left out"),
        "{}",
        found[200]
    );
}

#[test]
fn two_extensions_of_one_name_are_a_fault_of_their_handler() {
    let extension = r#"{"extensionName": "X", "seqNo": 0, "publicSettings": "{}"}"#;
    let text = format!(
        r#"{{"extensionGoalStates": [{{"name": "A.B", "version": "1.0", "state": "enabled", "isMultiConfig": true,
            "settings": [{extension}, {extension}]}}]}}"#
    );
    let read = VmSettings::parse(Source::new("vm.json", text.as_bytes()))
        .unwrap()
        .value;
    let bad: Vec<_> = read.bad_entries().map(|bad| bad.refused.first().location()).collect();
    assert_eq!(bad, ["vm.json: $.extensionGoalStates[0].settings[1].extensionName"]);
}
