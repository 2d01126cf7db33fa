use hostler_contract::{Finding, Place};
use serde_json::json;

use super::*;
use crate::limits::Limits;
use crate::report::CommandReport;

/// A command that ended well, without a word, with a success as its status.
fn ran() -> Ran {
    let limits: Vec<Value> = LimitName::ALL
        .map(|name| {
            let value = Limits::default().value(name);
            json!({"name": name.name(), "unit": "count", "limit": value, "rule": "default", "used": 0, "reached": false})
        })
        .to_vec();
    let command: CommandReport = serde_json::from_value(json!({
        "command": "enable", "version": "1.0.0", "line": "/base/hostile.wasm enable",
        "component": {"name": "hostile.wasm", "digest": "", "origin": "kept"},
        "exitCode": 0, "end": {"kind": "exited", "code": 0, "message": null}, "code": null, "durationMs": 1,
        "limits": limits,
        "stdout": {"text": "", "bytes": 0, "dropped": 0}, "stderr": {"text": "", "bytes": 0, "dropped": 0},
    }))
    .unwrap();
    Ran {
        command,
        status: Some((StatusKind::Success, "done".to_owned())),
        ready: true,
        findings: vec![],
        shown: "SelfTest.Attacker1-1.0.0\n".to_owned(),
        data: (0, 0),
        host_variables: vec!["HOME".to_owned()],
    }
}

/// Says `value` on standard output.
fn saying(value: Value) -> Ran {
    let mut ran = ran();
    ran.command.stdout.text = value.to_string();
    ran
}

fn ending(end: Value) -> Ran {
    let mut ran = ran();
    ran.command.end = serde_json::from_value(end).unwrap();
    ran
}

fn stopped(kind: &str, name: &str, value: u64) -> Ran {
    let limit = json!({"value": value, "rule": "command-line"});
    ending(json!({"kind": kind, "name": name, "limit": limit, "used": null, "asked": null}))
}

fn trapped(trap: &str) -> Ran {
    ending(json!({"kind": "trapped", "trap": trap, "message": "wasm trap"}))
}

fn limited(name: LimitName, allowed: u64, used: u64, reached: bool) -> Ran {
    let mut ran = ran();
    for limit in &mut ran.command.limits {
        if limit.name == name {
            (limit.limit, limit.used, limit.reached) = (allowed, Some(used), reached);
        }
    }
    ran
}

fn errored(mut ran: Ran) -> Ran {
    ran.status = Some((StatusKind::Error, "failed".to_owned()));
    ran.ready = false;
    ran
}

fn found(mut ran: Ran, code: Code) -> Ran {
    ran.findings
        .push(Finding::refusal(code, "f", Place::Whole, "what", "hint"));
    ran
}

fn slow(mut ran: Ran, milliseconds: u64) -> Ran {
    ran.command.duration_ms = milliseconds;
    ran
}

fn dropping(bytes: usize, dropped: u64) -> Ran {
    let mut ran = limited(LimitName::Stdout, 100, 100, true);
    (ran.command.stdout.bytes, ran.command.stdout.dropped) = (bytes, dropped);
    ran
}

fn shown(text: &str) -> Ran {
    Ran {
        shown: text.to_owned(),
        ..ran()
    }
}

fn escaping(tried: u64, succeeded: Value, never: Value) -> Ran {
    saying(json!({"tried": tried, "succeeded": succeeded, "never": never}))
}

fn writing(unchanged: bool) -> Ran {
    let never = ["write-by-reader", "set-size"];
    saying(json!({"tried": 72, "succeeded": [], "never": never, "unchanged": unchanged}))
}

fn linking(gave: &str) -> Ran {
    saying(json!([{"operation": "link", "gave": gave}, {"operation": "rename", "gave": "Ok(())"}]))
}

