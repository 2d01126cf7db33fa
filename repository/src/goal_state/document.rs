//! The vmSettings document.

use std::collections::BTreeMap;

use hostler_contract::vm_settings::RequestedState;
use hostler_contract::{Finding, HandlerName, Place, Refused, Settings, Source, VmSettings, codes};
use serde_json::{Value, json};

use super::{Wanted, WantedHandler};
use crate::published::manifest_name;
use crate::stores::RegionName;
use crate::versions::{Candidate, Wish, resolve};

/// The document for `wanted`, with the versions that `offered` has for each handler (by its name) and the settings of those
/// that have some. `before` is the document that machines have now: what it names counts as installed, and its number goes
/// up by one when anything differs.
///
/// # Errors
/// A handler that no version answers, and a region that is none. `file` is what findings call the operator's file.
pub fn document(
    file: &str,
    wanted: &Wanted,
    offered: &BTreeMap<HandlerName, Vec<Candidate>>,
    settings: &BTreeMap<HandlerName, Settings>,
    before: Option<&VmSettings>,
) -> Result<String, Refused> {
    let refuse = |place: String, what: String, hint: &str| {
        Finding::refusal(codes::WANTED_UNRESOLVED, file, Place::Json(place), what, hint)
    };
    let region = wanted.region.as_deref().unwrap_or("Local");
    let region: RegionName = region.parse().map_err(|_| {
        refuse(
            "region".to_owned(),
            "it is no region".to_owned(),
            "write a name such as West US",
        )
    })?;
    let mut findings = Vec::new();
    let mut handlers = Vec::new();
    for (index, handler) in wanted.handlers.iter().enumerate() {
        let candidates = offered.get(&handler.name).map(Vec::as_slice).unwrap_or_default();
        let wish = Wish {
            requested: handler.version.clone(),
            installed: handler.installed.clone().or_else(|| in_place(before, &handler.name)),
            auto_upgrade: handler.auto_upgrade,
            uninstall: handler.state == RequestedState::Uninstall,
        };
        match resolve(candidates, &wish) {
            Some(candidate) => handlers.push(entry(wanted, handler, candidate, &region, settings)),
            None => {
                let what = format!("no version of {} answers {}", handler.name, handler.version);
                let hint = "look at the versions that the repository has, and where they are public";
                findings.push(refuse(format!("handler[{index}].version"), what, hint));
            }
        }
    }
    Refused::unless_only_warnings(findings)?;
    let number = |number: u64| {
        let document = json!({
            "hostGAPluginVersion": "1.0.8.133",
            "vmSettingsSchemaVersion": "0.0",
            "activityId": "00000000-0000-0000-0000-000000000000",
            "correlationId": "00000000-0000-0000-0000-000000000000",
            "inSvdSeqNo": number,
            "extensionsLastModifiedTickCount": number,
            "extensionGoalStatesSource": "FastTrack",
            "extensionGoalStates": handlers,
        });
        format!("{document:#}\n")
    };
    let number_before = before
        .and_then(|before| before.in_svd_seq_no.as_deref())
        .and_then(|text| text.parse::<u64>().ok());
    Ok(match (before, number_before) {
        (Some(before), Some(same)) if says_the_same(&number(same), before) => number(same),
        (_, last) => number(last.map_or(1, |last| last.saturating_add(1))),
    })
}

/// The version that the document before gave to a handler.
fn in_place(before: Option<&VmSettings>, name: &HandlerName) -> Option<hostler_contract::Version> {
    let handlers = before?.handlers.iter().flatten();
    let mut found = handlers.filter(|handler| handler.name == *name && handler.state != RequestedState::Uninstall);
    found.next().map(|handler| handler.version.clone())
}

/// Whether a document is read as `before` was.
fn says_the_same(document: &str, before: &VmSettings) -> bool {
    VmSettings::parse(Source::new("goal state", document.as_bytes())).is_ok_and(|read| read.value == *before)
}

fn entry(
    wanted: &Wanted,
    handler: &WantedHandler,
    candidate: &Candidate,
    region: &RegionName,
    settings: &BTreeMap<HandlerName, Settings>,
) -> Value {
    let file = manifest_name(handler.namespace.as_str(), handler.type_name.as_str(), region.short());
    let location = |base: &String| format!("{}/{file}", base.trim_end_matches('/'));
    let locations: Vec<String> = wanted.locations.iter().map(location).collect();
    let mut entry = json!({
        "name": handler.name.as_str(),
        "version": candidate.version.as_str(),
        "location": locations.first(),
        "failoverlocation": locations.get(1),
        "additionalLocations": locations.get(2..).unwrap_or_default(),
        "state": handler.state.name(),
        "autoUpgrade": handler.auto_upgrade,
        "runAsStartupTask": false,
        "isJson": true,
        "useExactVersion": true,
        "settingsSeqNo": handler.sequence.get(),
        "isMultiConfig": false,
        "settings": settings.get(&handler.name).map(|settings| [settings_entry(settings)]).map_or(json!([]), |one| json!(one)),
    });
    if let Some(entry) = entry.as_object_mut() {
        // What is not there is left out and not null.
        entry.retain(|_, value| !value.is_null());
    }
    entry
}

/// Settings as a goal state carries them. What is protected is for the machines' keys, and stays as it is.
fn settings_entry(settings: &Settings) -> Value {
    let public = settings.public().map(hostler_contract::json::Node::to_agent_json);
    let mut entry = json!({
        "publicSettings": public,
        "protectedSettings": settings.protected(),
        "protectedSettingsCertThumbprint": settings.thumbprint(),
    });
    if let Some(entry) = entry.as_object_mut() {
        entry.retain(|_, value| !value.is_null());
    }
    entry
}
