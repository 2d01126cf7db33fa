//! Writing a status file, in the form that the agent gives its own (contract 5.4).

use time::{OffsetDateTime, UtcOffset, macros::format_description};

use super::{ExtensionStatus, Substatus};
use crate::json::Node;

/// A time as all documents of the contract have it: `2026-01-31T23:59:59Z`.
pub fn timestamp(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC)
        .format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))
        .unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}

impl ExtensionStatus {
    /// The content of a status file for the extension `name`, written at `at`.
    ///
    /// Reading it gives this status again: what is null or empty is left out.
    pub fn to_json(&self, name: &str, at: OffsetDateTime) -> String {
        let mut status = vec![("name", Node::string(name))];
        status.extend(unless_null("operation", &self.operation));
        status.extend(unless_null(
            "configurationAppliedTime",
            &self.configuration_applied_time,
        ));
        status.push(("status", Node::string(self.kind.name())));
        status.push(("code", self.code.clone()));
        status.extend(formatted(self.message.as_ref()));
        if !self.substatus.is_empty() {
            status.push(("substatus", Node::array(self.substatus.iter().map(Substatus::to_node))));
        }
        Node::array([Node::object([
            ("version", Node::version_one()),
            ("timestampUTC", Node::string(timestamp(at))),
            ("status", Node::object(status)),
        ])])
        .to_agent_json()
    }
}

impl Substatus {
    fn to_node(&self) -> Node {
        let mut part = Vec::new();
        part.extend(unless_null("name", &self.name));
        part.push(("status", Node::string(self.kind.name())));
        part.push(("code", self.code.clone()));
        part.extend(formatted(self.message.as_ref()));
        Node::object(part)
    }
}

fn unless_null(key: &'static str, node: &Node) -> Option<(&'static str, Node)> {
    (!node.is_null()).then(|| (key, node.clone()))
}

fn formatted(message: Option<&String>) -> Option<(&'static str, Node)> {
    let message = message?;
    let formatted = Node::object([("lang", Node::string("en-US")), ("message", Node::string(message))]);
    Some(("formattedMessage", formatted))
}
