//! Protected settings: what the host opened, in a type that nothing prints.
//!
//! A component asks the host for them. Everywhere else they come on standard input, which ends behind them.

use hostler_contract::Command;
use serde::de::DeserializeOwned;

use crate::{Failure, RawSettings, exit_code};

/// Most bytes of protected settings that are read.
#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
const MAX_BYTES: u64 = 64 << 10;

/// Protected settings as the handler's own type. There is no way to print them by accident:
///
/// ```compile_fail
/// fn print(protected: hostler_sdk::Protected<String>) {
///     println!("{protected:?}");
/// }
/// ```
///
/// What is taken out of it with [`expose`](Self::expose) is an ordinary value: it belongs in no log, no status and no error.
pub struct Protected<T>(T);

impl<T> Protected<T> {
    /// The settings, to be used and not to be kept.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

/// Where protected settings come from.
#[derive(Clone, Default)]
pub(crate) enum Source {
    /// The host.
    #[default]
    Host,
    /// A test.
    #[cfg(not(target_family = "wasm"))]
    Given(Option<String>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source")
    }
}

impl Source {
    /// The protected settings that go with `settings`, for `command`, or for a service where that is `None`.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        command: Option<Command>,
        settings: Option<RawSettings>,
    ) -> Result<Option<Protected<T>>, Failure> {
        let opened = match self {
            #[cfg(not(target_family = "wasm"))]
            Self::Given(text) => text.clone().map(String::into_bytes),
            Self::Host if settings.is_none_or(|settings| settings.protected_sealed().is_none()) => None,
            Self::Host => from_host(command)?,
        };
        opened.map(|bytes| typed(&bytes)).transpose()
    }
}

/// `bytes` as the handler's type. The words of the parser may quote a value, so it is told where and not what.
fn typed<T: DeserializeOwned>(bytes: &[u8]) -> Result<Protected<T>, Failure> {
    serde_json::from_slice(bytes).map(Protected).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        unusable(format!(
            "protected settings: they do not fit what this handler reads, at line {line} column {column}"
        ))
    })
}

#[cfg(all(target_os = "wasi", target_env = "p2"))]
fn from_host(_: Option<Command>) -> Result<Option<Vec<u8>>, Failure> {
    crate::component::bindings::hostler::handler::secrets::protected_settings()
        .map_err(|unopened| unusable(format!("protected settings: {} ({})", unopened.message, unopened.code)))
}

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
fn from_host(command: Option<Command>) -> Result<Option<Vec<u8>>, Failure> {
    use std::io::{IsTerminal, Read};

    // Of a service the end of it means to stop.
    if command.is_none() || std::io::stdin().is_terminal() {
        return Err(unusable(
            "protected settings: nobody hands them over; they come on standard input of a command".to_owned(),
        ));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| unusable(format!("protected settings: {error}")))?;
    if bytes.is_empty() {
        return Err(unusable(
            "protected settings: standard input, on which they come, is empty".to_owned(),
        ));
    }
    Ok(Some(bytes))
}

fn unusable(what: String) -> Failure {
    Failure::new(what).with_exit_code(exit_code::SETTINGS)
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[derive(serde::Deserialize)]
    struct Settings {
        password: String,
        port: Option<u16>,
    }

    #[test]
    fn a_mistake_in_them_is_told_without_them() {
        let settings = typed::<Settings>(br#"{"password": "correct horse"}"#).map_err(|failure| failure.to_string());
        let Ok(settings) = settings else { panic!("they fit") };
        assert_eq!(
            (&*settings.expose().password, settings.expose().port),
            ("correct horse", None)
        );
        let Err(failure) = typed::<Settings>(br#"{"password": "x", "port": "correct horse"}"#) else {
            panic!("they do not fit")
        };
        assert_eq!(
            failure.message(),
            "protected settings: they do not fit what this handler reads, at line 1 column 41"
        );
    }
}
