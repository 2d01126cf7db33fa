//! The settings of a command, from the file that the agent wrote (contract 4.1).
//!
//! Only the wrapper is taken apart here. The public settings stay text until they are read into the handler's own
//! type, so that a mistake in them is told with its path, line and column; the protected ones stay as delivered.

use std::{io, path::Path};

use hostler_contract::{ExtensionName, SequenceNumber};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{Failure, exit_code, files};

/// Settings as they were delivered.
#[derive(Debug, Clone)]
pub struct RawSettings {
    public: Option<Box<RawValue>>,
    protected: Option<String>,
    thumbprint: Option<String>,
}

impl RawSettings {
    /// The public settings as JSON text, `{}` where there are none.
    pub fn public_json(&self) -> &str {
        self.public.as_deref().map_or("{}", RawValue::get)
    }

    /// The protected settings, sealed: base64 of a CMS envelope that only the certificate's key opens.
    pub fn protected_sealed(&self) -> Option<&str> {
        self.protected.as_deref()
    }

    /// Thumbprint of the certificate that the protected settings are sealed for: upper-case hexadecimal SHA-1.
    pub fn protected_thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref()
    }

    /// The public settings as the handler's own type.
    ///
    /// # Errors
    ///
    /// They do not fit the type; exit code [`exit_code::SETTINGS`]. The message has the path of what does not fit, as in
    /// `$.watch[2].port`; lines and columns are those of [`public_json`](Self::public_json).
    pub fn public<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let mut json = serde_json::Deserializer::from_str(self.public_json());
        // The text is one value and nothing behind it: it was cut out of a document that could be read.
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            unusable(match &*path {
                // The whole of them: a field that is missing, or one too many.
                "." => format!("public settings: {}", error.inner()),
                _ => format!("public settings: $.{path}: {}", error.inner()),
            })
        })
    }
}

/// Settings for a handler that needs none: accepts any and reads nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct NoSettings {}

/// Reads the settings file with this number.
///
/// `None` means that the goal state has no settings, which the agent tells by an empty file with the number 0.
pub(crate) fn read(
    config: &Path,
    extension: Option<&ExtensionName>,
    number: SequenceNumber,
) -> Result<Option<RawSettings>, Failure> {
    let file = config.join(match extension {
        Some(extension) => format!("{extension}.{number}.settings"),
        None => format!("{number}.settings"),
    });
    let text = files::read(&file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => unusable(format!("{}: there is no such settings file", file.display())),
        _ => unusable(format!("{}: {error}", file.display())),
    })?;
    if text.is_empty() && number == SequenceNumber::FIRST {
        return Ok(None);
    }
    parse(&text).map_err(|error| unusable(format!("{}: {error}", file.display())))
}

fn parse(text: &[u8]) -> Result<Option<RawSettings>, serde_json::Error> {
    let document: Document = serde_json::from_slice(text)?;
    Ok(document.runtime_settings.into_iter().next().map(|first| {
        let settings = first.handler_settings;
        RawSettings {
            public: settings.public_settings.filter(|json| json.get() != "null"),
            protected: settings.protected_settings.filter(|text| !text.trim().is_empty()),
            thumbprint: settings
                .protected_settings_cert_thumbprint
                .filter(|text| !text.trim().is_empty()),
        }
    }))
}

fn unusable(what: String) -> Failure {
    Failure::new(what).with_exit_code(exit_code::SETTINGS)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    runtime_settings: Vec<RuntimeSettings>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuntimeSettings {
    handler_settings: HandlerSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HandlerSettings {
    public_settings: Option<Box<RawValue>>,
    protected_settings: Option<String>,
    protected_settings_cert_thumbprint: Option<String>,
}

#[cfg(test)]
mod tests {
    use hostler_contract::{ExtensionName, SequenceNumber};
    use serde::Deserialize;

    use super::{NoSettings, parse, read};
    use crate::exit_code;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Port {
        port: u16,
    }

    fn wrapped(public: &str) -> String {
        format!(
            r#"{{"runtimeSettings": [{{"handlerSettings": {{"publicSettings": {public}, "protectedSettings": null,
            "protectedSettingsCertThumbprint": null}}}}]}}"#
        )
    }

    fn number(number: u32) -> SequenceNumber {
        SequenceNumber::new(number).unwrap()
    }

    #[test]
    fn public_settings_become_the_handlers_type() {
        let settings = parse(wrapped(r#"{"port": 80}"#).as_bytes()).unwrap().unwrap();
        assert_eq!(settings.public::<Port>().unwrap(), Port { port: 80 });
        assert_eq!(settings.protected_sealed(), None);
    }

    #[test]
    fn a_mistake_in_them_is_told_with_its_place() {
        let settings = parse(wrapped(r#"{"port": "x"}"#).as_bytes()).unwrap().unwrap();
        let failure = settings.public::<Port>().unwrap_err();
        assert_eq!(failure.exit_code(), exit_code::SETTINGS);
        assert_eq!(
            failure.message(),
            r#"public settings: $.port: invalid type: string "x", expected u16 at line 1 column 12"#
        );
    }

    #[test]
    fn a_mistake_deep_in_them_is_told_with_its_path() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only their names and types count")]
        struct Ports {
            watch: Vec<Port>,
        }
        for (public, said) in [
            (
                r#"{"watch": [{"port": 1}, {"port": -1}]}"#,
                "$.watch[1].port: invalid value: integer `-1`",
            ),
            (r#"{"watch": [{}]}"#, "$.watch[0]: missing field `port`"),
            (r#"{"watch": {}}"#, "$.watch: invalid type: map"),
            (r#"{"watch": [], "wach": 1}"#, "$.wach: unknown field `wach`"),
        ] {
            let settings = parse(wrapped(public).as_bytes()).unwrap().unwrap();
            let failure = settings.public::<Ports>().unwrap_err();
            let message = failure.message();
            assert!(message.starts_with(&format!("public settings: {said}")), "{message}");
        }
    }

    #[test]
    fn absent_public_settings_are_an_empty_object() {
        let settings = parse(wrapped("null").as_bytes()).unwrap().unwrap();
        assert_eq!(settings.public_json(), "{}");
        assert_eq!(settings.public::<NoSettings>().unwrap(), NoSettings {});
        assert_eq!(
            settings.public::<Port>().unwrap_err().message(),
            "public settings: missing field `port` at line 1 column 2"
        );
    }

    #[test]
    fn an_empty_file_means_no_settings_under_number_zero_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["0.settings", "4.settings", "web.0.settings"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(read(folder.path(), None, number(0)).unwrap().is_none());
        assert!(
            read(folder.path(), Some(&ExtensionName::parse("web").unwrap()), number(0))
                .unwrap()
                .is_none()
        );
        let failure = read(folder.path(), None, number(4)).unwrap_err();
        assert!(failure.message().contains("4.settings: EOF"), "{failure}");
        let failure = read(folder.path(), None, number(5)).unwrap_err();
        assert!(
            failure
                .message()
                .ends_with("5.settings: there is no such settings file"),
            "{failure}"
        );
    }

    #[test]
    fn a_list_without_elements_means_no_settings() {
        assert!(parse(br#"{"runtimeSettings": []}"#).unwrap().is_none());
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        for text in ["", "null", "[]", "{}", r#"{"runtimeSettings": [{}]}"#, "\u{feff}{}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
