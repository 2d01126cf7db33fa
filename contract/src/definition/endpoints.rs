//! `Certificate`, `Endpoints` and `LocalResources`: what cloud services knew beside the package. Virtual machines ignore
//! them; they are checked, kept and handed on.

use super::words::Protocol;

/// `Certificate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// `StoreLocation`, usually `LocalMachine`; has to be there.
    pub store_location: String,
    /// `StoreName`, usually `My`.
    pub store_name: Option<String>,
    /// `ThumbprintRequired`
    pub thumbprint_required: Option<bool>,
    /// `ThumbprintAlgorithm`, usually `sha1`.
    pub thumbprint_algorithm: Option<String>,
}

/// `Endpoints`; one without any is the same as none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// `InputEndpoints/InputEndpoint`
    pub input: Vec<InputEndpoint>,
    /// `InternalEndpoints/InternalEndpoint`
    pub internal: Vec<InternalEndpoint>,
    /// `InstanceInputEndpoints/InstanceInputEndpoint`
    pub instance_input: Vec<InstanceInputEndpoint>,
}

impl Endpoints {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.input.is_empty() && self.internal.is_empty() && self.instance_input.is_empty()
    }
}

/// A port of the machine itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalPort {
    /// `*`: whichever is free.
    Any,
    /// 1 to 65535.
    Port(u16),
}

/// `InputEndpoint`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputEndpoint {
    /// `Name`
    pub name: String,
    /// `Protocol`
    pub protocol: Protocol,
    /// `Port`, 1 to 65535.
    pub port: u16,
    /// `LocalPort`
    pub local_port: LocalPort,
}

/// `InternalEndpoint`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalEndpoint {
    /// `Name`
    pub name: String,
    /// `Protocol`
    pub protocol: Protocol,
    /// `Port`, 1 to 65535.
    pub port: u16,
}

/// `InstanceInputEndpoint`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceInputEndpoint {
    /// `Name`
    pub name: String,
    /// `Protocol`
    pub protocol: Protocol,
    /// `LocalPort`
    pub local_port: LocalPort,
    /// `FixedPortMin`, 1 to 65535.
    pub fixed_port_min: u16,
    /// `FixedPortMax`, not below `FixedPortMin`.
    pub fixed_port_max: u16,
}

/// `LocalResource`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalResource {
    /// `Name`
    pub name: String,
    /// `SizeInMB`
    pub size_in_mb: Option<u32>,
}
