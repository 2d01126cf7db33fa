//! What a case writes short: long texts and lists, and the usual entries of handlers in a report.

use serde_json::{Map, Value, json};

/// Replaces everywhere in `json`
///
/// - the object `{"$repeat": [text, n]}` by the text `n` times over,
/// - the array `[{"$times": [value, n]}]` by one of `n` values,
/// - in an object the member `"$enabled": [version, n]` by what is reported of a handler of that version that was enabled
///   well with settings `n`, or without settings where `n` is null, and
/// - the member `"$notReady": [version, code]` by what is reported of one that is not ready, with that code.
///
/// Members of the object itself go before those that it is given so.
pub(crate) fn expand(json: &mut Value) {
    match json {
        Value::Object(members) => {
            if let Some((text, times)) = members.get("$repeat").and_then(times) {
                let text = text.as_str().expect("`$repeat` takes a text and a number");
                *json = Value::String(text.repeat(times));
                return;
            }
            members.values_mut().for_each(expand);
            for (short, long) in [
                ("$enabled", enabled as fn(Value, Value) -> Value),
                ("$notReady", not_ready),
            ] {
                if let Some(value) = members.remove(short) {
                    add(members, long(value[0].clone(), value[1].clone()));
                }
            }
        }
        Value::Array(items) => {
            items.iter_mut().for_each(expand);
            if let [Value::Object(only)] = items.as_slice()
                && let Some((value, times)) = only.get("$times").and_then(times)
            {
                *items = vec![value.clone(); times];
            }
        }
        _ => {}
    }
}

/// A value and how many times it is meant.
fn times(value: &Value) -> Option<(&Value, usize)> {
    match value.as_array()?.as_slice() {
        [value, times] => Some((value, usize::try_from(times.as_u64()?).ok()?)),
        _ => None,
    }
}

/// Contract 7.2 and 9.1.
fn enabled(version: Value, number: Value) -> Value {
    let mut entry = json!({
        "handlerVersion": version,
        "status": "Ready",
        "code": 0,
        "formattedMessage.message": "Plugin enabled",
        "hostler.state": "Enabled",
    });
    if number.is_null() {
        entry["runtimeSettingsStatus"] = json!({"$absent": true});
    } else {
        entry["runtimeSettingsStatus.sequenceNumber"] = number;
        entry["runtimeSettingsStatus.settingsStatus.status.status"] = json!("success");
    }
    entry
}

fn not_ready(version: Value, code: Value) -> Value {
    json!({ "handlerVersion": version, "status": "NotReady", "code": code })
}

fn add(members: &mut Map<String, Value>, more: Value) {
    for (name, value) in more.as_object().into_iter().flatten() {
        members.entry(name).or_insert_with(|| value.clone());
    }
}

#[test]
fn what_is_short_becomes_long() {
    let mut json = json!({"a": {"$repeat": ["ab", 3]}, "b": [{"$times": [{"$repeat": ["x", 2]}, 2]}]});
    expand(&mut json);
    assert_eq!(json, json!({"a": "ababab", "b": ["xx", "xx"]}));
    let mut json = json!([{"$notReady": ["1.0", 7], "status": "notready"}, {"$enabled": ["1.0", null]}]);
    expand(&mut json);
    assert_eq!(
        json,
        json!([
            {"handlerVersion": "1.0", "status": "notready", "code": 7},
            {
                "handlerVersion": "1.0", "status": "Ready", "code": 0, "formattedMessage.message": "Plugin enabled",
                "hostler.state": "Enabled", "runtimeSettingsStatus": {"$absent": true},
            },
        ])
    );
}
