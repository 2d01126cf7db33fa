//! Metrics: on this machine only, and only when asked for.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use crate::machine::{Machine, enable, until};

/// The address that the agent says it offers metrics at.
fn address(machine: &Machine) -> String {
    let mut found = None;
    until("an address", || {
        let said = machine.stderr();
        found = said
            .lines()
            .find_map(|line| line.split_once("address="))
            .map(|(_, address)| address.trim().to_owned());
        found.is_some() && said.ends_with('\n')
    });
    found.unwrap()
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    // A server that has had enough may close before all is written.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The same for what has an answer: who has to wait for its turn on a busy machine may be too slow for the server, and asks
/// again.
fn answer(address: &str, request: &str) -> String {
    let mut said = String::new();
    until("an answer", || {
        said = ask(address, request);
        !said.is_empty()
    });
    said
}

#[test]
fn what_prometheus_reads() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&["--metrics", "127.0.0.1:0"]);
    let address = address(&machine);
    let get = || answer(&address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    until("the handler", || {
        get().contains("hostler_handlers{status=\"ready\"} 1\n")
    });
    let text = get();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"),
        "{head}"
    );
    for line in [
        "hostler_source_up 1",
        "hostler_goal_states_total 1",
        "hostler_handlers_not_well 0",
    ] {
        assert!(body.lines().any(|found| found == line), "{line}: {body}");
    }
    // Every line is a comment or a name with a number.
    for line in body.lines().filter(|line| !line.starts_with("# ")) {
        let (name, number) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("hostler_") && number.parse::<f64>().is_ok(), "{line}");
    }
    agent.stop();
}

#[test]
fn bad_requests_are_answered_or_dropped() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&["--metrics", "[::1]:0"]);
    let address = address(&machine);
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(20_000));
    for (request, expected) in [
        ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "),
        ("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "),
        ("\u{1b}[2J\r\n\r\n", "HTTP/1.1 400 "),
        ("GET /metrics\r\n\r\n", "HTTP/1.1 400 "),
        (&long, ""),
        ("GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 "),
    ] {
        let said = match expected {
            "" => ask(&address, request),
            _ => answer(&address, request),
        };
        assert!(
            said.starts_with(expected) && said.is_empty() == expected.is_empty(),
            "{request:.40}: {said}"
        );
    }
    agent.stop();
}

/// Nobody else is to ask.
#[test]
fn other_addresses_are_refused() {
    let machine = Machine::new(&json!({}));
    for address in ["0.0.0.0:9090", "[::]:9090", "192.0.2.1:9090"] {
        let ran = machine.hostler(&["agent", "--goal-state", "none", "--metrics", address]);
        assert_eq!(ran.status.code(), Some(2));
        let said = ran.stderr_text();
        assert!(
            said.contains(&format!("{address} is not a loopback address [usage]")),
            "{said}"
        );
    }
    assert!(!machine.path("root").exists());
}
