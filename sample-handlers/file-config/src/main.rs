//! Keeps a set of text files in the state that the settings describe.
//!
//! The files lie below `files/` in the handler's data folder. Enable creates what is missing, changes what differs,
//! removes what it once made and is no longer named, and repairs what somebody else changed; doing it twice does
//! nothing the second time. Files of the protected settings are kept like the others. Disable leaves the files, uninstall removes what was made.

mod apply;
mod file_path;
mod record;
mod settings;

use hostler_sdk::{Context, Departure, Failure, Handler, StatusKind, Substatus, Success, exit_code, export};

use crate::{apply::Folder, settings::Settings};

/// Exit code where one or more files could not be brought into their state.
const SOME_FILES_FAILED: u8 = 3;

/// Keeps files.
#[derive(Default)]
struct FileConfig;

impl Handler for FileConfig {
    type Settings = Settings;

    fn enable(&self, context: &mut Context, settings: Settings) -> Result<Success, Failure> {
        let settings = match context.protected_settings::<Settings>()? {
            Some(protected) => settings
                .with(protected.expose())
                .map_err(|what| Failure::new(what).with_exit_code(exit_code::SETTINGS))?,
            None => settings,
        };
        let mut folder = Folder::open(&context.data_folder())?;
        let mut failed = 0;
        let mut done = 0;
        for (path, outcome) in folder.apply(&settings.files)? {
            let part = match outcome {
                Ok(outcome) => {
                    if outcome.is_change() {
                        done += 1;
                        context.info(&format!("{path}: {outcome}"));
                    }
                    Substatus::new(path.as_str(), StatusKind::Success, outcome.to_string())
                }
                Err(error) => {
                    failed += 1;
                    context.warning(&format!("{path}: {error}"));
                    Substatus::new(path.as_str(), StatusKind::Error, error.to_string())
                }
            };
            context.substatus(part);
        }
        if failed > 0 {
            let message = format!("{failed} of the files could not be brought into their state");
            return Err(Failure::new(message).with_exit_code(SOME_FILES_FAILED));
        }
        Ok(Success::new(match done {
            0 => format!("{} files as described, nothing to do", settings.files.len()),
            done => format!("{} files as described, {done} changes", settings.files.len()),
        }))
    }

    fn uninstall(&self, context: &mut Context) -> Result<(), Failure> {
        // In an update the new version goes on with the same files.
        if let Departure::ReplacedBy(version) = context.departure() {
            context.info(&format!("the files stay for version {version}"));
            return Ok(());
        }
        let removed = Folder::open(&context.data_folder())?.remove_all()?;
        context.info(&format!("{removed} files removed"));
        Ok(())
    }
}

export!(FileConfig);

#[cfg(test)]
mod tests;
