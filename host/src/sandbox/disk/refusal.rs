//! Why a file call is refused, and how the component is told.

use std::io;

use rustix::io::Errno;
use wasmtime_wasi::p2::FsError;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

/// Why a file call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No room for its bytes, or for one more file.
    Space,
    /// A folder would lie too deep.
    Depth,
    /// The file would be too large.
    FileSize,
    /// It would leave the limits of one folder for those of another in a way that cannot be followed.
    OtherFolder,
}

impl From<Refusal> for FsError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            // As of a full disk: what programs of every language know.
            Refusal::Space => ErrorCode::InsufficientSpace,
            Refusal::Depth => ErrorCode::Quota,
            Refusal::FileSize => ErrorCode::FileTooLarge,
            Refusal::OtherFolder => ErrorCode::CrossDevice,
        };
        code.into()
    }
}

/// For streams: a component asks for the code behind the failure.
impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        let error = match refusal {
            Refusal::Space => Errno::NOSPC,
            Refusal::Depth => Errno::DQUOT,
            Refusal::FileSize => Errno::FBIG,
            Refusal::OtherFolder => Errno::XDEV,
        };
        error.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FSX-12, FSX-13: a stream's failure tells the component the same as a call's.
    #[test]
    fn streams_and_calls_tell_the_same() {
        for refusal in [Refusal::Space, Refusal::FileSize] {
            let of_call = FsError::from(refusal).downcast().ok();
            let of_stream = ErrorCode::from(io::Error::from(refusal));
            assert_eq!(of_call, Some(of_stream));
        }
    }
}
