//! What a handler author writes: the five commands, of which only `enable` has no default.

use serde::de::DeserializeOwned;

use crate::{Context, Failure, Success};

/// A handler: what it does on each of the five commands.
///
/// A new value is made for every command, and every command may come twice: what must survive it lies in the
/// [data folder](crate::Folders::data). Only [`enable`](Handler::enable) has to be written.
///
/// ```
/// use hostler_sdk::{Context, Failure, Handler, Success};
/// use serde::Deserialize;
///
/// #[derive(Default)]
/// struct Greeter;
///
/// #[derive(Deserialize)]
/// struct Settings {
///     name: String,
/// }
///
/// impl Handler for Greeter {
///     type Settings = Settings;
///
///     fn enable(&self, context: &mut Context, settings: Settings) -> Result<Success, Failure> {
///         context.info(&format!("greeting {}", settings.name));
///         Ok(Success::new(format!("Hello, {}", settings.name)))
///     }
/// }
/// ```
pub trait Handler: Default {
    /// What the public settings are read into. Absent public settings are read as `{}`;
    /// [`NoSettings`](crate::NoSettings) takes anything.
    type Settings: DeserializeOwned;

    /// Brings about what the settings describe (contract 7.3). The message of the [`Success`] becomes that of the
    /// status.
    ///
    /// The agent calls it on every goal state and after every restart, so it has to be safe to repeat;
    /// [`Context::arrival`] says whether these settings were carried out before.
    ///
    /// # Errors
    ///
    /// The failure becomes the status, the exit code and a log line.
    fn enable(&self, context: &mut Context, settings: Self::Settings) -> Result<Success, Failure>;

    /// Prepares what `enable` needs. Does nothing unless written.
    ///
    /// # Errors
    ///
    /// As for `enable`; the agent then runs it again on the next goal state.
    fn install(&self, _context: &mut Context) -> Result<(), Failure> {
        Ok(())
    }

    /// Brings what an older version left behind up to this one (contract 7.4). Does nothing unless written.
    ///
    /// # Errors
    ///
    /// As for `enable`; the agent then counts the update as failed.
    fn update(&self, _context: &mut Context) -> Result<(), Failure> {
        Ok(())
    }

    /// Stops the work without undoing it. Does nothing unless written.
    ///
    /// # Errors
    ///
    /// As for `enable`; the agent then does not go on to an uninstall.
    fn disable(&self, _context: &mut Context) -> Result<(), Failure> {
        Ok(())
    }

    /// Undoes what the handler did, before its folders are deleted. Does nothing unless written.
    ///
    /// # Errors
    ///
    /// As for `enable`; the agent notes it and deletes the folders all the same.
    fn uninstall(&self, _context: &mut Context) -> Result<(), Failure> {
        Ok(())
    }
}
