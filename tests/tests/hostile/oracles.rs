//! What is looked at after every row, whatever the attack.

use serde_json::Value;

use crate::row::Row;
use crate::seen::Seen;

/// Longest text of a finding, in bytes.
const MAX_FINDING: usize = 4096;

/// Most descriptors that the host may have open, besides those of a handler's resources.
const DESCRIPTORS: u64 = 64;

/// Most threads that the host may have: its own, the command's, and those in file calls.
const THREADS: u64 = 24;

/// All that is not as `row` says it must be (O1 to O6 and O10; O2 and O3 were looked at while the root was there).
pub(crate) fn problems(row: &Row, seen: &Seen) -> Vec<String> {
    let mut problems = Vec::new();
    no_crash(seen, &mut problems);
    problems.extend(
        seen.canary
            .iter()
            .map(|change| format!("outside of its folders, {change}")),
    );
    problems.extend(seen.beside.iter().map(|change| format!("in the root, {change}")));
    problems.extend(seen.leaks.iter().cloned());
    cost(row, seen, &mut problems);
    disk(seen, &mut problems);
    schema(&seen.report, &mut problems);
    outcome(row, seen, &mut problems);
    fit_for_people(seen.handler(), &mut problems);
    problems
}

/// O1.
fn no_crash(seen: &Seen, problems: &mut Vec<String>) {
    match seen.ran.status.code() {
        Some(0 | 1) => {}
        other => problems.push(format!("hostler ended with {other:?} ({})", seen.ran.status)),
    }
    let stderr = seen.ran.stderr_text();
    if stderr.contains("internal error") || stderr.contains("panicked at") {
        problems.push(format!("hostler panicked: {stderr}"));
    }
}

/// O4 and O5.
fn cost(row: &Row, seen: &Seen, problems: &mut Vec<String>) {
    if seen.ran.wall > row.wall {
        problems.push(format!("it took {:?}, more than {:?}", seen.ran.wall, row.wall));
    }
    let mib = seen.ran.peak_rss >> 20;
    if mib == 0 || mib > row.rss_mib {
        problems.push(format!("hostler had {mib} MiB, allowed are 1 to {}", row.rss_mib));
    }
    let descriptors = DESCRIPTORS + seen.limit("guest.resources")["limit"].as_u64().unwrap_or_default();
    for (what, found, most) in [
        ("descriptors", seen.ran.peak_descriptors, descriptors),
        ("threads", seen.ran.peak_threads, THREADS),
    ] {
        if found == 0 || found > most {
            problems.push(format!("hostler had {found} {what}, allowed are 1 to {most}"));
        }
    }
}

/// O4: what really lies in the handler's folders is within the limits, whatever the report says of it.
fn disk(seen: &Seen, problems: &mut Vec<String>) {
    for folder in &seen.on_disk {
        for (what, found) in [
            (format!("dir.{}.bytes", folder.name), folder.bytes),
            (format!("dir.{}.files", folder.name), folder.files),
            (format!("dir.{}.depth", folder.name), folder.depth),
            ("file.max".to_owned(), folder.largest),
        ] {
            if let Some(limit) = seen.limit(&what)["limit"].as_u64()
                && found > limit
            {
                problems.push(format!("{what} is {limit}, and {} has {found}", folder.name));
            }
        }
    }
}

/// A check of a JSON type.
type Is = fn(&Value) -> bool;

