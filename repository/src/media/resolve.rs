//! From a host's name to the addresses that may be connected to.

use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{AllowedHosts, LinkRefusal};

/// Looks names up once for each connection, and gives the client only addresses that were looked at: what the name leads to
/// afterwards does not matter (REP-12).
pub(super) struct Looked(pub(super) AllowedHosts);

impl Resolve for Looked {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let addresses = permitted(&host, found, &allowed)?;
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// `found`, unless one of them must not be connected to: a name that leads inside and outside at once is no accident.
fn permitted(host: &str, found: Vec<SocketAddr>, allowed: &AllowedHosts) -> io::Result<Vec<SocketAddr>> {
    match found.iter().find(|address| !allowed.may_connect(host, address.ip())) {
        Some(inside) => Err(io::Error::other(LinkRefusal::Inside {
            host: host.to_owned(),
            address: inside.ip().to_string(),
        })),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::AllowedHosts;
    use super::permitted;

    /// REP-12: a name that is listed, and what it may lead to.
    #[test]
    fn rep_12_a_listed_name_does_not_lead_inside() {
        let hosts = AllowedHosts::new(vec!["blobs.example".parse().unwrap()]);
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
        assert!(permitted("blobs.example", addresses(&["8.8.8.8:0"]), &hosts).is_ok());
        let mixed = addresses(&["8.8.8.8:0", "169.254.169.254:0"]);
        let said = permitted("blobs.example", mixed, &hosts).unwrap_err().to_string();
        assert!(said.contains("169.254.169.254, an address of the inside"), "{said}");
    }
}
