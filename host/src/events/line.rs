//! One line of the file of events: the names that the agent sends them under (contract 9.5).

use std::collections::BTreeMap;

use hostler_contract::json::Node;
use hostler_contract::status::timestamp;
use hostler_contract::{Code, HandlerEvent, HandlerName, redact_sas};
use time::OffsetDateTime;

/// The provider that the agent gives for events of handlers.
const PROVIDER: &str = "FFF0196F-EE4C-4EAF-9AA5-776F622DEB4F";

/// The id that the agent gives for events of handlers.
const EVENT_ID: i64 = 7;

/// A line, with its line feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line(pub(super) String);

impl Line {
    /// An event of `handler`, taken at `now`, without access tokens.
    pub(super) fn of_event(handler: &HandlerName, event: &HandlerEvent, now: OffsetDateTime) -> Self {
        let text = |text: &str| Node::string(redact_sas(text).as_ref());
        Self::new([
            ("collected", Node::string(timestamp(now))),
            ("handler", Node::string(handler.as_str())),
            ("providerId", Node::string(PROVIDER)),
            ("eventId", Node::integer(EVENT_ID)),
            ("EventName", text(&format!("{handler}-{}", event.version))),
            ("CapabilityUsed", text(event.level.name())),
            ("TaskName", text(&event.task_name)),
            ("Context1", text(&event.message)),
            ("Context2", text(&event.timestamp)),
            ("Context3", text(&event.operation_id)),
            ("EventPid", text(&event.pid)),
            ("EventTid", text(&event.tid)),
        ])
    }

    /// What was dropped of `handler`, if anything was.
    pub(super) fn of_drops(
        handler: &HandlerName,
        dropped: &BTreeMap<Code, usize>,
        now: OffsetDateTime,
    ) -> Option<Self> {
        let counts = dropped.iter().map(|(code, count)| {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            Node::object([("code", Node::string(code.name())), ("count", Node::integer(count))])
        });
        (!dropped.is_empty()).then(|| {
            Self::new([
                ("collected", Node::string(timestamp(now))),
                ("handler", Node::string(handler.as_str())),
                ("dropped", Node::array(counts)),
            ])
        })
    }

    fn new<const N: usize>(members: [(&str, Node); N]) -> Self {
        Self(Node::object(members).to_agent_json() + "\n")
    }
}
