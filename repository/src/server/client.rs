//! Who is at the other end of a connection.

use std::net::IpAddr;

use crate::records::Certificate;

/// The other end of a connection, as every request of it carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// The certificate whose key it proved to have.
    pub certificate: Option<Certificate>,
}
