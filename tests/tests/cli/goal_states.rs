//! Goal states that cannot be had, or are none.

use serde_json::json;

use crate::offered::DEMO;
use crate::workbench::Workbench;

#[test]
fn a_goal_state_that_is_not_there() {
    let bench = Workbench::new();
    insta::assert_snapshot!(bench.apply_file(bench.path("none.json").to_str().unwrap(), &[]).all(), @"
    exit code 3
    --- stderr
    refused: it cannot be read: No such file or directory (os error 2) [input.open]
      at [HERE]/none.json
      name a file that is there and that you may read
    ");
    insta::assert_snapshot!(bench.apply_file(bench.path("none.json").to_str().unwrap(), &["--json"]).all(), @r#"
    exit code 3
    --- stdout
    {
      "verdict": "refuse",
      "findings": [
        {
          "code": "input.open",
          "severity": "refusal",
          "where": "[HERE]/none.json",
          "what": "it cannot be read: No such file or directory (os error 2)",
          "hint": "name a file that is there and that you may read"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(bench.apply_file(bench.path("").to_str().unwrap(), &[]).all(), @"
    exit code 3
    --- stderr
    refused: it is not a regular file [input.open]
      at [HERE]/
      name a file that is there and that you may read
    ");
    let missing = format!("file://{}", bench.path("none.json").display());
    insta::assert_snapshot!(bench.apply_file(&missing, &[]).all(), @"
    exit code 3
    --- stderr
    refused: the file cannot be read: No such file or directory (os error 2) [download.unreachable]
      at [HERE]/none.json
      name a file that is there and may be read
    ");
}

/// Whatever is wrong with it, what is installed stays and goes on being reported.
#[test]
fn a_goal_state_that_is_none() {
    let bench = Workbench::new();
    let entry = bench.offer(DEMO, &json!({}));
    assert_eq!(bench.apply(&[entry], &[]).exit, 0);
    let base = bench.handler("Contoso.Demo-1.0.0");
    let said = |text: &[u8], options: &[&str]| {
        let file = bench.write("source/bad.json", text);
        let said = bench.apply_file(file.to_str().unwrap(), options);
        assert!(base.join("config/0.settings").is_file());
        said
    };
    insta::assert_snapshot!(said(b"Enabled: yes\n", &[]).all(), @"
    exit code 3
    --- stdout
    Nothing was done.
    --- stderr
    refused: not JSON: expected value [vm_settings.json]
      at bad.json:1:1
      write JSON as RFC 8259 has it: UTF-8, double quotes, no comments, no trailing commas
    ");
    insta::assert_snapshot!(said(b"[]", &[]).all(), @"
    exit code 3
    --- stdout
    Nothing was done.
    --- stderr
    refused: it is an array [vm_settings.schema]
      at bad.json: $
      write an object
    ");
    insta::assert_snapshot!(said(b"", &[]).all(), @"
    exit code 3
    --- stdout
    Nothing was done.
    --- stderr
    refused: not JSON: EOF while parsing a value [vm_settings.json]
      at bad.json:1:1
      write JSON as RFC 8259 has it: UTF-8, double quotes, no comments, no trailing commas
    ");
    insta::assert_snapshot!(said(&[b' '; 5 << 20], &[]).all(), @"
    exit code 3
    --- stdout
    Nothing was done.
    --- stderr
    refused: it has 4194305 bytes [vm_settings.size]
      at bad.json
      at most 4194304 bytes are read
    ");
    insta::assert_snapshot!(said(b"{\"extensionGoalStates\": [{\"name\"", &[]).all(), @"
    exit code 3
    --- stdout
    Nothing was done.
    --- stderr
    refused: not JSON: EOF while parsing an object [vm_settings.json]
      at bad.json:1:32
      write JSON as RFC 8259 has it: UTF-8, double quotes, no comments, no trailing commas
    ");
    let said = said(b"[]", &["--json"]);
    assert_eq!(said.handler()["handlerName"], DEMO);
    let document = said.json();
    let outcome = &document["aggregateStatus"]["vmArtifactsAggregateStatus"]["goalStateAggregateStatus"];
    assert_eq!((&outcome["status"], &outcome["code"]), (&json!("Failed"), &json!(-1)));
    assert_eq!(
        document["hostler"]["goalState"]["findings"][0]["code"],
        "vm_settings.schema"
    );
    assert_eq!(bench.look("status", &[]).exit, 1);
}

#[test]
fn a_goal_state_on_a_server_that_does_not_answer() {
    let bench = Workbench::new();
    // A port that was free a moment ago, and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}/goal-state.json");
    let plain = |said: String| said.replace(&port.to_string(), "[PORT]");
    insta::assert_snapshot!(plain(bench.apply_file(&url, &[]).all()), @"
    exit code 5
    --- stderr
    error: no connection: Connection refused (os error 111) [download.unreachable]
      at http://127.0.0.1:[PORT]/goal-state.json
      check the name, the network and the proxy (HTTPS_PROXY, NO_PROXY)
    ");
    insta::assert_snapshot!(plain(bench.apply_file(&url, &["--json"]).all()), @r#"
    exit code 5
    --- stdout
    {
      "findings": [
        {
          "code": "download.unreachable",
          "severity": "refusal",
          "where": "http://127.0.0.1:[PORT]/goal-state.json",
          "what": "no connection: Connection refused (os error 111)",
          "hint": "check the name, the network and the proxy (HTTPS_PROXY, NO_PROXY)"
        }
      ]
    }
    "#);
}

#[test]
fn a_location_that_is_none() {
    let bench = Workbench::new();
    insta::assert_snapshot!(bench.apply_file("http://", &[]).all(), @"
    exit code 3
    --- stderr
    refused: the URL has no host [download.location]
      at http://
      a URL is https://host/path
    ");
    // Nobody listens there; what is secret in a URL is not shown.
    insta::assert_snapshot!(bench.apply_file("http://user:secret@127.0.0.1:1/gs.json?sig=secret", &[]).all(), @"
    exit code 5
    --- stderr
    error: no connection: Connection refused (os error 111) [download.unreachable]
      at http://127.0.0.1:1/gs.json?<redacted>
      check the name, the network and the proxy (HTTPS_PROXY, NO_PROXY)
    ");
}
