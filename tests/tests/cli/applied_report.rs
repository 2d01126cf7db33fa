//! What `apply --json` says of a handler: the agent's status document with our additions (contract 9.1).

use hostler_tests::goal_state;
use serde_json::json;

use crate::offered::DEMO;
use crate::workbench::Workbench;

#[test]
fn the_report_of_one_handler() {
    let bench = Workbench::new();
    let entry = bench.offer(DEMO, &json!({"enable": {"stdout": "done"}}));
    let file = bench.write("source/goal-state.json", goal_state(&[entry]));
    let (file, root, cache) = (file.to_str().unwrap(), bench.path("root"), bench.path("cache"));
    let said = bench.hostler(&[
        "apply",
        file,
        "--json",
        "--root",
        root.to_str().unwrap(),
        "--cache",
        cache.to_str().unwrap(),
    ]);
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
            "handlerName": "Contoso.Demo",
            "status": "Ready",
            "code": 0,
            "useExactVersion": true,
            "formattedMessage": { "lang": "en-US", "message": "Plugin enabled" },
            "runtimeSettingsStatus": {
              "settingsStatus": {
                "status": {
                  "name": "Contoso.Demo",
                  "configurationAppliedTime": null,
                  "operation": "Enable",
                  "status": "success",
                  "code": 0,
                  "formattedMessage": { "lang": "en-US", "message": "1.0.0 is enabled with settings 0" }
                },
                "version": 1.0,
                "timestampUTC": "[TIME]"
              },
              "sequenceNumber": 0
            },
            "hostler": {
              "state": "Enabled",
              "since": "[TIME]",
              "package": { "handler": "Contoso.Demo-1.0.0", "base": "[HERE]/root/handlers/Contoso.Demo-1.0.0", "file": "Contoso.Demo-1.0.0.zip", "digest": "[DIGEST]", "bytes": [N], "signature": "unsigned", "source": "[HERE]/source/Contoso.Demo-1.0.0.zip" },
              "settingsWritten": true,
              "changed": true,
              "folders": [
                { "name": "[HERE]/root/handlers/Contoso.Demo-1.0.0", "access": "read-only" },
                { "name": ".", "access": "read-only" },
                { "name": "[HERE]/root/handlers/Contoso.Demo-1.0.0/config", "access": "read-only" },
                { "name": "[HERE]/root/handlers/Contoso.Demo-1.0.0/status", "access": "read-write" },
                { "name": "[HERE]/root/handlers/Contoso.Demo-1.0.0/heartbeat", "access": "read-write" },
                { "name": "[HERE]/root/logs/Contoso.Demo", "access": "read-write" },
                { "name": "[HERE]/root/logs/Contoso.Demo/events", "access": "read-write" },
                { "name": "[HERE]/root/data/Contoso.Demo", "access": "read-write" }
              ],
              "commands": [
                {
                  "command": "install",
                  "version": "1.0.0",
                  "line": "[HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm install",
                  "component": { "name": "recorder.wasm", "digest": "[DIGEST]", "origin": "compiled", "compileMs": [N] },
                  "exitCode": 0,
                  "end": { "kind": "exited", "code": 0, "message": null },
                  "code": null,
                  "durationMs": [N],
                  "limits": [
                    { "name": "cmd.deadline", "unit": "ms", "limit": 900000, "rule": "contract", "used": [N], "reached": false },
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
                },
                {
                  "command": "enable",
                  "version": "1.0.0",
                  "line": "[HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm enable",
                  "component": { "name": "recorder.wasm", "digest": "[DIGEST]", "origin": "kept" },
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
                  "stdout": { "text": "done", "bytes": [N], "dropped": [N] },
                  "stderr": { "text": "", "bytes": [N], "dropped": [N] }
                }
              ],
              "findings": []
            }
          }
        ],
        "vmArtifactsAggregateStatus": {
          "goalStateAggregateStatus": {
            "formattedMessage": { "lang": "en-US", "message": "GoalState executed successfully" },
            "timestampUTC": "[TIME]",
            "inSvdSeqNo": "1",
            "status": "Success",
            "code": 0
          }
        }
      },
      "guestOSInfo": { "computerName": "[MACHINE]", "osName": "[MACHINE]", "osVersion": "[MACHINE]", "version": "[VERSION]" },
      "supportedFeatures": [],
      "hostler": {
        "root": "[HERE]/root",
        "isolation": "[LAYERS]",
        "goalState": { "source": "[HERE]/source/goal-state.json", "findings": [] },
        "removed": []
      }
    }
    "#);
}
