//! The contract's own sample as a handler for hostler: takes `name` from the public settings, logs that it greets,
//! and reports success with one part.
//!
//! It is the least that a handler can be, and the one to copy from.

use hostler_sdk::{Context, Failure, Handler, StatusKind, Substatus, Success, export};
use serde::Deserialize;

/// Greets.
#[derive(Default)]
pub(crate) struct Hello;

/// The public settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Whom to greet.
    name: String,
}

impl Handler for Hello {
    type Settings = Settings;

    fn enable(&self, context: &mut Context, settings: Settings) -> Result<Success, Failure> {
        if settings.name.trim().is_empty() {
            return Err(Failure::new("the setting `name` is blank; it should say whom to greet").with_exit_code(2));
        }
        let greeting = format!("Hello, {}", settings.name);
        context.info(&greeting);
        context.substatus(Substatus::new("greeting", StatusKind::Success, &greeting));
        Ok(Success::new(greeting))
    }

    fn install(&self, context: &mut Context) -> Result<(), Failure> {
        context.info("installed");
        Ok(())
    }

    fn update(&self, context: &mut Context) -> Result<(), Failure> {
        let from = context.previous_version().unwrap_or("an unknown version").to_owned();
        context.info(&format!("updated from {from}"));
        Ok(())
    }

    fn disable(&self, context: &mut Context) -> Result<(), Failure> {
        context.info("disabled");
        Ok(())
    }

    fn uninstall(&self, context: &mut Context) -> Result<(), Failure> {
        context.info("uninstalled");
        Ok(())
    }
}

export!(Hello);

#[cfg(test)]
mod tests {
    use hostler_sdk::{Command, StatusKind, harness::Harness};

    use super::Hello;

    #[test]
    fn it_greets_whom_the_settings_name() {
        let mut harness = Harness::<Hello>::new();
        harness.with_settings(r#"{"name": "Ada"}"#);
        let ran = harness.run(Command::Enable);
        assert_eq!(ran.exit_code, 0);
        let status = ran.status.unwrap();
        assert_eq!(
            (status.kind, &*status.message.message),
            (StatusKind::Success, "Hello, Ada")
        );
        assert_eq!(status.substatus.len(), 1);
        assert_eq!(status.substatus[0].name, "greeting");
        assert!(ran.log.contains("[enable 1] Hello, Ada"), "{}", ran.log);
    }

    #[test]
    fn it_greets_nobody_without_a_name() {
        let mut harness = Harness::<Hello>::new();
        for (settings, exit_code, message) in [
            ("{}", 65, "public settings: missing field `name` at line 1 column 2"),
            (
                r#"{"name": " "}"#,
                2,
                "the setting `name` is blank; it should say whom to greet",
            ),
        ] {
            let ran = harness.with_settings(settings).run(Command::Enable);
            assert_eq!(ran.exit_code, exit_code);
            let status = ran.status.unwrap();
            assert_eq!((status.kind, &*status.message.message), (StatusKind::Error, message));
        }
    }

    #[test]
    fn the_other_commands_log_and_leave_the_status_alone() {
        let mut harness = Harness::<Hello>::new();
        harness.with_variable("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "0.9.0");
        for (command, line) in [
            (Command::Install, "installed"),
            (Command::Update, "updated from 0.9.0"),
            (Command::Disable, "disabled"),
            (Command::Uninstall, "uninstalled"),
        ] {
            let ran = harness.run(command);
            assert_eq!((ran.exit_code, ran.status), (0, None));
            assert!(ran.log.ends_with(&format!("[{command} 0] {line}\n")), "{}", ran.log);
        }
    }
}
