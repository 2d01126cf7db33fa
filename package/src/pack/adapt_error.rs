//! What can keep a core module from becoming a component.

/// Why a module could not be made a component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdaptError {
    /// The bytes are not a core module; the text says what is wrong with them.
    #[error("not a core module: {0}")]
    NotAModule(String),
    /// The module does not fit the component model or WASI; the text is the encoder's reason.
    #[error("{0}")]
    Encode(String),
    /// The preview 1 adapter that hostler was built with has another form than its exit code patch knows.
    #[error("the preview 1 adapter is not the known one: {0}")]
    UnknownAdapter(&'static str),
}
