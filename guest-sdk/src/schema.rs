//! A JSON schema of the settings, made from their type, for whoever writes settings or a form for them.

use schemars::{JsonSchema, generate::SchemaSettings};

/// The JSON schema (draft 2020-12) of the public settings `S`, as text with a line feed at its end.
///
/// Settings that do not fit `S` never reach `enable`: they end as an error status that says where, by its path, with exit
/// code [`exit_code::SETTINGS`](crate::exit_code::SETTINGS). The schema says the same beforehand: it is made of the same type
/// and the same attributes of serde that settings are read with. What only the schema says (`#[schemars(range(...))]` and
/// other bounds) is not checked: let the type have it, or check it in `enable`. A test that compares it with the
/// file that is shipped keeps both the same:
///
/// ```
/// use hostler_sdk::settings_schema;
///
/// /// What to watch.
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Settings {
///     /// The port to listen on.
///     port: u16,
/// }
///
/// let schema = settings_schema::<Settings>();
/// assert!(schema.contains("\"description\": \"The port to listen on.\""));
/// assert!(schema.contains("\"additionalProperties\": false"));
/// ```
pub fn settings_schema<S: JsonSchema>() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.into_root_schema_for::<S>();
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
