//! The same for people: what was asked, what ran, what it was allowed, what it used, what came of it.
//!
//! Everything that comes from a package or a handler is escaped before it gets here or on the way: one line of ours is
//! one line on the terminal.

use std::fmt::Write as _;

use hostler_contract::{Finding, StatusKind, escape, escape_bounded, json::Node};

use super::document::HandlerEntry;
use super::{CommandReport, FolderAccess, LimitReport, PackageReport, StreamReport};
use crate::limits::{LimitName, Unit, show_amount};
use crate::sandbox::End;

/// Longest line of a handler's output that is shown, in bytes.
const LINE_BYTES: usize = 400;

/// Most lines of one stream that are shown; a report has more.
const LINES: usize = 12;

/// The account of `run`, in lines that end with a line feed.
pub fn account(run: &HandlerEntry) -> String {
    let mut text = String::new();
    write_account(&mut text, run);
    text
}

/// What was verified of a package's signature, in words.
fn signature(package: &PackageReport) -> String {
    match (&package.signer, &package.bad_signature) {
        (Some(signer), _) => format!("signed by {}", escape(signer)),
        (None, Some(_)) => "its signature does not verify".to_owned(),
        (None, None) if package.signature == "unchecked" => "signed, not verified".to_owned(),
        (None, None) => package.signature.clone(),
    }
}

/// Writing to a `String` cannot fail, so the results are dropped.
fn write_account(text: &mut String, run: &HandlerEntry) {
    let _ = writeln!(text, "{}-{}", run.name, escape(&run.version));
    let base = run.addition.package.as_ref().map_or("", |package| &package.base);
    if let Some(package) = &run.addition.package {
        let _ = writeln!(
            text,
            "  package   {}, {}, {}, SHA-256 {}",
            escape(&package.file),
            show_amount(package.bytes, Unit::Bytes),
            signature(package),
            package.digest
        );
    }
    let _ = writeln!(
        text,
        "  allowed   to see these folders and nothing else of this machine:"
    );
    for folder in &run.addition.folders {
        let access = match folder.access {
            FolderAccess::ReadOnly => "read only ",
            FolderAccess::ReadWrite => "read/write",
        };
        let granted = if folder.granted { " (granted)" } else { "" };
        let _ = writeln!(text, "              {access}  {}{granted}", escape(&folder.name));
    }
    for command in &run.addition.commands {
        write_command(text, command, base);
    }
    write_result(text, run);
    for finding in &run.addition.findings {
        let _ = write!(text, "{}", finding_lines(finding));
    }
}

fn write_command(text: &mut String, command: &CommandReport, base: &str) {
    // The package folder stands above, in the first line of what is allowed.
    let line = command
        .line
        .strip_prefix(base)
        .map_or(&*command.line, |rest| rest.trim_start_matches('/'));
    let how = match command.component.compile_ms {
        Some(took) => format!("compiled in {took} ms"),
        None => "compiled code kept from before".to_owned(),
    };
    let _ = writeln!(text, "  {:<9} {} ({how})", command.command.name(), escape(line));
    let ended = match &command.end {
        End::Exited { code: 0, .. } => "done".to_owned(),
        End::Exited {
            code,
            message: Some(message),
        } => format!("failed with exit code {code}: {message}"),
        End::Exited { code, message: None } => format!("failed with exit code {code}"),
        End::Trapped { message, .. } => format!("trapped: {message}"),
        End::TimedOut(reached) | End::Stopped(reached) => format!("stopped: {reached}"),
        End::WorkerDied { message } => message.clone(),
        End::HostFault { message } => format!("not the handler's fault: {message}"),
    };
    let _ = writeln!(text, "            {ended}, after {} ms", command.duration_ms);
    for (name, stream) in [("stdout", &command.stdout), ("stderr", &command.stderr)] {
        write_stream(text, name, stream);
    }
    let _ = writeln!(text, "            used {}", used(&command.limits));
    for folder in &command.granted {
        let _ = writeln!(
            text,
            "            added to {}: {} of {}, {} of {} files",
            escape(&folder.folder),
            show_amount(folder.bytes.used, Unit::Bytes),
            show_amount(folder.bytes.limit, Unit::Bytes),
            folder.files.used,
            folder.files.limit
        );
    }
    for limit in command.limits.iter().filter(|limit| limit.reached) {
        let _ = writeln!(
            text,
            "            limit {} of {} was reached",
            limit.name.name(),
            show_amount(limit.limit, limit.name.unit())
        );
    }
}

