//! `hostler status` for people: a line for each handler.

use hostler_contract::{escape, escape_bounded};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::account::finding_lines;
use super::document::HandlerEntry;
use super::root_report::RootReport;

/// Longest reason that is shown, in bytes.
const REASON_BYTES: usize = 100;

const HEADS: [&str; 7] = ["", "HANDLER", "VERSION", "STATE", "STATUS", "SINCE", "WHY"];

/// The table of `root_report`, looked at `now`.
pub fn table(root_report: &RootReport, now: OffsetDateTime) -> String {
    let agent = root_report.agent.as_ref().map(|agent| agent.lines(root_report.in_use));
    let agent = agent.unwrap_or_default();
    if root_report.goal_state.is_none() && root_report.entries.is_empty() && root_report.damaged.is_empty() {
        return format!("No goal state was ever applied here.\n{agent}");
    }
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(root_report.entries.iter().map(|entry| row(entry, now)));
    let mut widths = [0; HEADS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    for finding in &root_report.damaged {
        text += &finding_lines(finding);
    }
    if let Some(goal_state) = &root_report.goal_state {
        let age = age(&goal_state.processed, now);
        let bad = root_report
            .entries
            .iter()
            .filter(|entry| entry.failed().is_some())
            .count();
        let handlers = match root_report.entries.len() {
            1 => "1 handler".to_owned(),
            count => format!("{count} handlers"),
        };
        text += &format!("{handlers}, {bad} not well\n");
        let outcome = match &goal_state.outcome {
            _ if goal_state.on_hold => "it is on hold",
            Some(outcome) if outcome.code != 0 => &outcome.message,
            Some(_) => "carried out",
            None => "begun, and not yet carried out",
        };
        text += &format!(
            "goal state {}, {age} ago: {}\n",
            escape(&goal_state.source),
            escape_bounded(outcome, 400)
        );
    }
    text + &agent
}

fn row(entry: &HandlerEntry, now: OffsetDateTime) -> [String; HEADS.len()] {
    let mark = if entry.failed().is_some() { "!!" } else { "ok" };
    let extension = entry
        .extension
        .as_ref()
        .and_then(|(name, status)| Some((name, status.as_ref()?)));
    let status = extension.map_or_else(
        || "-".to_owned(),
        |(name, status)| format!("{} ({})", status.kind, name.number),
    );
    let said = why(entry);
    let under_way = entry.addition.under_way.as_ref().map(|step| match step.interrupted {
        true => format!(
            "hostler was stopped in {} of {}; apply goes on from there",
            step.command, step.version
        ),
        false => format!("{} of {} is running", step.command, step.version),
    });
    let reason = said.lines().next().unwrap_or_default();
    let reason = match &under_way {
        Some(under_way) if entry.verdict.code == 0 => under_way,
        _ => reason,
    };
    let state = match entry.addition.state {
        Some(state) => format!("{} ({})", entry.verdict.status, state.name()),
        None => entry.verdict.status.clone(),
    };
    [
        mark.to_owned(),
        escape_bounded(entry.name.as_str(), 60),
        escape_bounded(&entry.version, 40),
        escape_bounded(&state, 60),
        status,
        age(entry.addition.since.as_deref().unwrap_or_default(), now),
        escape_bounded(reason, REASON_BYTES),
    ]
}

/// Why the handler is as it is: an error of its own in its own words, else why it is not well, else what it says.
pub(super) fn why(entry: &HandlerEntry) -> &str {
    let extension = entry.extension.as_ref().and_then(|(_, status)| status.as_ref());
    let own = extension.and_then(|status| status.message.as_deref());
    let host = entry.verdict.message.as_deref();
    let ready = entry.verdict.code == 0 && entry.verdict.status.eq_ignore_ascii_case("ready");
    match (entry.extension_failed() || ready, own) {
        (true, Some(own)) => own,
        _ => host.unwrap_or_default(),
    }
}

/// How long ago a report's time was, in its largest unit; the text itself where it is no time.
fn age(text: &str, now: OffsetDateTime) -> String {
    let Ok(then) = OffsetDateTime::parse(text, &Rfc3339) else {
        return escape_bounded(text, 40);
    };
    let age = (now - then).max(Duration::ZERO);
    match age.whole_seconds() {
        seconds @ 0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", age.whole_minutes()),
        7_200..=172_799 => format!("{} h", age.whole_hours()),
        _ => format!("{} d", age.whole_days()),
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::status::timestamp;

    use super::*;

    #[test]
    fn ages_are_in_their_largest_unit() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let ago = |seconds| age(&timestamp(now - Duration::seconds(seconds)), now);
        let ages = [-5, 0, 119, 120, 7_199, 7_200, 172_800, 864_000].map(ago);
        assert_eq!(ages, ["0 s", "0 s", "119 s", "2 min", "119 min", "2 h", "2 d", "10 d"]);
        assert_eq!(age("", now), "");
    }
}
