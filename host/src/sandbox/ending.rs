//! From what the engine says at the end of a command to how it ended.

use hostler_contract::escape_bounded;
use wasmtime::Trap;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::I32Exit;

use super::{End, TrapKind};
use crate::limits::{LimitName, LimitReached, Limits};

/// Longest message of an end, in bytes.
const MAX_MESSAGE: usize = 1024;

/// A limit was reached: carried through the engine as an error, so that nothing of the component runs after it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct StoppedAt(pub(super) LimitReached);

/// How a command ended that the engine ended with `error`.
pub(super) fn of_error(error: &wasmtime::Error, limits: &Limits) -> End {
    if let Some(I32Exit(code)) = error.downcast_ref() {
        // wasi:cli/exit takes a byte.
        return End::Exited {
            code: u8::try_from(*code).unwrap_or(u8::MAX),
            message: None,
        };
    }
    if let Some(StoppedAt(reached)) = error.downcast_ref() {
        return match reached.name {
            LimitName::Deadline => End::TimedOut(reached.clone()),
            _ => End::Stopped(reached.clone()),
        };
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        let used = Some(limits.value(LimitName::Resources));
        return End::Stopped(LimitReached {
            used,
            ..LimitReached::new(LimitName::Resources, limits)
        });
    }
    let message = escape_bounded(&error.root_cause().to_string(), MAX_MESSAGE);
    if let Some(limit) = limit_in_words(&message) {
        return End::Stopped(LimitReached::new(limit, limits));
    }
    let trap = error.downcast_ref::<Trap>().map_or(TrapKind::Other, kind);
    End::Trapped { trap, message }
}

fn kind(trap: &Trap) -> TrapKind {
    match trap {
        Trap::StackOverflow => TrapKind::Stack,
        Trap::UnreachableCodeReached => TrapKind::Unreachable,
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => {
            TrapKind::Bounds
        }
        Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger => TrapKind::Arithmetic,
        _ => TrapKind::Other,
    }
}

/// The limit that wasmtime names only in words. A hostile verb or a component of `tests/hostile` runs into each, so a
/// release that words it otherwise fails there.
fn limit_in_words(message: &str) -> Option<LimitName> {
    const WORDS: [(&str, LimitName); 5] = [
        ("too much data is being copied", LimitName::Hostcall),
        ("store handle limit exceeded", LimitName::Handles),
        ("instance count too high", LimitName::Instances),
        ("memory count too high", LimitName::Memories),
        ("table count too high", LimitName::Tables),
    ];
    WORDS
        .into_iter()
        .find(|(words, _)| message.contains(words))
        .map(|(_, limit)| limit)
}
