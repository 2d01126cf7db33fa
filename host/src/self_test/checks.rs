//! The checks: pure functions over what was seen of a command or of a refused package.
//!
//! Each gives its evidence, or what broke the promise. An attack that was not made as it should have been, because the
//! component said something else, is no evidence.

use hostler_contract::{Code, StatusKind, codes};
use serde_json::{Value, json};

use super::seen::{Ran, RefusedSeen};
use crate::lifecycle::VARIABLES;
use crate::limits::{LimitName, show_amount};
use crate::report::LimitReport;
use crate::sandbox::{End, TrapKind};

/// The result of every check.
pub(super) type Checked = Result<String, String>;

/// Longest part of what a component said that is repeated, in bytes.
const QUOTED: usize = 200;

/// How much longer than its deadline a command may take, in milliseconds (`cmd.grace` and a second).
const LATE_MS: u64 = 3_000;

/// Whether a character acts on a terminal or changes the order of text, and is no line feed.
pub(super) fn acts(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn quoted(text: &str) -> String {
    hostler_contract::escape_bounded(text, QUOTED)
}

impl Ran {
    /// What it printed, as JSON.
    fn printed(&self) -> Result<Value, String> {
        let text = &self.command.stdout.text;
        serde_json::from_str(text).map_err(|_| format!("it said nothing that can be used: {}", quoted(text)))
    }

    fn limit(&self, name: LimitName) -> Result<&LimitReport, String> {
        let found = self.command.limits.iter().find(|limit| limit.name == name);
        found.ok_or_else(|| format!("the report has no {}", name.name()))
    }

    fn ended(&self) -> String {
        match &self.command.end {
            End::Exited { code, .. } => format!("it ended with exit code {code}"),
            End::Trapped { message, .. } => format!("it trapped: {}", quoted(message)),
            End::TimedOut(reached) | End::Stopped(reached) => format!("it was stopped: {reached}"),
            End::WorkerDied { message } | End::HostFault { message } => quoted(message),
        }
    }
}

// --- P1 ---

/// None of at least `least` ways worked, and those in `never` are the only ones that would not have worked anywhere.
fn nothing_worked(ran: &Ran, least: u64, never: &Value) -> Checked {
    let printed = ran.printed()?;
    let tried = printed["tried"].as_u64().unwrap_or_default();
    let worked = printed["succeeded"]
        .as_array()
        .ok_or_else(|| format!("it does not say what worked: {}", quoted(&printed.to_string())))?;
    if let Some(first) = worked.first() {
        return Err(format!(
            "{} of {tried} worked, one is {}",
            worked.len(),
            quoted(&first.to_string())
        ));
    }
    if tried < least {
        return Err(format!("only {tried} of at least {least} ways were tried"));
    }
    if printed["never"] != *never {
        let never = quoted(&printed["never"].to_string());
        return Err(format!(
            "the attack itself does not work, so nothing is proved: {never}"
        ));
    }
    Ok(format!("{tried} ways, none worked"))
}

pub(super) fn no_path_leads_out(ran: &Ran) -> Checked {
    nothing_worked(ran, 3_000, &json!(["link-followed"]))
}

pub(super) fn nothing_is_changed(ran: &Ran) -> Checked {
    let evidence = nothing_worked(ran, 60, &json!(["write-by-reader", "set-size"]))?;
    if ran.printed()?["unchanged"] == true {
        Ok(evidence)
    } else {
        Err("a file that may only be read was changed".to_owned())
    }
}

pub(super) fn no_links_between_folders(ran: &Ran) -> Checked {
    let printed = ran.printed()?;
    let links: Vec<&str> = printed
        .as_array()
        .into_iter()
        .flatten()
        .filter(|told| told["operation"] == "link")
        .filter_map(|told| told["gave"].as_str())
        .collect();
    if links.is_empty() {
        return Err(format!("no link was tried: {}", quoted(&printed.to_string())));
    }
    if links.iter().all(|gave| gave.contains("cross-device")) {
        Ok(format!("{} links refused", links.len()))
    } else {
        Err("a second name was made in another folder".to_owned())
    }
}

pub(super) fn only_the_contracts_variables(ran: &Ran) -> Checked {
    let printed = ran.printed()?;
    let found = printed
        .as_object()
        .filter(|found| !found.is_empty())
        .ok_or("it found no environment at all")?;
    if let Some(name) = found.keys().find(|name| !VARIABLES.contains(&name.as_str())) {
        return Err(format!("it found {}, which is none of the contract's", quoted(name)));
    }
    let hosts = ran
        .host_variables
        .iter()
        .filter(|name| !VARIABLES.contains(&name.as_str()));
    Ok(format!(
        "{} variables of the contract, none of hostler's {}",
        found.len(),
        hosts.count()
    ))
}

pub(super) fn only_its_arguments(ran: &Ran) -> Checked {
    let printed = ran.printed()?;
    let line = ran.command.line.rsplit('/').next().unwrap_or_default();
    let wanted: Vec<&str> = line.split(' ').collect();
    if printed == json!(wanted) {
        Ok(format!("just those of the manifest: {}", quoted(line)))
    } else {
        Err(format!("it found {}", quoted(&printed.to_string())))
    }
}

pub(super) fn no_input(ran: &Ran) -> Checked {
    let printed = ran.printed()?;
    if printed["bytes"] == 0 && printed["error"].is_null() {
        Ok("it is at its end".to_owned())
    } else {
        Err(format!("it found {}", quoted(&printed.to_string())))
    }
}

// --- P3 ---

pub(super) fn ends_at_its_deadline(ran: &Ran) -> Checked {
    let End::TimedOut(reached) = &ran.command.end else {
        return Err(format!("it was not stopped at its deadline: {}", ran.ended()));
    };
    let (took, allowed) = (ran.command.duration_ms, reached.limit.value);
    if took > allowed.saturating_add(LATE_MS) {
        return Err(format!("it was stopped after {took} ms, {allowed} ms were allowed"));
    }
    Ok(format!("stopped after {took} ms of {allowed} ms"))
}

/// As a deadline, and no time was computed away while it waited.
pub(super) fn waits_at_no_cost(ran: &Ran) -> Checked {
    const LITTLE_MS: u64 = 250;
    let evidence = ends_at_its_deadline(ran)?;
    match ran.limit(LimitName::Cpu)?.used {
        Some(used) if used < LITTLE_MS => Ok(format!("{evidence}, {used} ms of them on the processor")),
        used => Err(format!("waiting took {used:?} ms of the processor")),
    }
}

fn stops_at(ran: &Ran, name: LimitName) -> Checked {
    match &ran.command.end {
        End::Stopped(reached) if reached.name == name => Ok(reached.to_string()),
        _ => Err(format!("it was not stopped at {}: {}", name.name(), ran.ended())),
    }
}

pub(super) fn stops_at_cpu(ran: &Ran) -> Checked {
    stops_at(ran, LimitName::Cpu)
}

pub(super) fn stops_at_resources(ran: &Ran) -> Checked {
    stops_at(ran, LimitName::Resources)
}

pub(super) fn stops_at_hostcall(ran: &Ran) -> Checked {
    stops_at(ran, LimitName::Hostcall)
}

pub(super) fn stops_at_random(ran: &Ran) -> Checked {
    stops_at(ran, LimitName::Random)
}

/// It was refused more than the limit, and went on.
fn is_held_to(ran: &Ran, name: LimitName) -> Checked {
    if !matches!(ran.command.end, End::Exited { .. }) {
        return Err(format!("it did not go on to its end: {}", ran.ended()));
    }
    let limit = ran.limit(name)?;
    if !limit.reached {
        return Err(format!("{} was never reached", name.name()));
    }
    let show = |amount| show_amount(amount, name.unit());
    match limit.used {
        Some(used) if used > limit.limit => Err(format!("it had {} of {}", show(used), show(limit.limit))),
        Some(used) => Ok(format!("{} of {}, and no more", show(used), show(limit.limit))),
        None => Ok(format!("no more than {}", show(limit.limit))),
    }
}

pub(super) fn memory_is_held(ran: &Ran) -> Checked {
    is_held_to(ran, LimitName::Memory)
}

pub(super) fn data_bytes_are_held(ran: &Ran) -> Checked {
    let evidence = is_held_to(ran, LimitName::DataBytes)?;
    let allowed = ran.limit(LimitName::DataBytes)?.limit;
    if ran.data.0 > allowed {
        return Err(format!("{} bytes lie on the disk, {allowed} were allowed", ran.data.0));
    }
    Ok(evidence)
}

pub(super) fn data_files_are_held(ran: &Ran) -> Checked {
    let evidence = is_held_to(ran, LimitName::DataFiles)?;
    let allowed = ran.limit(LimitName::DataFiles)?.limit;
    if ran.data.1 > allowed {
        return Err(format!("{} files lie on the disk, {allowed} were allowed", ran.data.1));
    }
    Ok(evidence)
}

pub(super) fn depth_is_held(ran: &Ran) -> Checked {
    is_held_to(ran, LimitName::DataDepth)
}

pub(super) fn file_size_is_held(ran: &Ran) -> Checked {
    is_held_to(ran, LimitName::File)
}

pub(super) fn output_is_cut(ran: &Ran) -> Checked {
    let (stream, kept) = (&ran.command.stdout, ran.limit(LimitName::Stdout)?.limit);
    if stream.bytes as u64 > kept {
        return Err(format!("{} bytes were kept, {kept} were allowed", stream.bytes));
    }
    if stream.dropped == 0 {
        return Err(format!("it wrote no more than is kept: {} bytes", stream.bytes));
    }
    Ok(format!(
        "{} bytes kept, {} counted and dropped",
        stream.bytes, stream.dropped
    ))
}

fn traps(ran: &Ran, kinds: &[TrapKind]) -> Checked {
    match &ran.command.end {
        End::Trapped { trap, .. } if kinds.contains(trap) => Ok(format!("ended with {}", trap.code())),
        _ => Err(format!("it did not run out of stack: {}", ran.ended())),
    }
}

pub(super) fn stack_ends(ran: &Ran) -> Checked {
    // Frames that are large overrun what the component itself keeps for them before the engine's stack ends.
    traps(ran, &[TrapKind::Stack, TrapKind::Bounds])
}

// --- P4 ---

/// It is not reported as a success, whatever it wrote.
fn is_an_error(ran: &Ran) -> Checked {
    match &ran.status {
        Some((StatusKind::Error, _)) => Ok(format!("{}, and is reported as an error", ran.ended())),
        Some((kind, _)) => Err(format!("it is reported as {kind:?}, and {}", ran.ended())),
        None => Err("nothing is reported of it".to_owned()),
    }
}

/// Its command failed, and so it is reported, although it wrote a success.
pub(super) fn failure_is_an_error(ran: &Ran) -> Checked {
    if ran.command.end.is_success() {
        return Err("its command did not fail, so nothing is proved".to_owned());
    }
    if ran.ready {
        return Err("the handler is reported as ready".to_owned());
    }
    is_an_error(ran)
}

/// Its command went well, but its status cannot be believed, for the reason of that code.
fn status_is_refused(ran: &Ran, code: Code) -> Checked {
    let evidence = is_an_error(ran)?;
    if ran.findings.iter().any(|finding| finding.code() == code) {
        Ok(format!("{evidence}, with {code}"))
    } else {
        Err(format!("the report does not have {code}"))
    }
}

pub(super) fn missing_status_is_an_error(ran: &Ran) -> Checked {
    status_is_refused(ran, codes::STATUS_MISSING)
}

pub(super) fn large_status_is_not_read(ran: &Ran) -> Checked {
    status_is_refused(ran, codes::STATUS_SIZE)
}

pub(super) fn link_is_not_followed(ran: &Ran) -> Checked {
    status_is_refused(ran, codes::STATUS_FILE_TYPE)
}

// --- P5, P7, P9 ---

/// It was refused and nothing is left of it.
pub(super) fn leaves_nothing(refused: &RefusedSeen) -> Checked {
    let Some(first) = refused.findings.first() else {
        return Err("it was not refused".to_owned());
    };
    // A worker that fails over a package refuses it too, and proves nothing.
    if [codes::PKG_WORKER, codes::COMPILE_WORKER].contains(&first.code()) {
        return Err(first.to_string());
    }
    match refused.left.first() {
        Some(left) => Err(format!("{left} is left of it")),
        None => Ok(format!("refused with {}, nothing left", first.code())),
    }
}

/// It was refused as native code.
pub(super) fn is_refused_as_code(refused: &RefusedSeen) -> Checked {
    let evidence = leaves_nothing(refused)?;
    let known = [codes::WASM_NATIVE, codes::WASM_NOT_COMPONENT];
    if refused.findings.iter().any(|finding| known.contains(&finding.code())) {
        Ok(evidence)
    } else {
        Err(format!("not for what it is: {evidence}"))
    }
}

/// The refusal says what it is about in plain text. How long it may be is judged of every finding.
pub(super) fn is_said_plainly(refused: &RefusedSeen) -> Checked {
    let first = refused.findings.first().ok_or("it was not refused")?;
    let longest = refused.findings.iter().map(|finding| finding.to_string().len()).max();
    Ok(format!(
        "{}: {} bytes at most, escaped",
        first.code(),
        longest.unwrap_or_default()
    ))
}

// --- P10 ---

/// What a person is shown: nothing in it acts, and no line of it is one that the attacker wrote.
pub(super) fn shown_is_plain(ran: &Ran) -> Checked {
    if let Some(c) = ran.shown.chars().find(|c| acts(*c)) {
        return Err(format!("the character U+{:04X} is shown as it is", u32::from(c)));
    }
    // How the lines begin that the attacker writes, as hostler's own would.
    const FORGED: [&str; 5] = ["hostler: ", "host: ", "INFO", "20", "{"];
    let forged = ran.shown.lines().find(|line| {
        let line = line.trim_start();
        FORGED.iter().any(|start| line.starts_with(start))
    });
    if let Some(line) = forged {
        return Err(format!("a line could be the host's: {}", quoted(line)));
    }
    let lines = ran
        .shown
        .lines()
        .filter(|line| line.contains("hostler: ") || line.contains("host: "))
        .count();
    if lines == 0 {
        return Err("nothing of what it wrote is shown, so nothing is proved".to_owned());
    }
    Ok(format!("{lines} lines that it forged stand behind a mark, escaped"))
}

#[cfg(test)]
mod tests;
