//! The agent's own codes: what a report says in `code` where a handler or a goal state failed (contract 0).
//!
//! Those of commands stand with the commands ([`Command::error_code`](crate::Command::error_code)), that of a bad status
//! file with the status ([`BAD_STATUS_CODE`](crate::status::BAD_STATUS_CODE)). Our own codes are another table, [`Code`](crate::Code).

/// What has no code of its own.
pub const UNKNOWN: i32 = -1;

/// No location gave the package.
pub const DOWNLOAD: i32 = 1001;

/// The manifest of an installed package is gone.
pub const MANIFEST_MISSING: i32 = 1002;

/// The manifest cannot be parsed.
pub const MANIFEST_UNPARSABLE: i32 = 1003;

/// A command ran out of time.
pub const TIMEOUT: i32 = 1011;

/// The goal state requires a feature that is not there.
pub const UNSUPPORTED_FEATURE: i32 = 2001;