fn write_stream(text: &mut String, name: &str, stream: &StreamReport) {
    for line in stream.text.lines().take(LINES) {
        let _ = writeln!(text, "            {name} | {}", escape_bounded(line, LINE_BYTES));
    }
    let unseen = stream.text.lines().count().saturating_sub(LINES);
    if unseen > 0 || stream.dropped > 0 {
        let _ = writeln!(
            text,
            "            {name} | ... {unseen} lines more here, {} bytes kept, {} dropped",
            stream.bytes, stream.dropped
        );
    }
}

/// The limits whose use says something, in one line.
fn used(limits: &[LimitReport]) -> String {
    const SHOWN: [LimitName; 4] = [
        LimitName::Deadline,
        LimitName::Cpu,
        LimitName::Memory,
        LimitName::Resources,
    ];
    limits
        .iter()
        .filter(|limit| SHOWN.contains(&limit.name))
        .filter_map(|limit| {
            let unit = limit.name.unit();
            Some(format!(
                "{} {} of {}",
                limit.name.name(),
                show_amount(limit.used?, unit),
                show_amount(limit.limit, unit)
            ))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn write_result(text: &mut String, run: &HandlerEntry) {
    let verdict = &run.verdict;
    let mut lines = message_lines(verdict.message.as_deref());
    let first = lines.next().unwrap_or_default();
    let _ = writeln!(
        text,
        "  handler   {}, code {}: {first}",
        escape(&verdict.status),
        verdict.code
    );
    for line in lines {
        // Marked, since some of them are the handler's words: no line of the host's begins like this.
        let _ = writeln!(text, "            | {line}");
    }
    let Some((name, status)) = &run.extension else { return };
    let Some(status) = status else {
        let _ = writeln!(text, "  status    {}: nothing to say", name.status_file());
        return;
    };
    let mut lines = message_lines(status.message.as_deref());
    let _ = writeln!(
        text,
        "  status    {}: {}, code {}: {}",
        name.status_file(),
        status.kind,
        shown(&status.code),
        lines.next().unwrap_or_default()
    );
    for line in lines {
        // Marked, since some of them are the handler's words: no line of the host's begins like this.
        let _ = writeln!(text, "            | {line}");
    }
    for part in status.substatus.iter().take(LINES) {
        let mark = if part.kind == StatusKind::Error { "!" } else { " " };
        let _ = writeln!(
            text,
            "           {mark}  {}: {}, code {}: {}",
            shown(&part.name),
            part.kind,
            shown(&part.code),
            escape_bounded(part.message.as_deref().unwrap_or_default(), LINE_BYTES)
        );
    }
}

/// The lines of a message, escaped and bounded, but for the output that it may end with: that was shown with its command.
fn message_lines(message: Option<&str>) -> impl Iterator<Item = String> {
    let lines = message
        .unwrap_or_default()
        .lines()
        .take_while(|line| *line != "[stdout]");
    lines.take(LINES).map(|line| escape_bounded(line, LINE_BYTES))
}

/// A value of any type in a line: a string without its quotes.
fn shown(node: &Node) -> String {
    node.as_str().map_or_else(
        || escape_bounded(&node.to_agent_json(), 80),
        |text| escape_bounded(text, LINE_BYTES),
    )
}

/// A finding in lines: what with its code, where, what to do.
pub fn finding_lines(finding: &Finding) -> String {
    let word = match finding.severity() {
        hostler_contract::Severity::Warning => "warning",
        hostler_contract::Severity::Refusal => "refused",
    };
    lines(word, finding)
}

/// The same for what kept hostler from doing what it was asked to, where no input is at fault.
pub fn error_lines(finding: &Finding) -> String {
    lines("error", finding)
}

fn lines(word: &str, finding: &Finding) -> String {
    format!(
        "{word}: {} [{}]\n  at {}\n  {}\n",
        finding.what(),
        finding.code(),
        finding.location(),
        finding.hint()
    )
}
