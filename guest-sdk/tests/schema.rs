//! A schema says of settings what reading them says.

use hostler_sdk::settings_schema;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// What a made-up handler is told.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only their names and types count")]
struct Settings {
    /// Whom to greet.
    greet_whom: String,
    /// How often, in seconds.
    every: Option<u16>,
}

#[test]
fn names_types_and_texts_are_those_of_the_type() {
    let text = settings_schema::<Settings>();
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    assert!(text.ends_with("}\n"));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["description"], "What a made-up handler is told.");
    assert_eq!(schema["required"], json!(["greetWhom"]));
    assert_eq!(schema["additionalProperties"], false);
    let properties = &schema["properties"];
    assert_eq!(properties["greetWhom"]["type"], "string");
    assert_eq!(properties["greetWhom"]["description"], "Whom to greet.");
    assert_eq!(properties["every"]["maximum"], 65535);
}
