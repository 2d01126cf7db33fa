//! What happened to a handler before a test begins: what earlier commands, and an earlier version, left behind.

use std::fs;
use std::path::Path;

use hostler_contract::StatusKind;
use serde_json::json;

use super::{Harness, settings_text};
use crate::{Handler, clock, departure, variables::name};

/// The past of a handler, for [`Harness::with_history`].
///
/// ```
/// use hostler_sdk::{
///     Arrival, Command, Context, Failure, Handler, NoSettings, StatusKind, Success,
///     harness::{Harness, History},
/// };
///
/// #[derive(Default)]
/// struct Counter;
///
/// impl Handler for Counter {
///     type Settings = NoSettings;
///
///     fn enable(&self, context: &mut Context, _: NoSettings) -> Result<Success, Failure> {
///         let count = context.state("count")?.map_or(0, |bytes| bytes.len());
///         Ok(Success::new(format!("{count} before, {:?}", context.arrival())))
///     }
/// }
///
/// let mut harness = Harness::<Counter>::new();
/// let past = History::new()
///     .settings(4, "{}")
///     .status(4, StatusKind::Success, "counted")
///     .carried_out(4)
///     .state("count", "xxx");
/// harness.with_history(&past).with_settings_numbered(5, "{}");
/// let ran = harness.run(Command::Enable);
/// assert!(ran.status.unwrap().message.message.starts_with("3 before, Newer"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    settings: Vec<(u32, String)>,
    statuses: Vec<(u32, StatusKind, String)>,
    carried_out: Option<u32>,
    state: Vec<(String, Vec<u8>)>,
    files: Vec<(String, Vec<u8>)>,
    updated_from: Option<String>,
    replaced_by: Option<String>,
}

impl History {
    /// Of a handler to which nothing has happened.
    pub fn new() -> Self {
        Self::default()
    }

    /// These public settings came earlier, under this number: JSON text, or anything that shows as such.
    #[must_use]
    pub fn settings(mut self, number: u32, public: impl ToString) -> Self {
        self.settings.push((number, public.to_string()));
        self
    }

    /// The settings of this number ended with this status.
    #[must_use]
    pub fn status(mut self, number: u32, kind: StatusKind, message: &str) -> Self {
        self.statuses.push((number, kind, message.to_owned()));
        self
    }

    /// The settings of this number were the last that enable carried out: what [`Context::arrival`](crate::Context::arrival)
    /// goes by.
    #[must_use]
    pub fn carried_out(mut self, number: u32) -> Self {
        self.carried_out = Some(number);
        self
    }

    /// An earlier command [kept](crate::Context::keep_state) this under `name`.
    #[must_use]
    pub fn state(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.state.push((name.to_owned(), bytes.into()));
        self
    }

    /// An earlier version left this file in the data folder: its path there, and what is in it.
    #[must_use]
    pub fn data_file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.to_owned(), bytes.into()));
        self
    }

    /// This version was there before, and this is the update from it.
    #[must_use]
    pub fn updated_from(mut self, version: &str) -> Self {
        self.updated_from = Some(version.to_owned());
        self
    }

    /// This version has updated in the meantime and takes over: what [`Context::departure`](crate::Context::departure) goes by.
    #[must_use]
    pub fn replaced_by(mut self, version: &str) -> Self {
        self.replaced_by = Some(version.to_owned());
        self
    }
}

impl<H: Handler> Harness<H> {
    /// Lays out what `history` left, under the names of the extension that commands are for. What the commands that follow
    /// are to do is still what [`with_settings`](Harness::with_settings) says.
    pub fn with_history(&mut self, history: &History) -> &mut Self {
        let config = self.folder("config");
        for (number, public) in &history.settings {
            write(
                &config.join(self.own(&format!("{number}.settings"))),
                settings_text(public).as_bytes(),
            );
        }
        for (number, kind, message) in &history.statuses {
            let status = json!([{
                "version": 1.0,
                "timestampUTC": clock::set::during(self.time, clock::timestamp),
                "status": {
                    "operation": "enable",
                    "status": kind.to_string(),
                    "code": i32::from(*kind == StatusKind::Error),
                    "formattedMessage": { "lang": "en-US", "message": message },
                },
            }]);
            let file = self.folder("status").join(self.own(&format!("{number}.status")));
            write(&file, status.to_string().as_bytes());
        }
        let data = self.data_folder();
        if let Some(number) = history.carried_out {
            write(&data.join(self.own("mrseq")), number.to_string().as_bytes());
        }
        for (name, bytes) in &history.state {
            write(&data.join(self.own(name)), bytes);
        }
        for (path, bytes) in &history.files {
            write(&data.join(path), bytes);
        }
        if let Some(version) = &history.replaced_by {
            departure::note(version, &data).unwrap_or_else(|error| panic!("the data folder: {error}"));
        }
        if let Some(version) = &history.updated_from {
            self.with_variable(name::UPDATING_FROM, version);
        }
        self
    }
}

fn write(file: &Path, bytes: &[u8]) {
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(file, bytes))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
