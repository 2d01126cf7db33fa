//! Sources over HTTP that are well, slow, endless, broken, gone, or flip.

use std::fs;
use std::time::Instant;

use serde_json::{Value, json};

use crate::machine::{Machine, enable, until};
use crate::server::{Answer, Server};

/// The goal state with its version manifest named by its path on this server.
fn start(machine: &Machine, server: &Server) -> crate::machine::Agent {
    machine.start(&server.url(), &["--metrics", "127.0.0.1:0"])
}

fn source(machine: &Machine) -> Value {
    machine.agent()["source"].clone()
}

/// A goal state without handlers, of that number.
fn empty(number: u32) -> String {
    json!({"inSvdSeqNo": number, "extensionGoalStates": []}).to_string()
}

/// What did not change is not sent again, and a new tag for the same document is no new goal state.
#[test]
fn only_what_changes_is_sent() {
    let machine = Machine::new(&json!({}));
    let server = Server::start(Answer::Document(empty(1), "\"one\""));
    let agent = start(&machine, &server);
    let sent = |status: &str| server.requests().iter().filter(|line| line.ends_with(status)).count();
    until("ten that are the same", || sent(" 304") >= 10);
    assert_eq!(sent(" 200"), 1);
    machine.wait_until_carried_out(1);
    server.answer(Answer::Document(empty(1), "\"two\""));
    until("it once more", || sent(" 200") == 2);
    server.answer(Answer::Document(empty(2), "\"three\""));
    until("another", || machine.agent()["inForce"]["number"] == "2");
    machine.wait_until_carried_out(2);
    agent.stop();
    let begun = machine
        .audit()
        .into_iter()
        .filter(|event| event == "apply-begun")
        .count();
    assert_eq!(begun, 2);
    // What gives access is shown nowhere.
    let report = fs::read_to_string(machine.path("root/report/status.json")).unwrap();
    assert!(
        !report.contains("secret") && !machine.stderr().contains("secret"),
        "{report}"
    );
}

/// Whatever comes instead, the last good one stays in force, the report goes on and says why, and all is well again with
/// the next good answer.
#[test]
fn what_cannot_be_used_changes_nothing() {
    let machine = Machine::new(&json!({}));
    let server = Server::start(Answer::Document(empty(1), "\"one\""));
    let agent = start(&machine, &server);
    until("the first", || machine.agent()["inForce"]["number"] == "1");
    let in_force = machine.agent()["inForce"].clone();
    for (answer, code) in [
        (Answer::Status(503), "download.status"),
        (Answer::Status(404), "download.status"),
        (Answer::Endless, "download.size"),
        (Answer::Garbage, "download.incomplete"),
        (
            Answer::Document("{\"half\":".to_owned(), "\"half\""),
            "vm_settings.json",
        ),
    ] {
        server.answer(answer);
        until(code, || source(&machine)["findings"][0]["code"] == code);
        assert_eq!(source(&machine)["good"], false, "{code}");
        assert_eq!(machine.agent()["inForce"], in_force, "{code}");
        server.answer(Answer::Document(empty(1), "\"one\""));
        until("good again", || source(&machine)["good"] == json!(true));
        assert_eq!(source(&machine)["findings"], json!([]));
    }
    agent.stop();
    let events = machine.audit();
    assert_eq!(
        events.iter().filter(|event| *event == "apply-begun").count(),
        1,
        "{events:?}"
    );
}

/// A server that says nothing delays neither the report nor the end.
#[test]
fn a_slow_source_delays_nothing() {
    let machine = Machine::new(&json!({}));
    let server = Server::start(Answer::Slow);
    let began = Instant::now();
    let agent = start(&machine, &server);
    until("a look", || !server.requests().is_empty());
    for _ in 0..5 {
        machine.wait_for_a_report();
    }
    // One is given up after so long, and a period is far shorter.
    let given_up = began.elapsed().as_secs() / 10;
    let looks = server.requests().len() as u64;
    assert!(looks <= 1 + given_up, "one look at a time: {looks}");
    agent.stop();
}

/// Two servers behind one name that differ: each goal state is carried out once, and the report says that they flip.
#[test]
fn a_source_that_flips() {
    let machine = Machine::new(&json!({}));
    let server = Server::start(Answer::InTurn(vec![empty(1), empty(2)]));
    let agent = start(&machine, &server);
    until("many looks", || server.requests().len() >= 40);
    until("a word about it", || {
        source(&machine)["findings"][0]["code"] == "agent.flips"
    });
    assert_eq!(source(&machine)["good"], true);
    machine.wait_until_carried_out(2);
    agent.stop();
    let events = machine.audit();
    assert_eq!(
        events.iter().filter(|event| *event == "apply-begun").count(),
        2,
        "{events:?}"
    );
}

/// A source that is lost is in the audit log, with why; one that is back too.
#[test]
fn lost_and_back() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&[]);
    until("the handler", || machine.ran() == "i0 e0");
    fs::rename(machine.file(), machine.path("elsewhere")).unwrap();
    until("lost", || {
        machine.audit().contains(&"source-lost input.open".to_owned())
    });
    until("a word about it", || {
        let table = String::from_utf8(machine.hostler(&["status"]).stdout).unwrap();
        table.contains("not usable since") && table.contains("[input.open]")
    });
    fs::rename(machine.path("elsewhere"), machine.file()).unwrap();
    until("back", || machine.audit().contains(&"source-back".to_owned()));
    assert_eq!(machine.ran(), "i0 e0");
    agent.stop();
}
