//! Where the repository is, and as whom it is spoken to.
//!
//! The names are those of the old scripts' `params`, as variables of the environment or as `NAME=value` lines of a file.

use std::path::PathBuf;

use hostler_contract::{Finding, Place, Refused, Source, codes, escape_bounded, nearest};
use url::Url;

/// The version of the management API that is spoken, unless told otherwise.
pub const API_VERSION: &str = "2014-06-01";

/// What is read from the environment and from a settings file.
pub const VARIABLES: [&str; 5] = ["ENDPOINT", "SUBSCRIPTION", "CERT", "VERSION", "CURL_CA_BUNDLE"];

/// Most bytes of a settings file.
const MAX_BYTES: usize = 64 * 1024;

/// What one source says of the settings: command line, file or environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartialSettings {
    /// `ENDPOINT`: address of the repository.
    pub endpoint: Option<String>,
    /// `SUBSCRIPTION`: the publisher's account.
    pub subscription: Option<String>,
    /// `CERT`: file in PEM form with the publisher's certificate and its key.
    pub certificate: Option<PathBuf>,
    /// `VERSION`: of the API, as a date, or as the whole header.
    pub version: Option<String>,
    /// `CURL_CA_BUNDLE`: file in PEM form with certificates that a server is trusted by, besides the system's.
    pub authorities: Option<PathBuf>,
}

/// Everything that a client needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// Address of the repository, without a path.
    pub endpoint: Url,
    /// The publisher's account.
    pub subscription: String,
    /// File with certificate and key.
    pub certificate: PathBuf,
    /// `x-ms-version`.
    pub version: String,
    /// File with more certificates to trust.
    pub authorities: Option<PathBuf>,
}

impl PartialSettings {
    /// What the variables say, as `look_up` gives them; empty ones are none.
    pub fn from_variables(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| look_up(name).filter(|value| !value.is_empty());
        Self {
            endpoint: value("ENDPOINT"),
            subscription: value("SUBSCRIPTION"),
            certificate: value("CERT").map(PathBuf::from),
            version: value("VERSION"),
            authorities: value("CURL_CA_BUNDLE").map(PathBuf::from),
        }
    }

    /// Reads a settings file: lines `NAME=value` or `export NAME=value`, the value in quotes or not; empty lines and
    /// those that begin with `#` are passed over. Nothing is run, so a file with conditions is refused: which of its
    /// values count is for a shell to say.
    ///
    /// # Errors
    /// A line that is no such thing, a name that is not known, and a value that a shell would make something else of.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        let text = source
            .bytes
            .get(..MAX_BYTES.min(source.bytes.len()))
            .unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let mut settings = Self::default();
        let mut findings = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Err((what, hint)) = settings.take(line) {
                let place = Place::Text {
                    line: index + 1,
                    column: 1,
                };
                findings.push(Finding::refusal(
                    codes::PUBLISH_SETTINGS,
                    source.file,
                    place,
                    what,
                    hint,
                ));
            }
        }
        Refused::unless_only_warnings(findings)?;
        Ok(settings)
    }

    fn take(&mut self, line: &str) -> Result<(), (String, String)> {
        let assignment = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let wrong = |what: &str| {
            let hint = "write `NAME=value`; conditions and commands are not run";
            (format!("{what}: `{}`", escape_bounded(line, 80)), hint.to_owned())
        };
        let (name, value) = assignment.split_once('=').ok_or_else(|| wrong("it is no setting"))?;
        let value = unquoted(value).ok_or_else(|| wrong("a shell would make something else of the value"))?;
        match name {
            "ENDPOINT" => self.endpoint = Some(value),
            "SUBSCRIPTION" => self.subscription = Some(value),
            "CERT" => self.certificate = Some(value.into()),
            "VERSION" => self.version = Some(value),
            "CURL_CA_BUNDLE" => self.authorities = Some(value.into()),
            // Of the old scripts: which cloud, and the storage account, which a repository does not need.
            "AZURE_PRODUCTION" | "MOONCAKE_PRODUCTION" | "CONN_STR" => {}
            other => {
                let hint = match nearest(other, VARIABLES) {
                    Some(name) => format!("`{name}` is known"),
                    None => format!("known are {}", VARIABLES.join(", ")),
                };
                return Err((format!("`{}` is no setting", escape_bounded(other, 80)), hint));
            }
        }
        Ok(())
    }

    /// These settings, and what they leave open from `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            endpoint: self.endpoint.or(others.endpoint),
            subscription: self.subscription.or(others.subscription),
            certificate: self.certificate.or(others.certificate),
            version: self.version.or(others.version),
            authorities: self.authorities.or(others.authorities),
        }
    }

    /// The settings, if nothing is missing.
    ///
    /// # Errors
    /// What is missing, and an address that is none: `https://`, without a path of its own.
    pub fn complete(self) -> Result<ClientSettings, Refused> {
        let mut findings = Vec::new();
        let mut wrong = |name: &str, what: String, hint: String| {
            let finding = Finding::refusal(codes::PUBLISH_SETTINGS, name, Place::Whole, what, hint);
            findings.push(finding);
        };
        let mut needed = |value: Option<String>, name: &str, option: &str| {
            if value.is_none() {
                let hint = format!("give `{option}`, a line in the file of `--params`, or the variable {name}");
                wrong(name, "it is not set".to_owned(), hint);
            }
            value
        };
        let endpoint = needed(self.endpoint, "ENDPOINT", "--endpoint");
        let subscription = needed(self.subscription, "SUBSCRIPTION", "--subscription");
        let certificate = self.certificate.map(|path| path.display().to_string());
        let certificate = needed(certificate, "CERT", "--cert");
        let endpoint = endpoint.and_then(|text| match address(&text) {
            Ok(url) => Some(url),
            Err(what) => {
                let hint = "write https://host or https://host:port".to_owned();
                wrong("ENDPOINT", what, hint);
                None
            }
        });
        // The old scripts keep the whole header in it.
        let version = self.version.unwrap_or_else(|| API_VERSION.to_owned());
        let version = version.trim().trim_start_matches("x-ms-version:").trim().to_owned();
        if version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            let what = format!("`{}` is no version of the API", escape_bounded(&version, 80));
            wrong("VERSION", what, format!("write a date such as {API_VERSION}"));
        }
        Refused::unless_only_warnings(findings)?;
        match (endpoint, subscription, certificate) {
            (Some(endpoint), Some(subscription), Some(certificate)) => Ok(ClientSettings {
                endpoint,
                subscription,
                certificate: certificate.into(),
                version,
                authorities: self.authorities,
            }),
            // Each that is missing was noted above.
            _ => Err(Refused::new(Finding::refusal(
                codes::PUBLISH_SETTINGS,
                "settings",
                Place::Whole,
                "something is missing",
                "set ENDPOINT, SUBSCRIPTION and CERT",
            ))),
        }
    }
}

