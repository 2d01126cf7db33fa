//! From text to a location.

use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use url::Url;

use super::{Location, LocationError, Way, decoded_path};

/// Longest location, in bytes, as it is written and as a URL with everything escaped.
const MAX_BYTES: usize = 8 * 1024;

pub(super) fn parse(text: &str, base: Option<&Location>) -> Result<Location, LocationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(LocationError::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(LocationError::TooLong { max: MAX_BYTES });
    }
    if let Some(at) = text.chars().position(char::is_control) {
        return Err(LocationError::Control { at: at + 1 });
    }
    let location = Location(match scheme(text) {
        Some((scheme, rest)) => absolute(text, &scheme, rest)?,
        None => relative(text, base)?,
    });
    if location.exact().len() > MAX_BYTES {
        return Err(LocationError::TooLong { max: MAX_BYTES });
    }
    match base.and_then(Location::url) {
        Some(base) => may_name(base, &location).map(|()| location),
        None => Ok(location),
    }
}

/// The scheme in lower case and what follows its colon, if `text` starts with one.
fn scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut letters = scheme.chars();
    let is_scheme = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

fn absolute(text: &str, scheme: &str, rest: &str) -> Result<Way, LocationError> {
    match scheme {
        "http" | "https" => {
            // Browsers also read `https:x` and `https:///x`, each in its own way.
            let after = rest.strip_prefix("//").ok_or(LocationError::NoHost)?;
            if after.is_empty() || after.starts_with(['/', '\\', '?', '#']) {
                return Err(LocationError::NoHost);
            }
            http(Url::parse(text))
        }
        "file" => file_url(rest),
        other => Err(LocationError::Scheme(other.to_owned())),
    }
}

fn http(parsed: Result<Url, url::ParseError>) -> Result<Way, LocationError> {
    let mut url = parsed.map_err(|error| LocationError::Url(error.to_string()))?;
    url.set_fragment(None);
    Ok(Way::Http(url))
}

/// The path of a `file:` URL; `rest` is what follows `file:`.
fn file_url(rest: &str) -> Result<Way, LocationError> {
    if rest.contains(['?', '#']) {
        return Err(LocationError::FileExtra);
    }
    let encoded = match rest.strip_prefix("//") {
        Some(with_host) => {
            let (host, _) = with_host.split_once('/').ok_or(LocationError::FileRelative)?;
            if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
                return Err(LocationError::FileHost);
            }
            with_host.get(host.len()..).unwrap_or_default()
        }
        None if rest.starts_with('/') => rest,
        None => return Err(LocationError::FileRelative),
    };
    file(decoded_path(encoded))
}

fn file(path: PathBuf) -> Result<Way, LocationError> {
    match path.as_os_str().as_bytes().iter().position(|byte| *byte == 0) {
        Some(at) => Err(LocationError::Control { at: at + 1 }),
        None => Ok(Way::File(path)),
    }
}

/// A text without a scheme.
fn relative(text: &str, base: Option<&Location>) -> Result<Way, LocationError> {
    match base.map(Location::way) {
        Some(Way::Http(base)) => http(base.join(text)),
        Some(Way::File(document)) => file(document.parent().unwrap_or(document).join(text)),
        None if Path::new(text).is_absolute() => file(PathBuf::from(text)),
        None => Err(LocationError::Relative),
    }
}

/// Whether a document that came from `base` may name `location`.
fn may_name(base: &Url, location: &Location) -> Result<(), LocationError> {
    match location.way() {
        Way::File(_) => Err(LocationError::Local),
        Way::Http(url) if base.scheme() == "https" && url.scheme() != "https" => Err(LocationError::Downgrade),
        Way::Http(_) => Ok(()),
    }
}
