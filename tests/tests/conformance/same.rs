//! Whether two documents say the same at different times.

use serde_json::Value;

/// Most differences that are told.
const TOLD: usize = 8;

/// The document in `bytes`; null when it is not JSON.
pub(crate) fn document(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// Where two documents differ, but for every `timestampUTC`.
pub(crate) fn differences(one: &str, a: &Value, other: &str, b: &Value) -> Vec<String> {
    let mut places = Vec::new();
    walk("", a, b, &mut places);
    places.truncate(TOLD);
    places
        .into_iter()
        .map(|place| format!("{one} and {other} differ{place}"))
        .collect()
}

fn walk(at: &str, a: &Value, b: &Value, places: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let only_b = b.keys().filter(|name| !a.contains_key(*name));
            for name in a.keys().chain(only_b).filter(|name| *name != "timestampUTC") {
                let below = format!("{at}.{name}");
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => walk(&below, a, b, places),
                    (None, _) => places.push(format!(" at {below}: only the second has it")),
                    (_, None) => places.push(format!(" at {below}: only the first has it")),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                walk(&format!("{at}.{index}"), a, b, places);
            }
        }
        (a, b) if a == b => {}
        (a, b) => {
            let short = |value: &Value| value.to_string().chars().take(300).collect::<String>();
            places.push(format!(" at {at}: {} and {}", short(a), short(b)));
        }
    }
}

#[test]
fn times_do_not_count_and_the_rest_does() {
    let a = serde_json::json!({"timestampUTC": 1, "x": [{"timestampUTC": 2, "y": 3}]});
    let b = serde_json::json!({"timestampUTC": 4, "x": [{"timestampUTC": 5, "y": 3}]});
    assert_eq!(differences("a", &a, "b", &b), Vec::<String>::new());
    let c = serde_json::json!({"x": [{"y": 4}], "z": null});
    assert_eq!(
        differences("a", &a, "c", &c),
        [
            "a and c differ at .x.0.y: 3 and 4",
            "a and c differ at .z: only the second has it"
        ]
    );
}
