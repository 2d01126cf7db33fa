//! Status and heartbeat files that are not what they should be.

use serde_json::{Value, json};

use crate::packages::Package;
use crate::row::Ended::{Exited, Trapped};
use crate::row::Row;
use crate::seen::Seen;

/// Status files.
pub(crate) fn statuses() -> Vec<Row> {
    let text = |case, text: &str| Row::new(case, "status-write").with(json!({ "text": text }));
    let named = |name: &str| {
        Row::new("STA-12, STA-20", "status-write").with(json!({ "text": document(json!("success")), "name": name }))
    };
    vec![
        text("STA-01", "{").bad_status("status.json"),
        text("STA-01", "not JSON").bad_status("status.json"),
        text("STA-02", "").bad_status("status.json"),
        text("STA-05", r#"[{"status": {"status": "success", "code": NaN}}]"#).bad_status("status.json"),
        text("STA-05", r#"[{"status": {"status": "success", "code": Infinity}}]"#).bad_status("status.json"),
        text("STA-06", "{}").bad_status("status.schema"),
        text("STA-06", "[null]").bad_status("status.schema"),
        text("STA-06", "[{}]").bad_status("status.schema"),
        text("STA-06", r#"[{"status": null}]"#).bad_status("status.schema"),
        text("STA-06", r#"[{"status": {}}]"#).bad_status("status.schema"),
        text(
            "STA-06",
            r#"[{"status": {"status": "success", "formattedMessage": {"lang": "en"}}}]"#,
        )
        .bad_status("status.schema"),
        text(
            "STA-06",
            r#"[{"status": {"status": "success", "substatus": [{"status": "great"}]}}]"#,
        )
        .bad_status("status.value"),
        Row::new("STA-07", "status-write")
            .with(json!({ "hex": "5b22ff225d" }))
            .bad_status("status.encoding"),
        Row::new("STA-03", "status-large")
            .with(json!({ "bytes": 2_000_000 }))
            .bad_status("status.size"),
        // More than its folder may hold is not even written; the status that says so is.
        Row::new("STA-03", "status-large")
            .ends(Exited(1))
            .status("error", 0)
            .reaches("dir.status.bytes"),
        Row::new("STA-04", "status-deep")
            .takes_longer()
            .bad_status("status.size"),
        Row::new("STA-04", "status-deep")
            .with(json!({ "depth": 100_000 }))
            .bad_status("status.depth"),
        Row::new("STA-08", "symlink-status")
            .bad_status("status.file_type")
            .also(|seen| never_says(seen, "root:")),
        Row::new("STA-08", "symlink-status")
            .with(json!({ "target": "../config/0.settings" }))
            .bad_status("status.file_type")
            .also(|seen| never_says(seen, "publicSettings")),
        Row::new("STA-09", "directory-status").bad_status("status.file_type"),
        named("99.status").bad_status("status.missing"),
        named("0.STATUS").bad_status("status.missing"),
        named(" 0.status").bad_status("status.missing"),
        named("00.status").bad_status("status.missing"),
        Row::new("STA-02", "status-none").bad_status("status.missing"),
        text("STA-13", &document(json!("ok")))
            .status("error", 7)
            .finds("status.value")
            .says("from the handler"),
        text("STA-13", &document(json!("SUCCESS")))
            .status("error", 7)
            .finds("status.value"),
        text("STA-13", &document(json!("transitioning"))).bad_status("status.unfinished"),
        Row::new("STA-14", "status-many")
            .with(json!({ "bytes": 200_000, "count": 100 }))
            .finds("status.truncated")
            .says("[TRUNCATED]"),
        Row::new("STA-14", "status-many").bad_status("status.size"),
        text(
            "STA-15",
            &document(json!("success")).replace("from the", "from\\u001b[31m\\nthe\\u0000"),
        )
        .status("success", 7),
        Row::new("STA-16", "status-late"),
        Row::new("STA-19", "success-then-panic")
            .ends(Trapped("trap.unreachable"))
            .says("all is well"),
        Row::new("STA-19", "success-then-exit")
            .ends(Exited(3))
            .says("all is well"),
    ]
}

/// Heartbeat files, of a handler whose manifest promises one.
pub(crate) fn heartbeats() -> Vec<Row> {
    let beating = |case, verb, parameters| Row::new(case, verb).package(Package::WithHeartbeat).with(parameters);
    let text = |case, text: &str| beating(case, "heartbeat", json!({ "text": text }));
    let word = |word: &str| {
        let message = json!({ "lang": "en-US", "message": "beating" });
        text(
            "HB-05",
            &json!([{ "version": 1.0, "heartbeat": { "status": word, "code": 0, "formattedMessage": message } }])
                .to_string(),
        )
    };
    vec![
        beating("HB-01", "list", json!({}))
            .handler("NotReady", -1)
            .finds("heartbeat.missing"),
        text("HB-02", "{").handler("NotReady", -1).finds("heartbeat.json"),
        text("HB-02", "{}").handler("NotReady", -1).finds("heartbeat.schema"),
        text("HB-02", "[null]")
            .handler("NotReady", -1)
            .finds("heartbeat.schema"),
        text("HB-02", &"x".repeat(200_000))
            .handler("NotReady", -1)
            .finds("heartbeat.size"),
        beating("HB-02", "heartbeat", json!({ "hex": "5bff5d" }))
            .handler("NotReady", -1)
            .finds("heartbeat.encoding"),
        beating("HB-04", "directory-heartbeat", json!({}))
            .handler("NotReady", -1)
            .finds("heartbeat.file_type"),
        word("Ready"),
        word("foo").handler("NotReady", 0).finds("heartbeat.value"),
    ]
}

/// A status document as a handler writes it, with that word.
fn document(word: Value) -> String {
    let message = json!({ "lang": "en-US", "message": "from the handler" });
    json!([{ "version": "1.0", "status": { "status": word, "code": 7, "formattedMessage": message } }]).to_string()
}

/// Nothing of a file that a link led to is in the report.
fn never_says(seen: &Seen, words: &str) -> Result<(), String> {
    if seen.report.to_string().contains(words) {
        Err(format!("the report has `{words}` in it"))
    } else {
        Ok(())
    }
}
