//! What the operator allows to be fetched from.

use std::net::IpAddr;
use std::str::FromStr;

use super::inside::is_inside;

/// One `--media-host`: a host, with or without a port, or a network.
///
/// | written | allows |
/// |---|---|
/// | `blobs.example` | `https:` on port 443 of that host |
/// | `blobs.example:8443` | `https:` and `http:` on that port of it |
/// | `10.1.2.3`, `[fd00::1]:8443` | the same of an address, which may be one of the inside |
/// | `10.1.0.0/16` | no host, but that one which is listed may have an address of the inside in that network |
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedHost {
    /// A host by name, in lower case, or by address.
    Host {
        /// Name or address.
        host: String,
        /// The port; nothing for 443.
        port: Option<u16>,
    },
    /// A network: its first address and how many bits of it count.
    Network(IpAddr, u8),
}

/// A text that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a host to fetch from: write HOST, HOST:PORT, an address, or a network such as 10.1.0.0/16")]
pub struct AllowedHostError(String);

impl FromStr for AllowedHost {
    type Err = AllowedHostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || AllowedHostError(hostler_contract::escape_bounded(text, 100));
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let bits: u8 = bits.parse().map_err(|_| wrong())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            return match bits <= most {
                true => Ok(Self::Network(address, bits)),
                false => Err(wrong()),
            };
        }
        if text.is_empty() || text.contains(['@', '?', '#', '\\', '*']) {
            return Err(wrong());
        }
        // An address of IPv6 has colons of its own; without brackets there can be no port.
        let bare = match text.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => text.to_owned(),
        };
        let url = url::Url::parse(&format!("https://{bare}/")).map_err(|_| wrong())?;
        let host = url.host_str().ok_or_else(wrong)?.to_owned();
        let port = match bare.strip_suffix(":443") {
            Some(_) => Some(443),
            None => url.port(),
        };
        Ok(Self::Host { host, port })
    }
}

/// Everything that the operator allows.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Vec<AllowedHost>);

impl AllowedHosts {
    /// Allows what is in `hosts`.
    pub fn new(hosts: Vec<AllowedHost>) -> Self {
        Self(hosts)
    }

    /// Whether a URL of this scheme, host and port may be asked for.
    pub(super) fn may_ask(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.0.iter().any(|allowed| match allowed {
            AllowedHost::Host {
                host: listed,
                port: None,
            } => listed == host && scheme == "https" && port == 443,
            AllowedHost::Host {
                host: listed,
                port: Some(at),
            } => listed == host && *at == port,
            AllowedHost::Network(..) => false,
        })
    }

    /// Whether `address`, which `host` leads to, may be connected to.
    pub(super) fn may_connect(&self, host: &str, address: IpAddr) -> bool {
        !is_inside(address) || self.0.iter().any(|allowed| allowed.lists(host, address))
    }
}

impl AllowedHost {
    /// Whether this lists an address of the inside for `host`.
    fn lists(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Self::Network(network, bits) => in_network(address, *network, *bits),
            Self::Host { host: listed, .. } => {
                let by_address = listed.trim_matches(['[', ']']).parse() == Ok(address);
                // That name is the machine itself wherever it is looked up, so who lists it lists its address.
                let itself = listed == "localhost" && host == "localhost" && address.is_loopback();
                by_address || itself
            }
        }
    }
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{AllowedHost, AllowedHosts};

    fn allowed(texts: &[&str]) -> AllowedHosts {
        AllowedHosts::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn rep_12_what_is_asked_for_is_listed() {
        let hosts = allowed(&[
            "Blobs.Example",
            "plain.example:8080",
            "10.1.2.3:9000",
            "[fd00::1]:9000",
            "x.example:443",
        ]);
        for (scheme, host, port, may) in [
            ("https", "blobs.example", 443, true),
            ("http", "blobs.example", 80, false),
            ("https", "blobs.example", 8443, false),
            ("https", "evil.blobs.example", 443, false),
            ("http", "plain.example", 8080, true),
            ("https", "plain.example", 8080, true),
            ("https", "plain.example", 443, false),
            ("http", "10.1.2.3", 9000, true),
            ("http", "[fd00::1]", 9000, true),
            ("https", "x.example", 443, true),
            ("https", "other.example", 443, false),
        ] {
            assert_eq!(hosts.may_ask(scheme, host, port), may, "{scheme} {host} {port}");
        }
    }

    #[test]
    fn rep_12_addresses_of_the_inside_are_listed_too() {
        let hosts = allowed(&[
            "blobs.example",
            "10.1.2.3",
            "172.16.0.0/12",
            "fd00::/8",
            "localhost:8080",
        ]);
        for (host, address, may) in [
            ("blobs.example", "8.8.8.8", true),
            ("blobs.example", "127.0.0.1", false),
            ("blobs.example", "169.254.169.254", false),
            ("blobs.example", "10.1.2.3", true),
            ("blobs.example", "172.31.0.1", true),
            ("blobs.example", "fd12::1", true),
            ("blobs.example", "fe80::1", false),
            ("localhost", "127.0.0.1", true),
        ] {
            assert_eq!(
                hosts.may_connect(host, address.parse().unwrap()),
                may,
                "{host} {address}"
            );
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for bad in [
            "",
            "a b",
            "http://x",
            "user@host",
            "x/33",
            "10.0.0.0/33",
            "*.example",
            "host:99999",
            "::1]:80",
        ] {
            assert!(bad.parse::<AllowedHost>().is_err(), "{bad}");
        }
    }
}
