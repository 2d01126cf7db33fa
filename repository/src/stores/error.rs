//! What a store did not do.

/// Why something was not read from a store, or not written there.
///
/// As text it names the store as people may see it: without keys, and without the query of a URL.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL of a store is not one that is known.
    #[error("`{url}` is not the place of a store: {why}")]
    Url {
        /// The URL, without what is secret in it.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The store refused, or could not be reached.
    #[error("{store}: cannot {action} {name}: {why}")]
    Failed {
        /// The store, as it may be shown.
        store: String,
        /// What was tried, as a verb.
        action: &'static str,
        /// The name in the store.
        name: String,
        /// What the store said, shortened.
        why: String,
    },
    /// What was read is larger than what may be read of it.
    #[error("{store}: {name} has more than {max} bytes")]
    TooLarge {
        /// The store, as it may be shown.
        store: String,
        /// The name in the store.
        name: String,
        /// Most bytes that are read.
        max: u64,
    },
    /// What lies in the store, or came on its way there, is not what was to be there.
    #[error("{store}: {name} is not what it was to be: {what}")]
    Other {
        /// The store, as it may be shown.
        store: String,
        /// The name in the store.
        name: String,
        /// What differs.
        what: String,
    },
    /// A file of this machine could not be read or written on the way.
    #[error("a temporary file cannot be read or written")]
    File(#[from] std::io::Error),
}

/// What a store said, short enough for an error and without the query of a URL, which may give access.
pub(super) fn said(error: &object_store::Error) -> String {
    let mut text = match error {
        object_store::Error::NotFound { .. } => "it is not there".to_owned(),
        other => other.to_string(),
    };
    if let object_store::Error::Generic { source, .. } = error {
        let mut cause: &dyn std::error::Error = source.as_ref();
        while let Some(next) = cause.source() {
            cause = next;
        }
        text = cause.to_string();
    }
    hostler_contract::escape_bounded(&hostler_contract::redact_sas(&text), 300)
}
