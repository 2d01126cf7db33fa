//! From the URL of a store to the store.

use std::fs;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::{Store, StoreError};

/// Longest time for one request to a store, in which at most one piece of a package goes over the wire.
const REQUEST: Duration = Duration::from_secs(60);
/// Longest time to connect to a store.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a request is tried again, by itself, before replication's own pauses take over.
const AGAIN: Duration = Duration::from_secs(20);

impl Store {
    /// Opens the store at `url`: `az://CONTAINER[/PREFIX]`, `s3://BUCKET[/PREFIX]`, `file:///FOLDER`, or the path of a
    /// folder, which is made where it is missing.
    ///
    /// Account, keys and endpoint of the first two come from the environment (`AZURE_STORAGE_ACCOUNT_NAME`,
    /// `AZURE_STORAGE_ACCOUNT_KEY`, `AWS_ACCESS_KEY_ID` and so on), never from the URL, which stands in logs and in the
    /// list of processes.
    ///
    /// # Errors
    /// [`StoreError::Url`] for another scheme, no container, and settings of the environment that do not fit together.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::Url {
            url: shown(url),
            why: hostler_contract::escape_bounded(&why, 300),
        };
        match url.split_once("://") {
            None => Self::folder(FilePath::new(url)),
            Some(("file", path)) if path.starts_with('/') => Self::folder(FilePath::new(path)),
            Some(("az", rest)) => {
                let (container, prefix) = bucket(rest).map_err(wrong)?;
                let builder = MicrosoftAzureBuilder::from_env()
                    .with_container_name(container)
                    .with_retry(retry())
                    .with_client_options(client(emulated()));
                let built = builder.build().map_err(|e| wrong(e.to_string()))?;
                Ok(Self::new(Arc::new(built), prefix, shown(url)))
            }
            Some(("s3", rest)) => {
                let (name, prefix) = bucket(rest).map_err(wrong)?;
                let plain = std::env::var("AWS_ALLOW_HTTP").is_ok_and(|allow| allow == "true");
                let builder = AmazonS3Builder::from_env()
                    .with_bucket_name(name)
                    .with_retry(retry())
                    .with_client_options(client(plain));
                let built = builder.build().map_err(|e| wrong(e.to_string()))?;
                Ok(Self::new(Arc::new(built), prefix, shown(url)))
            }
            Some((scheme, _)) => Err(wrong(format!(
                "`{scheme}` is not known; write az://CONTAINER, s3://BUCKET, or the path of a folder"
            ))),
        }
    }

    /// Opens the store in `folder`, and makes the folder where it is missing. What is written there is on the disk when it
    /// is said to be.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a folder that cannot be made or opened.
    pub fn folder(folder: &FilePath) -> Result<Self, StoreError> {
        let url = folder.display().to_string();
        let wrong = |why: String| StoreError::Url {
            url: shown(&url),
            why: hostler_contract::escape_bounded(&why, 300),
        };
        fs::create_dir_all(folder).map_err(|e| wrong(e.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| wrong(e.to_string()))?;
        let store: Arc<dyn ObjectStore> = Arc::new(store.with_fsync(true));
        Ok(Self::new(store, Path::default(), shown(&url)))
    }
}

/// The container or bucket, and what stands before every name in it.
fn bucket(rest: &str) -> Result<(&str, Path), String> {
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if name.is_empty() || name.contains(['@', ':', '?', '#']) {
        return Err("write the name of a container or bucket after `://`, and nothing else".to_owned());
    }
    let prefix = Path::parse(prefix).map_err(|e| e.to_string())?;
    Ok((name, prefix))
}

fn emulated() -> bool {
    std::env::var("AZURE_STORAGE_USE_EMULATOR").is_ok_and(|used| used == "true" || used == "1")
}

fn retry() -> RetryConfig {
    RetryConfig {
        max_retries: 3,
        retry_timeout: AGAIN,
        ..RetryConfig::default()
    }
}

fn client(plain_http: bool) -> ClientOptions {
    // The client takes the provider of the process; an error means that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ClientOptions::new()
        .with_timeout(REQUEST)
        .with_connect_timeout(CONNECT)
        .with_allow_http(plain_http)
}

/// A store's URL as people may see it.
fn shown(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    hostler_contract::escape_bounded(url.get(..end).unwrap_or_default(), 300)
}

#[cfg(test)]
mod tests {
    use super::Store;

    #[test]
    fn a_url_that_is_no_store_is_refused_with_what_would_be_one() {
        let said = |url: &str| Store::open(url).err().map(|e| e.to_string()).unwrap_or_default();
        for url in [
            "gs://bucket",
            "http://host/x",
            "az://",
            "s3:///prefix",
            "az://key@host",
            "az://c/../d",
        ] {
            assert!(
                said(url).contains("is not the place of a store"),
                "{url}: {}",
                said(url)
            );
        }
        assert!(!said("gs://bucket?sig=secret").contains("secret"));
        assert!(said("gs://bucket").contains("az://CONTAINER"));
    }
}
