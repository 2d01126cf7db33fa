//! Patterns: what a case says of a JSON document.
//!
//! An object names the members that matter, an array has as many elements as there must be, and everything else is
//! equal to itself. `a.b.0` as a name leads down. An object whose names begin with `$` says more:
//!
//! | name | what must hold |
//! |---|---|
//! | `$absent` | it is not there |
//! | `$any` | it is there and not null |
//! | `$starts`, `$contains`, `$lacks` | of a text: begins with it, has it or all of them in it, has none of them in it |
//! | `$from` | the other names are about the text from these words on |
//! | `$length` | so many characters or elements |
//! | `$count` | each text so many times in it |
//! | `$only` | an object with these members and no others |
//! | `$some` | an array with an element like that |

use serde_json::{Map, Value};

/// Says where `actual` is not as `pattern` has it; `at` names the place of the whole.
pub(crate) fn mismatches(at: &str, pattern: &Value, actual: Option<&Value>) -> Vec<String> {
    let mut found = Vec::new();
    compare(at, pattern, actual, &mut found);
    found
}

fn compare(at: &str, pattern: &Value, actual: Option<&Value>, found: &mut Vec<String>) {
    match (pattern, actual) {
        (Value::Object(members), _) if members.keys().any(|name| name.starts_with('$')) => {
            operators(at, members, actual, found);
        }
        (_, None) => found.push(format!("{at} is not there; it must be {pattern}")),
        (Value::Object(members), Some(actual)) => {
            for (name, pattern) in members {
                compare(&format!("{at}.{name}"), pattern, below(actual, name), found);
            }
        }
        (Value::Array(patterns), Some(Value::Array(items))) if patterns.len() == items.len() => {
            for (index, (pattern, item)) in patterns.iter().zip(items).enumerate() {
                compare(&format!("{at}.{index}"), pattern, Some(item), found);
            }
        }
        (_, Some(actual)) if pattern == actual => {}
        (_, Some(actual)) => found.push(format!("{at} is {}; it must be {pattern}", short(actual))),
    }
}

/// What `path`, names and indexes with dots between them, leads to.
fn below<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

fn operators(at: &str, members: &Map<String, Value>, actual: Option<&Value>, found: &mut Vec<String>) {
    if members.contains_key("$absent") {
        if let Some(actual) = actual {
            found.push(format!("{at} is {}; it must not be there", short(actual)));
        }
        return;
    }
    let Some(actual) = actual.filter(|actual| !actual.is_null()) else {
        found.push(format!(
            "{at} is not there; it must be {}",
            Value::Object(members.clone())
        ));
        return;
    };
    let mut text = actual.as_str().unwrap_or_default();
    if let Some(words) = members.get("$from").and_then(Value::as_str) {
        match text.find(words) {
            Some(start) => text = &text[start..],
            None => return found.push(format!("{at} has no `{words}` in it: {}", short(actual))),
        }
    }
    for (name, expected) in members {
        let fault = match name.as_str() {
            "$any" | "$from" => None,
            "$starts" => (!text.starts_with(one(expected))).then(|| format!("does not begin with {expected}")),
            "$contains" => words(expected)
                .find(|words| !text.contains(words))
                .map(|words| format!("has no `{words}` in it")),
            "$lacks" => words(expected)
                .find(|words| text.contains(words))
                .map(|words| format!("has `{words}` in it")),
            "$length" => {
                let length = actual.as_array().map_or_else(|| text.chars().count(), Vec::len);
                (expected != length).then(|| format!("has the length {length} and not {expected}"))
            }
            "$count" => expected.as_object().into_iter().flatten().find_map(|(words, times)| {
                let count = text.matches(words).count();
                (times != count).then(|| format!("has `{words}` {count} times in it and not {times} times"))
            }),
            "$only" => other_members(expected, actual).or_else(|| {
                compare(at, expected, Some(actual), found);
                None
            }),
            "$some" => {
                let like = |item: &Value| mismatches("", expected, Some(item)).is_empty();
                let there = actual.as_array().is_some_and(|items| items.iter().any(like));
                (!there).then(|| format!("has no element like {expected}"))
            }
            other => Some(format!("cannot be checked: there is no `{other}`")),
        };
        found.extend(fault.map(|fault| format!("{at} {fault}: {}", short(actual))));
    }
}

/// Why `actual` has not just the members of `expected`, if it has not.
fn other_members(expected: &Value, actual: &Value) -> Option<String> {
    let names = |value: &Value| {
        value
            .as_object()
            .map(|members| members.keys().cloned().collect::<Vec<_>>())
    };
    let (expected, actual) = (names(expected), names(actual));
    (expected != actual).then(|| format!("has the members {actual:?} and not {expected:?}"))
}

fn one(expected: &Value) -> &str {
    expected.as_str().expect("a text")
}

/// The text, or each of the texts.
fn words(expected: &Value) -> impl Iterator<Item = &str> {
    let many = expected.as_array().map(Vec::as_slice).unwrap_or_default();
    expected.as_str().into_iter().chain(many.iter().map(one))
}

/// A value as a message shows it.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let mut short: String = text.chars().take(1500).collect();
    if short.len() < text.len() {
        short += "...";
    }
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_hold_and_fail() {
        let actual = json!({
            "n": 1, "null": null, "text": "one two two", "list": [1, {"a": "b"}], "deep": {"er": [{"est": true}]},
        });
        let holds = [
            json!({}),
            json!({"n": 1, "null": null, "deep.er.0.est": true, "gone": {"$absent": true}}),
            json!({"list": [1, {"a": {"$any": true}}]}),
            json!({"text": {"$starts": "one", "$contains": ["two", "one"], "$lacks": "three", "$length": 11}}),
            json!({"text": {"$from": "two", "$length": 7, "$count": {"two": 2, "one": 0}}}),
            json!({"list": {"$length": 2, "$some": {"a": "b"}}}),
            json!({"deep": {"$only": {"er": {"$any": true}}}}),
        ];
        for pattern in holds {
            assert_eq!(
                mismatches("it", &pattern, Some(&actual)),
                Vec::<String>::new(),
                "{pattern}"
            );
        }
        let fails = [
            json!({"n": 2}),
            json!({"n": "1"}),
            json!({"gone": null}),
            json!({"n": null}),
            json!({"n": {"$absent": true}}),
            json!({"null": {"$any": true}}),
            json!({"gone": {"$any": true}}),
            json!({"list": [1]}),
            json!({"list": [{"a": "b"}, 1]}),
            json!({"deep.er.1.est": true}),
            json!({"text": {"$starts": "two"}}),
            json!({"text": {"$contains": ["one", "three"]}}),
            json!({"text": {"$lacks": ["three", "two"]}}),
            json!({"text": {"$from": "three"}}),
            json!({"text": {"$length": 10}}),
            json!({"text": {"$count": {"two": 1}}}),
            json!({"n": {"$contains": "1"}}),
            json!({"list": {"$some": {"a": "c"}}}),
            json!({"list": {"$length": 1}}),
            json!({"deep": {"$only": {}}}),
            json!({"deep": {"$only": {"er": []}}}),
            json!({"text": {"$mistyped": 1}}),
        ];
        for pattern in fails {
            assert!(!mismatches("it", &pattern, Some(&actual)).is_empty(), "{pattern}");
        }
        assert_eq!(
            mismatches("it", &json!({"deep.er.0.est": false}), Some(&actual)),
            ["it.deep.er.0.est is true; it must be false"]
        );
    }
}
