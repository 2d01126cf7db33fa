//! The exit codes that the SDK itself ends a command with.
//!
//! They are the conventional ones of `sysexits.h`, well away from the small numbers that handlers like to use, so
//! that a reader of the report can tell whose failure it was.

/// The command word is missing or unknown, or it is `service` and the handler has none.
pub const USAGE: u8 = 64;
/// The settings file is missing, is not JSON, or does not fit the handler's settings type.
pub const SETTINGS: u8 = 65;
/// `HandlerEnvironment.json` or `ConfigSequenceNumber` is missing or cannot be understood.
pub const SURROUNDINGS: u8 = 66;
/// A status, or the number of the settings that were carried out, could not be written.
pub const UNWRITABLE: u8 = 73;
/// The handler panicked. On wasm the panic traps, which the host counts as the same number.
pub const PANIC: u8 = 134;
