//! What a handler author writes: the five commands, of which only `enable` has no default, and the service.

use serde::de::DeserializeOwned;

use crate::{Context, Failure, Service, Success, service};

/// A handler: what it does on each of the five commands, and in between if it is to run on.
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

    /// Runs on after `enable`, with the same settings, until it is told to stop. Fails unless written.
    ///
    /// Started where the manifest names it, `"serviceCommand": "my_handler.wasm service"` in its `sandbox` object, and
    /// asks for the capability `service`. Before every command of the handler it is told to stop, and it is started
    /// again after each `enable` that ended well. So `enable` ends with a final status as ever, and the service
    /// [replaces](Service::status) it when there is something new to say.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use hostler_sdk::{Context, Failure, Handler, Heartbeat, NoSettings, Service, Success, Wait};
    ///
    /// #[derive(Default)]
    /// struct Pulse;
    ///
    /// impl Handler for Pulse {
    ///     type Settings = NoSettings;
    ///
    ///     fn enable(&self, _: &mut Context, _: NoSettings) -> Result<Success, Failure> {
    ///         Ok("the pulse will be felt".into())
    ///     }
    ///
    ///     fn service(&self, service: &mut Service, _: NoSettings) -> Result<(), Failure> {
    ///         loop {
    ///             service.heartbeat(Heartbeat::Ready, "there is a pulse")?;
    ///             if service.wait(Duration::from_secs(60)) == Wait::Stop {
    ///                 return Ok(());
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The failure becomes the status, the exit code and a log line, as for `enable`. The host starts a service again
    /// that ends without having been told to, after growing pauses.
    fn service(&self, _service: &mut Service<'_>, _settings: Self::Settings) -> Result<(), Failure> {
        Err(service::missing())
    }
}
