//! Where the repository is, as whom to speak to it, and how what it says ends a command.

use std::future::Future;
use std::path::PathBuf;

use clap::Args;
use hostler_contract::Source;
use hostler_publish::{Client, PartialSettings, PublishError};

use super::failure::Failure;
use super::place::{file_name, read_input};

/// Largest settings file that is read, in bytes.
const MAX_PARAMS_BYTES: usize = 64 << 10;

/// The repository and the publisher's account there. What is not given is taken from the settings file, and then from the
/// variables of the old scripts.
#[derive(Debug, Args)]
pub(super) struct RepositoryOption {
    /// Address of the repository, https://host:port [default: ENDPOINT].
    #[arg(long, value_name = "URL", help_heading = "Repository")]
    endpoint: Option<String>,
    /// The publisher's account [default: SUBSCRIPTION].
    #[arg(long, value_name = "ID", help_heading = "Repository")]
    subscription: Option<String>,
    /// File in PEM form with the publisher's certificate and its key [default: CERT].
    #[arg(long, value_name = "PEM", help_heading = "Repository")]
    cert: Option<PathBuf>,
    /// File in PEM form with certificates to trust besides the system's [default: CURL_CA_BUNDLE].
    #[arg(long, value_name = "PEM", help_heading = "Repository")]
    ca: Option<PathBuf>,
    /// Settings file: lines NAME=value with the names above.
    #[arg(long, value_name = "FILE", help_heading = "Repository")]
    params: Option<PathBuf>,
}

impl RepositoryOption {
    /// A client of that repository. Nothing is sent yet.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let given = PartialSettings {
            endpoint: self.endpoint.clone(),
            subscription: self.subscription.clone(),
            certificate: self.cert.clone(),
            version: None,
            authorities: self.ca.clone(),
        };
        let file = match &self.params {
            Some(path) => PartialSettings::parse(Source::new(&file_name(path), &read_input(path, MAX_PARAMS_BYTES)?))?,
            None => PartialSettings::default(),
        };
        let variables = PartialSettings::from_variables(|name| std::env::var(name).ok());
        let settings = given.or(file).or(variables).complete()?;
        Ok(Client::new(settings)?)
    }
}

/// Does what talks to a repository.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::host(error, "raise the number of files that a process may open"))?;
    runtime.block_on(work)
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        let refused = error.to_refused();
        if error.is_unreachable() {
            Self::Unreachable(refused)
        } else {
            Self::Refused(refused)
        }
    }
}
