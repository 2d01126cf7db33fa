//! What the demonstration checks in a report: one line for each handler, made from the JSON that hostler writes.

use anyhow::Context as _;
use serde_json::Value;

/// A report.
#[derive(Debug)]
pub(crate) struct Report(Value);

impl Report {
    /// Reads a report.
    pub(crate) fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        serde_json::from_slice(bytes)
            .map(Self)
            .context("the report is not JSON")
    }

    /// A line for each handler that is reported, then one for each that was removed.
    ///
    /// `FileConfig 1.1.0: disable 1.0.0, update 1.1.0 = 3: NotReady 1008 FailedUpgrade: success: motd created`:
    /// name and version, the commands that ran (those that failed with their exit code), the handler's status word,
    /// code and state, its extension's status with the parts of it, and `reached` with the limits that were. What is
    /// not reported is left out.
    pub(crate) fn account(&self) -> Vec<String> {
        let handlers = list(&self.0["aggregateStatus"]["handlerAggregateStatus"]).map(of_handler);
        let removed = list(&self.0["hostler"]["removed"]).map(of_removed);
        handlers.chain(removed).collect()
    }

    /// The folders that the first handler saw and that are not `handler`'s.
    pub(crate) fn foreign_folders(&self, handler: &str) -> Vec<&str> {
        list(&self.0["aggregateStatus"]["handlerAggregateStatus"][0]["hostler"]["folders"])
            .map(|folder| text(&folder["name"]))
            .filter(|name| *name != "." && !name.contains(handler))
            .collect()
    }
}

fn of_handler(handler: &Value) -> String {
    let name = text(&handler["handlerName"]);
    let name = name.rsplit('.').next().unwrap_or_default();
    let added = &handler["hostler"];
    let status = &handler["runtimeSettingsStatus"]["settingsStatus"]["status"];
    let parts = list(&status["substatus"])
        .map(|part| words([text(&part["name"]), text(&part["formattedMessage"]["message"])]))
        .collect::<Vec<_>>()
        .join(", ");
    let limits = list(&added["commands"])
        .flat_map(|command| list(&command["limits"]))
        .filter(|limit| limit["reached"] == true)
        .map(|limit| text(&limit["name"]))
        .collect::<Vec<_>>()
        .join(", ");
    let reached = if limits.is_empty() { "" } else { "reached" };
    clauses([
        words([name, text(&handler["handlerVersion"])]),
        commands(&added["commands"]),
        words([
            text(&handler["status"]),
            &handler["code"].to_string(),
            text(&added["state"]),
        ]),
        text(&status["status"]).to_owned(),
        parts,
        words([reached, &limits]),
    ])
}

fn of_removed(removed: &Value) -> String {
    let name = text(&removed["handler"]);
    let name = name.rsplit_once("Samples.").map_or(name, |(_, name)| name);
    clauses([words([name, text(&removed["how"])]), commands(&removed["commands"])])
}

fn commands(commands: &Value) -> String {
    let command = |command: &Value| {
        let ran = words([text(&command["command"]), text(&command["version"])]);
        match command["exitCode"].as_i64() {
            Some(0) => ran,
            Some(code) => format!("{ran} = {code}"),
            None => format!("{ran} = none"),
        }
    };
    list(commands).map(command).collect::<Vec<_>>().join(", ")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn words<const N: usize>(words: [&str; N]) -> String {
    joined(words, " ")
}

fn clauses<const N: usize>(clauses: [String; N]) -> String {
    joined(clauses.each_ref().map(String::as_str), ": ")
}

fn joined<const N: usize>(parts: [&str; N], between: &str) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Report;

    #[test]
    fn a_handler_is_a_line() {
        let report = Report(json!({
            "aggregateStatus": {"handlerAggregateStatus": [
                {
                    "handlerName": "Hostler.Samples.FileConfig", "handlerVersion": "1.2.0",
                    "status": "NotReady", "code": 1008,
                    "runtimeSettingsStatus": {"settingsStatus": {"status": {"status": "success", "substatus": [
                        {"name": "a", "formattedMessage": {"message": "created"}},
                        {"name": "b", "formattedMessage": {"message": "changed"}},
                    ]}}},
                    "hostler": {"state": "FailedUpgrade", "commands": [
                        {"command": "disable", "version": "1.1.0", "exitCode": 0,
                            "limits": [{"name": "cmd.cpu", "reached": false}]},
                        {"command": "update", "version": "1.2.0", "exitCode": 3,
                            "limits": [{"name": "cmd.deadline", "reached": true}]},
                    ]},
                },
                {"handlerName": "Contoso.Other", "handlerVersion": "1.0", "status": "Ready", "code": 0},
            ]},
            "hostler": {"removed": [{"handler": "Hostler.Samples.Hello-1.0.0", "how": "uninstalled", "commands": [
                {"command": "uninstall", "version": "1.0.0", "exitCode": 0},
            ]}]},
        }));
        assert_eq!(
            report.account(),
            [
                "FileConfig 1.2.0: disable 1.1.0, update 1.2.0 = 3: NotReady 1008 FailedUpgrade: success: \
                 a created, b changed: reached cmd.deadline",
                "Other 1.0: Ready 0",
                "Hello-1.0.0 uninstalled: uninstall 1.0.0",
            ]
        );
    }

    #[test]
    fn folders_of_others_are_foreign() {
        let folders = [
            ".",
            "/root/data/Contoso.Other",
            "/root/handlers/Contoso.Other-1.0/config",
            "/etc",
        ];
        let folders = folders.map(|name| json!({"name": name}));
        let report =
            Report(json!({"aggregateStatus": {"handlerAggregateStatus": [{"hostler": {"folders": folders}}]}}));
        assert_eq!(report.foreign_folders("Contoso.Other"), ["/etc"]);
    }

    #[test]
    fn a_document_that_says_nothing_has_no_lines() {
        assert!(Report::parse(b"{}").unwrap().account().is_empty());
        assert!(Report::parse(b"").is_err());
    }
}
