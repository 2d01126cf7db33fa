//! What `run --json` prints: the agent's status document (contract 9.1), in its order of keys, with ours in it.

use hostler_tests::package;
use serde_json::json;

use crate::made::with;
use crate::workbench::Workbench;

#[test]
fn with_settings() {
    let bench = Workbench::new();
    let settings = json!({ "name": "Ada" }).to_string();
    let settings = bench.write("Greeting.7.settings", settings);
    let said = bench.run_alone(
        &package("Hostler.Samples.Hello"),
        &[
            "--json",
            "--commands",
            "enable",
            "--settings",
            settings.to_str().unwrap(),
        ],
    );
    insta::assert_snapshot!(said.document(), @r#"
    exit code 0
    --- stdout
    {
      "version": "1.1",
      "timestampUTC": "[TIME]",
      "aggregateStatus": {
        "guestAgentStatus": {
          "version": "[VERSION]",
          "status": "Ready",
          "formattedMessage": { "lang": "en-US", "message": "Guest Agent is running" }
        },
        "handlerAggregateStatus": [
          {
            "handlerVersion": "1.0.0",
            "handlerName": "Hostler.Samples.Hello",
            "status": "Ready",
            "code": 0,
            "useExactVersion": true,
            "formattedMessage": { "lang": "en-US", "message": "Plugin enabled" },
            "runtimeSettingsStatus": {
              "settingsStatus": {
                "status": {
                  "name": "Greeting",
                  "configurationAppliedTime": "[TIME]",
                  "operation": "enable",
                  "status": "success",
                  "code": 0,
                  "formattedMessage": { "lang": "en-US", "message": "Hello, Ada" },
                  "substatus": [
                    {
                      "name": "greeting",
                      "status": "success",
                      "code": 0,
                      "formattedMessage": { "lang": "en-US", "message": "Hello, Ada" }
                    }
                  ]
                },
                "version": 1.0,
                "timestampUTC": "[TIME]"
              },
              "sequenceNumber": 7,
              "extensionName": "Greeting"
            },
            "hostler": {
              "package": { "handler": "Hostler.Samples.Hello-1.0.0", "base": "[HERE]/root/handlers/Hostler.Samples.Hello-1.0.0", "file": "Hostler.Samples.Hello-1.0.0.zip", "digest": "[DIGEST]", "bytes": [N], "signature": "unsigned" },
              "folders": [
                { "name": "[HERE]/root/handlers/Hostler.Samples.Hello-1.0.0", "access": "read-only" },
                { "name": ".", "access": "read-only" },
                { "name": "[HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/config", "access": "read-only" },
                { "name": "[HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/status", "access": "read-write" },
                { "name": "[HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/heartbeat", "access": "read-write" },
                { "name": "[HERE]/root/logs/Hostler.Samples.Hello", "access": "read-write" },
                { "name": "[HERE]/root/logs/Hostler.Samples.Hello/events", "access": "read-write" },
                { "name": "[HERE]/root/data/Hostler.Samples.Hello", "access": "read-write" }
              ],
              "commands": [
                {
                  "command": "enable",
                  "version": "1.0.0",
                  "line": "[HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/hello.wasm enable",
                  "component": { "name": "hello.wasm", "digest": "[DIGEST]", "origin": "compiled", "compileMs": [N] },
                  "exitCode": 0,
                  "end": { "kind": "exited", "code": 0, "message": null },
                  "code": null,
                  "durationMs": [N],
                  "limits": [
                    { "name": "cmd.deadline", "unit": "ms", "limit": 300000, "rule": "contract", "used": [N], "reached": false },
                    { "name": "cmd.cpu", "unit": "ms", "limit": 60000, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.memory_total", "unit": "bytes", "limit": 268435456, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.table_elems_total", "unit": "count", "limit": 1000000, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.instances", "unit": "count", "limit": 64, "rule": "default", "used": null, "reached": false },
                    { "name": "guest.memories", "unit": "count", "limit": 8, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.tables", "unit": "count", "limit": 64, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.handles", "unit": "count", "limit": 4096, "rule": "default", "used": null, "reached": false },
                    { "name": "guest.resources", "unit": "count", "limit": 512, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.hostcall", "unit": "bytes", "limit": 4194304, "rule": "default", "used": null, "reached": false },
                    { "name": "guest.random", "unit": "bytes", "limit": 65536, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.stdout", "unit": "bytes", "limit": 1048576, "rule": "default", "used": [N], "reached": false },
                    { "name": "guest.stderr", "unit": "bytes", "limit": 1048576, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.status.bytes", "unit": "bytes", "limit": 4194304, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.status.files", "unit": "count", "limit": 1024, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.status.depth", "unit": "count", "limit": 1, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.heartbeat.bytes", "unit": "bytes", "limit": 1048576, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.heartbeat.files", "unit": "count", "limit": 64, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.heartbeat.depth", "unit": "count", "limit": 1, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.log.bytes", "unit": "bytes", "limit": 16777216, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.log.files", "unit": "count", "limit": 128, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.log.depth", "unit": "count", "limit": 8, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.events.bytes", "unit": "bytes", "limit": 4194304, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.events.files", "unit": "count", "limit": 1000, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.events.depth", "unit": "count", "limit": 1, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.data.bytes", "unit": "bytes", "limit": 67108864, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.data.files", "unit": "count", "limit": 1024, "rule": "default", "used": [N], "reached": false },
                    { "name": "dir.data.depth", "unit": "count", "limit": 8, "rule": "default", "used": [N], "reached": false },
                    { "name": "file.max", "unit": "bytes", "limit": 16777216, "rule": "default", "used": [N], "reached": false }
                  ],
                  "stdout": { "text": "", "bytes": [N], "dropped": [N] },
                  "stderr": { "text": "", "bytes": [N], "dropped": [N] }
                }
              ],
              "findings": []
            }
          }
        ]
      },
      "guestOSInfo": { "computerName": "[MACHINE]", "osName": "[MACHINE]", "osVersion": "[MACHINE]", "version": "[VERSION]" },
      "supportedFeatures": [],
      "hostler": { "isolation": "[LAYERS]" }
    }
    "#);
}

/// Without settings there is no status of an extension to report (contract 4.1).
#[test]
fn without_settings() {
    let bench = Workbench::new();
    let said = bench.run(&bench.package(&with([])), &["--json"]);
    let handler = said.handler();
    assert_eq!(handler.get("runtimeSettingsStatus"), None);
    let commands = handler["hostler"]["commands"].as_array().unwrap();
    let ran: Vec<_> = commands.iter().map(|command| &command["command"]).collect();
    assert_eq!(ran, ["install", "enable"]);
    assert_eq!((said.exit, &handler["status"]), (0, &json!("Ready")));
}
