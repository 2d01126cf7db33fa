//! What a goal state leads to: the ExtensionsConfig that a goal state of the fabric names, and the document that may put
//! an ExtensionsConfig on hold (contract 8.6).

use std::time::Duration;

use hostler_contract::extensions_config::MAX_EXTENSIONS_CONFIG_BYTES;
use hostler_contract::{DocumentKind, FabricGoalState, Finding, Place, Refused, Source, codes};
use hostler_fetch::{FetchLimits, Fetcher, Location};
use serde_json::Value;

use super::GoalState;

/// Most bytes of the document that may put a goal state on hold.
const MAX_PROFILE_BYTES: u64 = 4 * 1024 * 1024;

/// How long getting that document may take.
const PROFILE_BUDGET: Duration = Duration::from_secs(20);

/// The goal state that `bytes`, which came from `source`, lead to: for one of the fabric the ExtensionsConfig that it
/// names, and where that was found in the end; all else as it is.
///
/// # Errors
///
/// `download.*` for an ExtensionsConfig that cannot be had. What is wrong with the goal state itself is left to
/// [`GoalState::read`].
pub fn follow(fetcher: &Fetcher, source: Location, bytes: Vec<u8>) -> Result<(Location, Vec<u8>), Refused> {
    if DocumentKind::of_goal_state(&bytes) != DocumentKind::GoalState {
        return Ok((source, bytes));
    }
    let file = source.file_name();
    let Ok(read) = FabricGoalState::parse(Source::new(&file, &bytes)) else {
        return Ok((source, bytes));
    };
    let Some(named) = read.value.extensions_config else {
        return Ok((source, bytes));
    };
    let place =
        Place::Xml("GoalState/Container/RoleInstanceList/RoleInstance/Configuration/ExtensionsConfig".to_owned());
    let location = Location::parse(&named, Some(&source)).map_err(|error| error.finding(&file, place))?;
    let fetched = fetcher
        .fetch(&location, FetchLimits::of(MAX_EXTENSIONS_CONFIG_BYTES as u64))
        .map_err(|error| error.finding())?;
    Ok((fetched.location, fetched.bytes))
}

impl GoalState {
    /// Asks the document that may put it on hold, if it names one. One that cannot be had or read does not (contract
    /// 8.6); that is told as a warning.
    pub fn look_for_hold(&mut self, fetcher: &Fetcher) {
        let Some(named) = self.artifacts_profile.take() else {
            return;
        };
        match profile(fetcher, &self.source, &named) {
            Ok(on_hold) => self.settings.on_hold |= on_hold,
            Err(what) => {
                let place = Place::Xml("Extensions/InVMArtifactsProfileBlob".to_owned());
                let hint = "see whether it can be had; the goal state is carried out meanwhile";
                let file = self.source.file_name();
                self.warnings
                    .push(Finding::warning(codes::GOAL_STATE_PROFILE, &file, place, what, hint));
            }
        }
    }
}

/// Whether the document at `named` says that nothing is to be carried out.
fn profile(fetcher: &Fetcher, source: &Location, named: &str) -> Result<bool, String> {
    let location = Location::parse(named, Some(source)).map_err(|error| error.to_string())?;
    let limits = FetchLimits {
        budget: PROFILE_BUDGET,
        ..FetchLimits::of(MAX_PROFILE_BYTES)
    };
    let fetched = fetcher.fetch(&location, limits).map_err(|error| error.to_string())?;
    // The blob ends in zeros that fill its last page.
    let end = fetched
        .bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let profile: Value = serde_json::from_slice(fetched.bytes.get(..end).unwrap_or_default())
        .map_err(|error| format!("{}: it is not JSON: {error}", location.display()))?;
    Ok(says_on_hold(&profile))
}

/// `onHold`: true, or the word in any case.
fn says_on_hold(profile: &Value) -> bool {
    match profile.get("onHold") {
        Some(Value::Bool(on_hold)) => *on_hold,
        Some(Value::String(word)) => word.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_puts_a_goal_state_on_hold() {
        for (profile, on_hold) in [
            (json!({ "onHold": true }), true),
            (json!({ "onHold": "True" }), true),
            (json!({ "onHold": "false" }), false),
            (json!({ "onHold": 1 }), false),
            (json!({}), false),
            (json!([]), false),
        ] {
            assert_eq!(says_on_hold(&profile), on_hold, "{profile}");
        }
    }

    /// From files: a goal state that names its ExtensionsConfig relatively, which names a profile.
    #[test]
    fn what_is_named_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Location::of_path(&path).unwrap()
        };
        let config = |profile: &str| {
            format!("<Extensions><Plugins/><InVMArtifactsProfileBlob>{profile}</InVMArtifactsProfileBlob></Extensions>")
        };
        let goal_state = |config: &str| {
            let inner = format!("<Configuration><ExtensionsConfig>{config}</ExtensionsConfig></Configuration>");
            format!(
                "<GoalState><Container><RoleInstanceList><RoleInstance>{inner}</RoleInstance></RoleInstanceList></Container></GoalState>"
            )
        };
        write("held.json", "{\"onHold\": true}\0\0");
        write("broken.json", "{");
        write("held.xml", &config("held.json"));
        write("broken.xml", &config("broken.json"));
        write("away.xml", &config("away.json"));
        let fetcher = Fetcher::new();
        let outcomes = ["held.xml", "broken.xml", "away.xml", "nowhere.xml", "", "ftp://a/b"].map(|named| {
            let text = goal_state(named);
            let source = write("goal.xml", &text);
            let said = follow(&fetcher, source, text.into_bytes()).and_then(|(source, bytes)| {
                let mut read = GoalState::read(source, &bytes)?;
                read.look_for_hold(&fetcher);
                let warned: Vec<_> = read.warnings.iter().map(|warning| warning.code().name()).collect();
                let from = read.source.file_name();
                Ok(format!("{from} on hold {} {warned:?}", read.settings.on_hold))
            });
            let said = said.unwrap_or_else(|refused| refused.first().code().to_string());
            format!("{named}: {said}")
        });
        insta::assert_snapshot!(outcomes.join("\n"), @r#"
        held.xml: held.xml on hold true []
        broken.xml: broken.xml on hold false ["goal_state.profile"]
        away.xml: away.xml on hold false ["goal_state.profile"]
        nowhere.xml: download.unreachable
        : goal_state.schema
        ftp://a/b: download.location
        "#);
    }
}