/// Each check with what it must take, and what it must judge to be broken or without proof.
#[test]
fn every_check_is_able_to_fail() {
    let never = json!(["link-followed"]);
    let one = json!([{"operation": "read", "path": "../../canary"}]);
    type Check = fn(&Ran) -> Checked;
    let cases: Vec<(Check, Ran, Vec<Ran>)> = vec![
        (
            no_path_leads_out,
            escaping(6_000, json!([]), never.clone()),
            vec![
                ran(),
                escaping(6_000, one, never.clone()),
                escaping(10, json!([]), never.clone()),
                escaping(6_000, json!([]), json!(["read"])),
                saying(json!({"tried": 6_000, "never": never})),
            ],
        ),
        (nothing_is_changed, writing(true), vec![ran(), writing(false)]),
        (
            no_links_between_folders,
            linking("Err(cross-device)"),
            vec![ran(), linking("Ok(())"), saying(json!([]))],
        ),
        (
            only_the_contracts_variables,
            saying(json!({"PWD": "/base"})),
            vec![ran(), saying(json!({})), saying(json!({"PWD": "/", "HOME": "/root"}))],
        ),
        (
            only_its_arguments,
            saying(json!(["hostile.wasm", "enable"])),
            vec![ran(), saying(json!(["hostile.wasm", "enable", "--secret"]))],
        ),
        (
            no_input,
            saying(json!({"bytes": 0, "error": null})),
            vec![ran(), saying(json!({"bytes": 1, "error": null}))],
        ),
        (
            ends_at_its_deadline,
            slow(stopped("timed-out", "cmd.deadline", 300), 310),
            vec![
                ran(),
                trapped("stack"),
                slow(stopped("timed-out", "cmd.deadline", 300), 3_301),
            ],
        ),
        (
            stops_at_cpu,
            stopped("stopped", "cmd.cpu", 300),
            vec![
                ran(),
                stopped("stopped", "guest.random", 1),
                stopped("timed-out", "cmd.deadline", 300),
            ],
        ),
        (
            stops_at_resources,
            stopped("stopped", "guest.resources", 512),
            vec![ran(), stopped("stopped", "cmd.cpu", 1)],
        ),
        (
            stops_at_hostcall,
            stopped("stopped", "guest.hostcall", 1),
            vec![ran(), stopped("stopped", "cmd.cpu", 1)],
        ),
        (
            stops_at_random,
            stopped("stopped", "guest.random", 1),
            vec![ran(), stopped("stopped", "cmd.cpu", 1)],
        ),
        (
            memory_is_held,
            limited(LimitName::Memory, 100, 99, true),
            vec![
                ran(),
                limited(LimitName::Memory, 100, 101, true),
                limited(LimitName::Memory, 100, 99, false),
            ],
        ),
        (
            data_bytes_are_held,
            limited(LimitName::DataBytes, 100, 100, true),
            vec![
                ran(),
                Ran {
                    data: (101, 1),
                    ..limited(LimitName::DataBytes, 100, 100, true)
                },
            ],
        ),
        (
            data_files_are_held,
            limited(LimitName::DataFiles, 10, 10, true),
            vec![
                ran(),
                Ran {
                    data: (0, 11),
                    ..limited(LimitName::DataFiles, 10, 10, true)
                },
            ],
        ),
        (
            depth_is_held,
            limited(LimitName::DataDepth, 4, 4, true),
            vec![ran(), limited(LimitName::DataDepth, 4, 5, true)],
        ),
        (
            file_size_is_held,
            limited(LimitName::File, 10, 10, true),
            vec![ran(), limited(LimitName::File, 10, 11, true)],
        ),
        (
            output_is_cut,
            dropping(100, 1),
            vec![ran(), dropping(101, 1), dropping(100, 0)],
        ),
        (stack_ends, trapped("stack"), vec![ran(), trapped("unreachable")]),
        (
            failure_is_an_error,
            errored(trapped("unreachable")),
            vec![
                ran(),
                errored(ran()),
                trapped("unreachable"),
                Ran {
                    ready: true,
                    ..errored(trapped("unreachable"))
                },
                Ran {
                    status: None,
                    ..errored(trapped("unreachable"))
                },
            ],
        ),
        (
            missing_status_is_an_error,
            found(errored(ran()), codes::STATUS_MISSING),
            vec![ran(), errored(ran()), found(ran(), codes::STATUS_MISSING)],
        ),
        (
            large_status_is_not_read,
            found(errored(ran()), codes::STATUS_SIZE),
            vec![ran(), errored(ran()), found(ran(), codes::STATUS_SIZE)],
        ),
        (
            link_is_not_followed,
            found(errored(ran()), codes::STATUS_FILE_TYPE),
            vec![ran(), errored(ran()), found(ran(), codes::STATUS_FILE_TYPE)],
        ),
        (
            shown_is_plain,
            shown("  stdout  | hostler: all is well\n"),
            vec![
                ran(),
                shown("| hostler: x\nhostler: all is well\n"),
                shown("| hostler: x \u{1b}[2J"),
                shown("| hostler: x \u{202e}"),
                shown("| hostler: x\n{\"level\": 1}\n"),
            ],
        ),
    ];
    for (number, (check, good, broken)) in cases.iter().enumerate() {
        assert!(check(good).is_ok(), "{number}: {:?}", check(good));
        for (bad, broken) in broken.iter().enumerate() {
            assert!(check(broken).is_err(), "{number}, broken {bad}: {:?}", check(broken));
        }
    }
}

#[test]
fn waiting_must_cost_nothing() {
    let waited = |used| {
        let mut ran = limited(LimitName::Cpu, 60_000, used, false);
        ran.command.end = stopped("timed-out", "cmd.deadline", 300).command.end;
        slow(ran, 300)
    };
    assert!(waits_at_no_cost(&waited(10)).is_ok());
    assert!(waits_at_no_cost(&waited(300)).is_err());
}

#[test]
fn refusals_leave_nothing_and_are_for_what_is_wrong() {
    let refused = |code: Option<Code>, left: &[&str]| RefusedSeen {
        findings: code
            .map(|code| Finding::refusal(code, "p.zip", Place::Whole, "what", "hint"))
            .into_iter()
            .collect(),
        left: left.iter().map(|left| (*left).to_owned()).collect(),
    };
    let crc = Some(codes::PKG_CRC);
    assert!(leaves_nothing(&refused(crc, &[])).is_ok());
    assert!(leaves_nothing(&refused(None, &[])).is_err());
    assert!(leaves_nothing(&refused(crc, &["staging/x"])).is_err());
    assert!(leaves_nothing(&refused(Some(codes::PKG_WORKER), &[])).is_err());
    assert!(is_refused_as_code(&refused(Some(codes::WASM_NATIVE), &[])).is_ok());
    assert!(is_refused_as_code(&refused(crc, &[])).is_err());
    assert!(is_said_plainly(&refused(crc, &[])).is_ok());
    assert!(is_said_plainly(&refused(None, &[])).is_err());
}
