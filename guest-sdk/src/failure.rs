//! Why a command failed, in the three forms in which it is told: a status, an exit code and a log line.
//!
//! A handler returns one [`Failure`]; the SDK makes the rest of it, so the three cannot differ.

use std::{error::Error, fmt, num::NonZeroU8};

/// Why a command failed.
///
/// Made from any error by `?`, with the exit code 1 and the texts of the error and its sources, or from a sentence
/// with [`Failure::new`]. The message is shown to users and kept in logs: it must not hold secrets.
///
/// ```
/// use hostler_sdk::Failure;
///
/// fn port(text: &str) -> Result<u16, Failure> {
///     let port: u16 = text.parse()?;
///     if port == 0 {
///         return Err(Failure::new("port 0 cannot be listened on").with_exit_code(12));
///     }
///     Ok(port)
/// }
///
/// assert_eq!(port("0").unwrap_err().exit_code(), 12);
/// assert_eq!(port("many").unwrap_err().message(), "invalid digit found in string");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    exit_code: NonZeroU8,
    message: String,
}

impl Failure {
    /// A failure with exit code 1.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            exit_code: NonZeroU8::MIN,
            message: message.into(),
        }
    }

    /// The same failure with another exit code. 0 is taken as 1: a failure must not end like a success.
    #[must_use]
    pub fn with_exit_code(self, exit_code: u8) -> Self {
        Self {
            exit_code: NonZeroU8::new(exit_code).unwrap_or(NonZeroU8::MIN),
            ..self
        }
    }

    /// The same failure with `what` and a colon before its message: what was being done when it happened.
    #[must_use]
    pub fn while_doing(self, what: impl fmt::Display) -> Self {
        Self {
            message: format!("{what}: {}", self.message),
            ..self
        }
    }

    /// What the program ends with, and what the status document has as its code.
    pub fn exit_code(&self) -> u8 {
        self.exit_code.get()
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// Covers every error type, so that `?` works on all of them; `Failure` itself therefore is not an `Error`.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            message.push_str(": ");
            message.push_str(&inner.to_string());
            source = inner.source();
        }
        Self::new(message)
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failure_never_ends_like_a_success() {
        assert_eq!(Failure::new("x").exit_code(), 1);
        assert_eq!(Failure::new("x").with_exit_code(0).exit_code(), 1);
        assert_eq!(Failure::new("x").with_exit_code(255).exit_code(), 255);
    }

    #[test]
    fn any_error_becomes_a_failure_with_what_was_being_done() {
        let error = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
        let failure = Failure::from(error).while_doing("reading a.conf");
        assert_eq!(failure.to_string(), "reading a.conf: no such file");
    }
}