/// O10: the members of contract 9.1 that a reader relies on, with their types.
fn schema(report: &Value, problems: &mut Vec<String>) {
    let needed: [(&str, Is); 14] = [
        ("/version", Value::is_string),
        ("/timestampUTC", Value::is_string),
        ("/aggregateStatus/guestAgentStatus/version", Value::is_string),
        ("/aggregateStatus/guestAgentStatus/status", Value::is_string),
        (
            "/aggregateStatus/guestAgentStatus/formattedMessage/lang",
            Value::is_string,
        ),
        (
            "/aggregateStatus/handlerAggregateStatus/0/handlerVersion",
            Value::is_string,
        ),
        (
            "/aggregateStatus/handlerAggregateStatus/0/handlerName",
            Value::is_string,
        ),
        ("/aggregateStatus/handlerAggregateStatus/0/status", Value::is_string),
        ("/aggregateStatus/handlerAggregateStatus/0/code", Value::is_i64),
        (
            "/aggregateStatus/handlerAggregateStatus/0/useExactVersion",
            Value::is_boolean,
        ),
        (
            "/aggregateStatus/handlerAggregateStatus/0/hostler/package/digest",
            Value::is_string,
        ),
        (
            "/aggregateStatus/handlerAggregateStatus/0/hostler/commands",
            Value::is_array,
        ),
        (
            "/aggregateStatus/handlerAggregateStatus/0/hostler/findings",
            Value::is_array,
        ),
        ("/supportedFeatures", Value::is_array),
    ];
    for (path, is_right) in needed {
        if !report.pointer(path).is_some_and(is_right) {
            problems.push(format!("the report's {path} is missing or of the wrong type"));
        }
    }
}

/// What the row says of end, limits, status and findings.
fn outcome(row: &Row, seen: &Seen, problems: &mut Vec<String>) {
    let mut expect = |what: &str, found: &Value, wanted: Value| {
        if *found != wanted {
            problems.push(format!("{what} is {found}, not {wanted}"));
        }
    };
    let (kind, exit_code, code) = row.ended.reported();
    let enable = seen.enable();
    expect("the end's kind", &enable["end"]["kind"], kind.into());
    expect("the exit code", &enable["exitCode"], exit_code.into());
    expect("the code", &enable["code"], code.into());
    let (word, number) = row.handler;
    expect("the handler's status", &seen.handler()["status"], word.into());
    expect("the handler's code", &seen.handler()["code"], number.into());
    match row.status {
        Some((word, number)) => {
            expect("the status", &seen.status()["status"], word.into());
            expect("the status' code", &seen.status()["code"], number.into());
        }
        None => expect("the status", &seen.status()["status"], Value::Null),
    }
    let mut limits: Vec<&str> = row.reached.iter().copied().chain(row.ended.limit()).collect();
    limits.sort_unstable();
    let all = enable["limits"].as_array().into_iter().flatten();
    let mut reached: Vec<&str> = all
        .filter(|limit| limit["reached"] == true)
        .filter_map(|limit| limit["name"].as_str())
        .collect();
    reached.sort_unstable();
    if reached != limits {
        problems.push(format!("the limits reached are {reached:?}, not {limits:?}"));
    }
    for finding in &row.findings {
        if !seen.findings().contains(finding) {
            problems.push(format!("{finding} is not among the findings"));
        }
    }
    for words in &row.words {
        if !seen.status_message().contains(words) {
            problems.push(format!("the status does not say `{words}`"));
        }
    }
    let well = row.handler.0 == "Ready" && row.status.is_none_or(|(word, _)| word == "success");
    if seen.ran.status.success() != well {
        problems.push(format!("hostler ended with {}", seen.ran.status));
    }
}

/// O6: what the host says in its own words is bounded and does nothing to a terminal.
fn fit_for_people(handler: &Value, problems: &mut Vec<String>) {
    for finding in handler["hostler"]["findings"].as_array().into_iter().flatten() {
        let text = finding.to_string();
        if text.len() > MAX_FINDING || acts_on_a_terminal(finding) {
            problems.push(format!("a finding is too long or not escaped: {text}"));
        }
    }
    for end in handler["hostler"]["commands"].as_array().into_iter().flatten() {
        if acts_on_a_terminal(&end["end"]) {
            problems.push(format!("the words of an end are not escaped: {}", end["end"]));
        }
    }
    if acts_on_a_terminal(&handler["formattedMessage"]) {
        problems.push(format!(
            "the handler's message is not escaped: {}",
            handler["formattedMessage"]
        ));
    }
}

/// Whether any string in `value` has a control character other than a line feed, or one that changes the order of text.
fn acts_on_a_terminal(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().any(acts),
        Value::Array(items) => items.iter().any(acts_on_a_terminal),
        Value::Object(members) => members.values().any(acts_on_a_terminal),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a character acts on a terminal instead of being shown.
pub(crate) fn acts(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
