//! Metrics in the text that Prometheus reads.

use std::fmt::Write as _;

use super::published::Now;
use crate::report::AgentState;

/// What is measured `now`.
pub(super) fn metrics(now: &Now) -> String {
    let mut text = String::new();
    let mut one = |name: &str, kind: &str, help: &str, rows: &[(&str, i64)]| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP hostler_{name} {help}\n# TYPE hostler_{name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "hostler_{name}{labels} {value}");
        }
    };
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (agent, counts, reported) = (&now.agent, &now.counts, &now.reported);
    let version = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    one("build_info", "gauge", "The version that runs.", &[(&version, 1)]);
    one(
        "agent_stopping",
        "gauge",
        "1 while the agent is told to stop and a command comes to its end.",
        &[("", i64::from(agent.state != AgentState::Running))],
    );
    one(
        "source_up",
        "gauge",
        "1 if the last look at the source of goal states gave one that can be used.",
        &[("", i64::from(agent.source.good && counts.looks_good > 0))],
    );
    one(
        "source_looks_total",
        "counter",
        "Looks at the source of goal states.",
        &[
            ("{result=\"good\"}", count(counts.looks_good)),
            ("{result=\"bad\"}", count(counts.looks_bad)),
        ],
    );
    one(
        "goal_states_total",
        "counter",
        "Goal states that were begun to be carried out.",
        &[("", count(counts.goal_states))],
    );
    one(
        "policy_reloads_total",
        "counter",
        "Times that the policy was read again.",
        &[
            ("{result=\"good\"}", count(counts.policies_good)),
            ("{result=\"bad\"}", count(counts.policies_bad)),
        ],
    );
    let handlers: Vec<(String, i64)> = reported
        .handlers
        .iter()
        .map(|(status, number)| (format!("{{status=\"{status}\"}}"), count(*number)))
        .collect();
    let handlers: Vec<(&str, i64)> = handlers.iter().map(|(labels, value)| (&**labels, *value)).collect();
    one("handlers", "gauge", "Handlers in the last report.", &handlers);
    one(
        "handlers_not_well",
        "gauge",
        "Handlers in the last report that are not well.",
        &[("", count(reported.not_well))],
    );
    one(
        "reports_total",
        "counter",
        "Reports that were written, or could not be.",
        &[
            ("{result=\"good\"}", count(reported.good)),
            ("{result=\"bad\"}", count(reported.bad)),
        ],
    );
    one(
        "report_time_seconds",
        "gauge",
        "When the last report was made, in seconds since 1970.",
        &[("", reported.last)],
    );
    if now.upload.is_some() {
        one(
            "uploads_total",
            "counter",
            "Reports that were put at the report URL, or could not be.",
            &[
                ("{result=\"good\"}", count(reported.uploads_good)),
                ("{result=\"bad\"}", count(reported.uploads_bad)),
            ],
        );
    }
    text
}
