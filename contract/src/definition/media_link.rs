//! `MediaLink`: where the package lies.

use std::fmt;

use crate::redact_sas;

/// An absolute `http` or `https` URL. Shown without its query, which may be as good as a password; what is needed to
/// fetch it is [`as_str`](MediaLink::as_str).
#[derive(Clone, PartialEq, Eq)]
pub struct MediaLink(String);

impl MediaLink {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right: not absolute, another scheme, no host, blanks or control
    /// characters in it, a name or password before the host.
    pub fn parse(text: &str) -> Result<Self, (String, &'static str)> {
        let hint = "write the https URL of the package";
        let scheme = ["http://", "https://"].into_iter().find(|scheme| {
            text.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        let Some(scheme) = scheme else {
            let what = match text.split_once("://") {
                Some((scheme, _)) => format!("its scheme is `{}`", crate::escape_bounded(scheme, 40)),
                None => "it is not an absolute URL; a template that was not filled in?".to_owned(),
            };
            return Err((what, hint));
        };
        if text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\'))
        {
            return Err(("it has a character that no URL has".to_owned(), hint));
        }
        let rest = &text[scheme.len()..];
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(("it has a name or password before the host".to_owned(), hint));
        }
        if authority.is_empty() || authority.starts_with(':') {
            return Err(("it has no host".to_owned(), hint));
        }
        Ok(Self(text.to_owned()))
    }

    /// The whole URL, with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last path segment, as a name to show or to keep a file under; empty when the path ends in a slash.
    pub fn file_name(&self) -> &str {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for MediaLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = redact_sas(&self.0);
        f.write_str(shown.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for MediaLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaLink({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::MediaLink;

    #[test]
    fn a_link_is_an_absolute_url_shown_without_its_query() {
        let link = MediaLink::parse("https://host:8443/a/b.zip?sv=1&sig=secret").unwrap();
        assert_eq!(link.to_string(), "https://host:8443/a/b.zip");
        assert_eq!(link.file_name(), "b.zip");
        assert!(!format!("{link:?}").contains("secret"));
        for text in [
            "Storage blob location of the Zip file",
            "ftp://host/a",
            "file:///etc/passwd",
            "https://",
            "https:///a",
            "https://:80/a",
            "https://user:word@host/a",
            "https://host/a b",
            "//host/a",
            "/a.zip",
        ] {
            assert!(MediaLink::parse(text).is_err(), "{text}");
        }
    }
}
