//! Attacks on what a handler may know and reach.

use serde_json::{Value, json};

use crate::row::Row;
use crate::seen::Seen;

/// What a handler finds around it.
pub(crate) fn world() -> Vec<Row> {
    vec![
        Row::new("GST-00", "list"),
        Row::new("GST-16", "environment").also(only_documented_variables),
        Row::new("MAN-17", "arguments").also(|seen| {
            let printed = seen.printed()?;
            let wanted = json!(["hostile.wasm", "enable"]);
            if printed == wanted {
                Ok(())
            } else {
                Err(format!("the arguments are {printed}, not {wanted}"))
            }
        }),
        Row::new("GST-17", "stdin").also(|seen| {
            let printed = seen.printed()?;
            let at_end = printed["bytes"] == 0 && printed["error"].is_null();
            if at_end {
                Ok(())
            } else {
                Err(format!("standard input is not at its end: {printed}"))
            }
        }),
    ]
}

/// Paths, links and names.
pub(crate) fn paths() -> Vec<Row> {
    vec![
        Row::new(
            "FSX-01, FSX-02, FSX-03, FSX-04, FSX-05, FSX-06, FSX-10, FSX-11",
            "escape",
        )
        .takes_longer()
        .also(|seen| nothing_succeeded(seen, 3_000, &["link-followed"])),
        // The folders of another handler, beside its own.
        Row::new("FSX-11", "escape")
            .attacks_victim()
            .takes_longer()
            .also(|seen| nothing_succeeded(seen, 3_000, &["link-followed"])),
        Row::new("FSX-07, FSX-08", "write-readonly").also(|seen| {
            nothing_succeeded(seen, 60, &["write-by-reader", "set-size"])?;
            let printed = seen.printed()?;
            if printed["unchanged"] == true {
                Ok(())
            } else {
                Err("a read-only file was changed".to_owned())
            }
        }),
        Row::new("FSX-09", "between").also(|seen| {
            let printed = seen.printed()?;
            let told = |operation| {
                let told = printed.as_array().into_iter().flatten();
                let told = told.filter(|told| told["operation"] == operation);
                told.filter_map(|told| told["gave"].as_str()).collect::<Vec<_>>()
            };
            let (links, renames) = (told("link"), told("rename"));
            let links_are_refused = links.iter().all(|gave| gave.contains("cross-device"));
            let as_it_should_be = links.len() == 2 && links_are_refused && renames == ["Ok(())", "Ok(())"];
            as_it_should_be
                .then_some(())
                .ok_or_else(|| format!("links or renames went otherwise: {printed}"))
        }),
        Row::new("FSX-16", "names").says("files made"),
    ]
}

/// The handler tried at least `least` ways and none of them worked.
///
/// All but `never` of the ways do work where they may, so that their failure is the host's doing.
fn nothing_succeeded(seen: &Seen, least: u64, never: &[&str]) -> Result<(), String> {
    let printed = seen.printed()?;
    if printed["never"] != json!(never) {
        return Err(format!(
            "ways that work nowhere are {}, not {never:?}",
            printed["never"]
        ));
    }
    let tried = printed["tried"].as_u64().unwrap_or_default();
    let succeeded = printed["succeeded"].as_array().map_or(&[][..], Vec::as_slice);
    if tried < least {
        return Err(format!("only {tried} ways were tried, of {least} at least: {printed}"));
    }
    if succeeded.is_empty() {
        return Ok(());
    }
    let some: Vec<String> = succeeded.iter().take(40).map(Value::to_string).collect();
    Err(format!(
        "{} ways worked, among them {}",
        succeeded.len(),
        some.join("\n  ")
    ))
}

fn only_documented_variables(seen: &Seen) -> Result<(), String> {
    documented_variables(&seen.printed()?)
}

/// Only variables of contract 7.6, and `PWD`.
pub(crate) fn documented_variables(printed: &Value) -> Result<(), String> {
    const DOCUMENTED: [&str; 12] = [
        "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE",
        "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS",
        "AZURE_GUEST_AGENT_EXTENSION_PATH",
        "AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES",
        "AZURE_GUEST_AGENT_EXTENSION_VERSION",
        "AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE",
        "AZURE_GUEST_AGENT_UPDATING_FROM_VERSION",
        "AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS",
        "ConfigExtensionName",
        "ConfigSequenceNumber",
        "PWD",
        "VERSION",
    ];
    const ALWAYS: [&str; 4] = [
        "AZURE_GUEST_AGENT_EXTENSION_PATH",
        "AZURE_GUEST_AGENT_EXTENSION_VERSION",
        "ConfigSequenceNumber",
        "PWD",
    ];
    let variables = printed.as_object().ok_or("the environment is not an object")?;
    let unknown: Vec<_> = variables
        .keys()
        .filter(|name| !DOCUMENTED.contains(&name.as_str()))
        .collect();
    let missing: Vec<_> = ALWAYS.iter().filter(|name| !variables.contains_key(**name)).collect();
    if unknown.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "variables that are not documented: {unknown:?}; missing: {missing:?}"
    ))
}
