//! Which call of the management API a path is, and what is wrong with a path that is none.

use percent_encoding::percent_decode_str;

/// Longest part of a path, in bytes after decoding: that of a namespace.
const MAX_PART: usize = 256;

/// A version of an extension, as a path names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) namespace: String,
    pub(super) extension_type: String,
    pub(super) version: String,
}

/// What stands after the subscription in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// Nothing: the subscription itself.
    Subscription,
    /// `services/extensions`: register and update.
    Extensions,
    /// `services/extensions/{namespace}/{type}/{version}`: unregister.
    Version(Named),
    /// `services/extensions/{namespace}/{type}/{version}/replicationstatus`
    Replication(Named),
    /// `services/publisherextensions`: the publisher's list.
    PublisherExtensions,
    /// `services/resourceextensions`: the consumers' list.
    ResourceExtensions,
    /// `services/resourceextensions/{publisher}/{name}`: the versions of one extension.
    ResourceExtension { namespace: String, extension_type: String },
    /// `services/resolve/{namespace}/{type}`: which version a machine is given.
    Resolve { namespace: String, extension_type: String },
    /// `operations`
    Operations,
    /// `operations/{request id}`
    Operation { id: String },
    /// None of them.
    Unknown,
}

impl Route {
    /// The earliest `x-ms-version` that the call is documented for.
    pub(super) fn earliest_version(&self) -> &'static str {
        match self {
            Self::Subscription => "2011-10-01",
            Self::ResourceExtensions | Self::ResourceExtension { .. } => "2013-11-01",
            Self::Operations | Self::Operation { .. } | Self::Unknown => "2009-10-01",
            Self::Extensions
            | Self::Version(_)
            | Self::Replication(_)
            | Self::PublisherExtensions
            | Self::Resolve { .. } => "2013-03-01",
        }
    }

    /// What it is called in metrics and logs.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Extensions => "extensions",
            Self::Version(_) => "version",
            Self::Replication(_) => "replicationstatus",
            Self::PublisherExtensions => "publisherextensions",
            Self::ResourceExtensions => "resourceextensions",
            Self::ResourceExtension { .. } => "resourceextension",
            Self::Resolve { .. } => "resolve",
            Self::Operations => "operations",
            Self::Operation { .. } => "operation",
            Self::Unknown => "unknown",
        }
    }

    /// The methods that it knows.
    pub(super) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Extensions => &["POST", "PUT"],
            Self::Version(_) => &["DELETE"],
            _ => &["GET"],
        }
    }
}

/// The subscription of a path and the call, or what is wrong with the path.
pub(super) fn parse(path: &str) -> Result<(String, Route), String> {
    let path = path.strip_prefix('/').ok_or("the path does not start with `/`")?;
    // One slash at the end is no part of its own.
    let path = path.strip_suffix('/').unwrap_or(path);
    let parts: Vec<String> = path.split('/').map(part).collect::<Result<_, _>>()?;
    let words: Vec<&str> = parts.iter().map(String::as_str).collect();
    let [subscription, rest @ ..] = words.as_slice() else {
        return Err("the path names no subscription".to_owned());
    };
    let of = |namespace: &str, extension_type: &str, version: &str| Named {
        namespace: namespace.to_owned(),
        extension_type: extension_type.to_owned(),
        version: version.to_owned(),
    };
    let route = match rest {
        [] => Route::Subscription,
        ["services", "extensions"] => Route::Extensions,
        ["services", "extensions", n, t, v] => Route::Version(of(n, t, v)),
        ["services", "extensions", n, t, v, "replicationstatus"] => Route::Replication(of(n, t, v)),
        ["services", "publisherextensions"] => Route::PublisherExtensions,
        ["services", "resourceextensions"] => Route::ResourceExtensions,
        ["services", "resourceextensions", n, t] => Route::ResourceExtension {
            namespace: (*n).to_owned(),
            extension_type: (*t).to_owned(),
        },
        ["services", "resolve", n, t] => Route::Resolve {
            namespace: (*n).to_owned(),
            extension_type: (*t).to_owned(),
        },
        ["operations"] => Route::Operations,
        ["operations", id] => Route::Operation { id: (*id).to_owned() },
        _ => Route::Unknown,
    };
    Ok(((*subscription).to_owned(), route))
}

/// A part of a path, decoded once. Nothing that means something in a file's path gets through, though names never
/// become one.
fn part(raw: &str) -> Result<String, String> {
    let decoded = percent_decode_str(raw)
        .decode_utf8()
        .map_err(|_| "a part of the path is not UTF-8".to_owned())?;
    let shown = || hostler_contract::escape_bounded(&decoded, 80);
    if decoded.is_empty() {
        return Err("a part of the path is empty".to_owned());
    }
    if decoded.len() > MAX_PART {
        return Err(format!("a part of the path is longer than {MAX_PART} bytes"));
    }
    if decoded == "." || decoded == ".." || decoded.chars().any(|c| c == '/' || c == '\\' || c.is_control()) {
        return Err(format!("`{}` may not be a part of the path", shown()));
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Route, parse};

    #[test]
    fn paths_are_calls() {
        for (path, name) in [
            ("/s", "subscription"),
            ("/s/", "subscription"),
            ("/s/services/extensions", "extensions"),
            ("/s/services/extensions/a.b/c/1.0", "version"),
            (
                "/s/services/extensions/a.b/c/1.0/replicationstatus",
                "replicationstatus",
            ),
            ("/s/services/publisherextensions", "publisherextensions"),
            ("/s/services/resourceextensions", "resourceextensions"),
            ("/s/services/resourceextensions/a.b/c", "resourceextension"),
            ("/s/services/resolve/a.b/c", "resolve"),
            ("/s/operations", "operations"),
            ("/s/operations/0123", "operation"),
            ("/s/services", "unknown"),
            ("/s/services/extensions/a.b/c", "unknown"),
            ("/s/services/Extensions", "unknown"),
            ("/s/x", "unknown"),
        ] {
            let (subscription, route) = parse(path).unwrap();
            assert_eq!((subscription.as_str(), route.name()), ("s", name), "{path}");
        }
    }

    #[test]
    fn parts_are_decoded_once() {
        let (_, route) = parse("/s/services/extensions/a%2Eb/c%20d/1%2525").unwrap();
        let Route::Version(named) = route else {
            panic!("{route:?}")
        };
        assert_eq!(
            (&*named.namespace, &*named.extension_type, &*named.version),
            ("a.b", "c d", "1%25")
        );
    }

    #[test]
    fn rep_19_paths_that_lead_elsewhere_are_refused() {
        for path in [
            "",
            "s",
            "//",
            "//etc/passwd",
            "/s//services",
            "/s/services/extensions//c/1.0",
            "/../etc/passwd",
            "/s/..",
            "/s/%2e%2e/x",
            "/s/..%2f..%2fetc%2fpasswd",
            "/s/a%5cb",
            "/s/a%00b",
            "/s/a%0ab",
            "/s/%ff",
        ] {
            assert!(parse(path).is_err(), "{path}");
        }
        assert!(parse(&format!("/s/{}", "a".repeat(257))).is_err());
    }
}