/// A value without its quotes, unless a shell would do more with it than that.
fn unquoted(value: &str) -> Option<String> {
    let value = value.trim();
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(inner) = inner('\'') {
        return (!inner.contains('\'')).then(|| inner.to_owned());
    }
    let (text, special): (&str, &[char]) = match inner('"') {
        Some(inner) => (inner, &['"', '$', '`', '\\']),
        None => (
            value,
            &['"', '\'', '$', '`', '\\', ' ', '\t', ';', '&', '|', '<', '>', '(', ')'],
        ),
    };
    (!text.contains(special)).then(|| text.to_owned())
}

fn address(text: &str) -> Result<Url, String> {
    let shown = escape_bounded(text, 200);
    let url = Url::parse(text).map_err(|error| format!("`{shown}` is no address: {error}"))?;
    if url.scheme() != "https" {
        return Err(format!("`{shown}` does not begin with https://"));
    }
    let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none();
    if !plain {
        return Err("it has more in it than a host and a port".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use hostler_contract::Source;

    use super::PartialSettings;

    fn parse(text: &str) -> Result<PartialSettings, String> {
        PartialSettings::parse(Source::new("params", text.as_bytes())).map_err(|refused| {
            let lines: Vec<String> = refused.findings().iter().map(ToString::to_string).collect();
            lines.join("\n")
        })
    }

    #[test]
    fn a_file_in_the_style_of_the_old_scripts_is_read() {
        let text = "# of the team\nexport ENDPOINT=https://repo:8443/\nSUBSCRIPTION='a b'\n\
                    export VERSION=\"x-ms-version: 2014-06-01\"\nCERT=/keys/p.pem\nexport CONN_STR='x;y'\n";
        let settings = parse(text).unwrap().complete().unwrap();
        assert_eq!(settings.endpoint.as_str(), "https://repo:8443/");
        assert_eq!(settings.subscription, "a b");
        assert_eq!(settings.version, "2014-06-01");
        assert_eq!(settings.certificate.to_str(), Some("/keys/p.pem"));
    }

    #[test]
    fn what_a_shell_would_have_to_read_is_refused_with_its_line() {
        for (line, said) in [
            ("if [ $AZURE_PRODUCTION -eq 1 ]; then", "params:1:1"),
            ("CERT=$HOME/p.pem", "a shell would"),
            ("CERT=`pwd`/p.pem", "a shell would"),
            ("CERT=a b", "a shell would"),
            ("SUBSCRIPTON=a", "`SUBSCRIPTION` is known"),
            ("echo hello", "it is no setting"),
        ] {
            let said_instead = parse(line).unwrap_err();
            assert!(said_instead.contains(said), "{line}: {said_instead}");
        }
    }

    #[test]
    fn the_command_line_counts_before_the_file_and_that_before_the_variables() {
        let of = |endpoint: &str| PartialSettings {
            endpoint: Some(endpoint.to_owned()),
            ..PartialSettings::default()
        };
        let variables = PartialSettings::from_variables(|name| match name {
            "ENDPOINT" => Some("https://variable".to_owned()),
            "SUBSCRIPTION" => Some("s".to_owned()),
            "CERT" => Some(String::new()),
            _ => None,
        });
        let both = of("https://option").or(of("https://file")).or(variables);
        assert_eq!(both.endpoint.as_deref(), Some("https://option"));
        assert_eq!(both.subscription.as_deref(), Some("s"));
        let refused = both.complete().unwrap_err();
        assert_eq!(refused.findings().len(), 1, "{refused}");
        assert!(refused.to_string().contains("--cert"), "{refused}");
    }

    #[test]
    fn addresses_are_those_of_servers_with_tls() {
        for address in ["http://repo", "repo:8443", "https://repo/path", "https://a:b@repo", ""] {
            let settings = PartialSettings {
                endpoint: Some(address.to_owned()),
                subscription: Some("s".to_owned()),
                certificate: Some("c".into()),
                ..PartialSettings::default()
            };
            assert!(settings.complete().is_err(), "{address}");
        }
    }
}
