//! Where reports go.

use serde_json::{Value, json};

use crate::machine::{Machine, enable, until};
use crate::server::{Answer, Server};

/// The report is put at its URL every period; where it cannot be, the report itself says so.
#[test]
fn reports_are_put_where_they_go() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let server = Server::start(Answer::Status(201));
    let file = machine.path("report.json");
    let agent = machine.follow(&["--report", file.to_str().unwrap(), "--report-url", &server.url()]);
    until("the handler is reported", || {
        server.bodies().last().is_some_and(|body| {
            let report: Value = serde_json::from_slice(body).unwrap();
            report["aggregateStatus"]["handlerAggregateStatus"][0]["status"] == "Ready"
        })
    });
    assert!(server.requests()[0].starts_with("PUT /goal.json?sig=secret HTTP/1.1"));
    let upload = || machine.agent()["upload"].clone();
    until("good", || upload()["good"] == json!(true) && upload()["since"] != "");
    server.answer(Answer::Status(403));
    until("not good", || upload()["good"] == json!(false));
    assert_eq!(upload()["findings"][0]["code"], "download.status");
    server.answer(Answer::Status(201));
    until("good again", || upload()["good"] == json!(true));
    agent.stop();
    // The last one says so.
    let text = std::fs::read_to_string(&file).unwrap();
    let last: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(last["hostler"]["agent"]["state"], "stopped");
    let put: Value = serde_json::from_slice(server.bodies().last().unwrap()).unwrap();
    assert_eq!(put["hostler"]["agent"]["state"], "stopped");
    assert!(!text.contains("secret"), "{text}");
}

/// A server that takes no report and says nothing delays none.
#[test]
fn a_slow_report_url() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let server = Server::start(Answer::Slow);
    let agent = machine.follow(&["--report-url", &server.url()]);
    until("the handler", || {
        machine.report()["aggregateStatus"]["handlerAggregateStatus"][0]["status"] == "Ready"
    });
    agent.stop();
}
