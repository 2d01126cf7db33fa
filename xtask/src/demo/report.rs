//! The two facts that the demonstration needs of `hostler run --json`: the status, and which limits were reached.

use anyhow::Context as _;
use serde_json::Value;

/// A report, as printed.
#[derive(Debug)]
pub(crate) struct Report(Value);

impl Report {
    /// Reads what `hostler run --json` printed.
    pub(crate) fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        serde_json::from_slice(bytes)
            .map(Self)
            .context("the report is not JSON")
    }

    fn handler(&self) -> &Value {
        &self.0["aggregateStatus"]["handlerAggregateStatus"][0]
    }

    /// The status word of the extension.
    pub(crate) fn extension_status(&self) -> Option<&str> {
        self.handler()["runtimeSettingsStatus"]["settingsStatus"]["status"]["status"].as_str()
    }

    /// Names of the limits that any command reached.
    pub(crate) fn limits_reached(&self) -> Vec<&str> {
        let commands = self.handler()["hostler"]["commands"].as_array();
        commands
            .into_iter()
            .flatten()
            .filter_map(|command| command["limits"].as_array())
            .flatten()
            .filter(|limit| limit["reached"] == true)
            .filter_map(|limit| limit["name"].as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn a_document_that_says_nothing_has_no_status_and_no_limits() {
        let report = Report::parse(b"{}").unwrap();
        assert_eq!(report.extension_status(), None);
        assert!(report.limits_reached().is_empty());
        assert!(Report::parse(b"").is_err());
    }
}
