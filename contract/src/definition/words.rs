//! The closed lists of words of a definition, compared with regard to case.

/// Where an extension may run: a word of `HostingResources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostingResource {
    /// `WebRole`
    WebRole,
    /// `WorkerRole`
    WorkerRole,
    /// `VmRole`: virtual machines.
    VmRole,
}

impl HostingResource {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebRole => "WebRole",
            Self::WorkerRole => "WorkerRole",
            Self::VmRole => "VmRole",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::WebRole, Self::WorkerRole, Self::VmRole];
        all.into_iter().find(|resource| resource.name() == word)
    }
}

/// `SupportedOS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SupportedOs {
    /// `Linux`
    Linux,
    /// `Windows`
    Windows,
}

impl SupportedOs {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Linux, Self::Windows].into_iter().find(|os| os.name() == word)
    }
}

/// `Protocol` of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// `tcp`
    Tcp,
    /// `udp`
    Udp,
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Protocol {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Tcp, Self::Udp, Self::Http, Self::Https];
        all.into_iter().find(|protocol| protocol.name() == word)
    }
}
