//! What a MediaLink may be.

use url::{Host, Url};

use super::AllowedHosts;

/// Longest MediaLink, in bytes.
const MAX_LINK: usize = 4096;

/// Why nothing is fetched from where a MediaLink leads. No text repeats a query, which may give access.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// Not a URL, or one that is no place of a package.
    #[error("MediaLink is not an absolute http or https URL: {0}")]
    NoUrl(&'static str),
    /// A host that is not listed.
    #[error(
        "MediaLink leads to {0}, from which this repository does not fetch; upload the package with \
         PUT /blob/extensions/NAME, or have the operator allow the host (--media-host)"
    )]
    Host(String),
    /// A name that leads to the inside.
    #[error("{host} leads to {address}, an address of the inside that the operator has not listed (--media-host)")]
    Inside {
        /// The name, or the address itself.
        host: String,
        /// Where it leads.
        address: String,
    },
}

/// A MediaLink that may be followed.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaLink(Url);

impl MediaLink {
    /// Reads a MediaLink, and looks at where it leads as far as that can be seen without a network.
    ///
    /// # Errors
    /// Each [`LinkRefusal`].
    pub fn parse(text: &str, allowed: &AllowedHosts) -> Result<Self, LinkRefusal> {
        if text.len() > MAX_LINK {
            return Err(LinkRefusal::NoUrl("it is longer than 4096 bytes"));
        }
        let url = Url::parse(text.trim()).map_err(|_| LinkRefusal::NoUrl("write https://HOST/PATH"))?;
        Self::of_url(url, allowed)
    }

    /// The same for where a redirect leads.
    pub(super) fn of_url(mut url: Url, allowed: &AllowedHosts) -> Result<Self, LinkRefusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(LinkRefusal::NoUrl("its scheme is another"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LinkRefusal::NoUrl("it carries a user or a password"));
        }
        let (Some(host), Some(port)) = (url.host().map(|host| host.to_owned()), url.port_or_known_default()) else {
            return Err(LinkRefusal::NoUrl("it names no host"));
        };
        let name = host.to_string();
        if !allowed.may_ask(url.scheme(), &name, port) {
            return Err(LinkRefusal::Host(shown(&name, url.port())));
        }
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        if let Some(address) = address.filter(|address| !allowed.may_connect(&name, *address)) {
            return Err(LinkRefusal::Inside {
                host: name,
                address: address.to_string(),
            });
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// Whether this is an upload of the server that is reached at `authority` (`HOST` or `HOST:PORT`), and which.
    pub fn upload(text: &str, authorities: &[String]) -> Option<crate::stores::UploadName> {
        let url = Url::parse(text.trim()).ok()?;
        let ours = authorities.iter().any(|authority| is_at(&url, authority));
        let name = url.path().strip_prefix("/blob/extensions/")?;
        match ours && matches!(url.scheme(), "http" | "https") && url.username().is_empty() {
            true => name.parse().ok(),
            false => None,
        }
    }

    /// The link as people may see it: without its query.
    pub fn shown(&self) -> String {
        let mut url = self.0.clone();
        let query = if url.query().is_some() { "?<redacted>" } else { "" };
        url.set_query(None);
        hostler_contract::escape_bounded(url.as_str(), 500) + query
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl std::fmt::Debug for MediaLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MediaLink({})", self.shown())
    }
}

fn is_at(url: &Url, authority: &str) -> bool {
    let Ok(other) = Url::parse(&format!("{}://{authority}/", url.scheme())) else {
        return false;
    };
    url.host_str() == other.host_str() && url.port_or_known_default() == other.port_or_known_default()
}

fn shown(host: &str, port: Option<u16>) -> String {
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    hostler_contract::escape_bounded(&format!("{host}{port}"), 300)
}

#[cfg(test)]
mod tests {
    use super::super::AllowedHosts;
    use super::MediaLink;

    /// REP-12: what is refused before anything is asked.
    #[test]
    fn rep_12_links_that_are_not_followed() {
        let hosts = AllowedHosts::new(
            ["blobs.example", "127.0.0.1:8080", "meta.example:80"]
                .map(|h| h.parse().unwrap())
                .into(),
        );
        for (link, says) in [
            ("https://169.254.169.254/latest", "does not fetch"),
            ("http://127.0.0.1/x", "does not fetch"),
            ("http://0x7f.1:80/x", "does not fetch"),
            ("http://[::ffff:127.0.0.1]:8080/x", "does not fetch"),
            ("file:///etc/passwd", "its scheme is another"),
            ("gopher://blobs.example/x", "its scheme is another"),
            ("https://user:pass@blobs.example/x", "user or a password"),
            ("https://blobs.example.evil/x?sig=SECRET", "does not fetch"),
            ("https://blobs.example@evil/x", "user or a password"),
            ("http://blobs.example/x", "does not fetch"),
            ("/relative", "not an absolute"),
            ("(the URL of your package)", "not an absolute"),
        ] {
            let said = MediaLink::parse(link, &hosts).unwrap_err().to_string();
            assert!(said.contains(says), "{link}: {said}");
            assert!(!said.contains("SECRET"), "{said}");
        }
        let link = MediaLink::parse("https://blobs.example/c/p.zip?sig=SECRET", &hosts).unwrap();
        assert_eq!(link.shown(), "https://blobs.example/c/p.zip?<redacted>");
        assert!(
            MediaLink::parse("http://2130706433:8080/x", &hosts).is_ok(),
            "127.0.0.1 in another spelling, and listed"
        );
    }

    #[test]
    fn an_upload_of_this_server_is_known_by_its_path_and_authority() {
        let here = ["localhost:8443".to_owned(), "repo.example".to_owned()];
        for (link, name) in [
            ("https://localhost:8443/blob/extensions/a.zip", Some("a.zip")),
            ("https://repo.example/blob/extensions/a.zip?sig=x", Some("a.zip")),
            ("https://REPO.example:443/blob/extensions/a.zip", Some("a.zip")),
            ("https://repo.example/blob/extensions/../x", None),
            ("https://repo.example/blob/extensions/%2e%2e%2fx", None),
            ("https://repo.example/other/a.zip", None),
            ("https://elsewhere.example/blob/extensions/a.zip", None),
        ] {
            let found = MediaLink::upload(link, &here);
            assert_eq!(found.as_ref().map(|name| name.as_str()), name, "{link}");
        }
    }
}
