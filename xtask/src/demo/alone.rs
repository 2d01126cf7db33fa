//! Two handlers by themselves, each with `hostler run`: what the sandbox lets through, and what it does not.

use std::fs;

use anyhow::Context as _;

use super::{
    report::Report,
    repository::{HELLO, HOSTILE},
    stage::{Stage, conclude, differences, tell, unexpected_exit},
};
use crate::packages::Packages;

/// One run.
struct Scene {
    title: &'static str,
    told: &'static str,
    handler: &'static str,
    /// Public settings, and the file that they are written to.
    settings: (&'static str, &'static str),
    /// The line of the report's account.
    account: &'static str,
    so: &'static str,
}

const SCENES: [Scene; 2] = [
    Scene {
        title: "1. A handler that greets",
        told: "Its settings name somebody; it is installed, enabled, writes a log line and reports success.",
        handler: HELLO,
        settings: ("hello.json", "{\"name\": \"Ada\"}\n"),
        account: "Hello 1.0.0: install 1.0.0, enable 1.0.0: Ready 0: success: greeting Hello, Ada",
        so: "it did its work with nothing but its own folders.",
    },
    Scene {
        title: "2. A handler that takes all the memory it can get",
        told: "It asks for more and more memory and writes to all of it. At its limit it gets no more.",
        handler: HOSTILE,
        settings: ("memory-fill.json", "{\"verb\": \"memory-fill\"}\n"),
        account: "Hostile 1.0.0: install 1.0.0, enable 1.0.0: Ready 0: success: reached guest.memory_total",
        so: "at its limit it got no more, and the report says so.",
    },
];

/// Plays the scenes; for each, whether it came out as told.
pub(crate) fn play(stage: &Stage<'_>, packages: &Packages) -> anyhow::Result<Vec<bool>> {
    SCENES.iter().map(|scene| scene.play(stage, packages)).collect()
}

impl Scene {
    /// Runs the handler once for people, and once for the check, each time in a root that is thrown away.
    fn play(&self, stage: &Stage<'_>, packages: &Packages) -> anyhow::Result<bool> {
        let (file, text) = self.settings;
        let settings = stage.folder.join(file);
        fs::write(&settings, text).with_context(|| settings.display().to_string())?;
        let command = || {
            let mut command = stage.hostler("run");
            command.arg(packages.of(self.handler)).arg("--settings").arg(&settings);
            command.arg("--cache").arg(stage.folder.join("cache"));
            command
        };
        tell(self.title, self.told);
        let shown = stage.show(&mut command())?;
        let checked = command()
            .arg("--json")
            .output()
            .context("hostler could not be started")?;
        let mut problems: Vec<String> = [shown, checked.status.code()]
            .into_iter()
            .filter_map(|code| unexpected_exit("hostler run", 0, code))
            .collect();
        match Report::parse(&checked.stdout) {
            Ok(report) => {
                problems.extend(differences("the report", &[self.account], &report.account()));
                let foreign = report.foreign_folders(self.handler);
                problems.extend(foreign.iter().map(|name| format!("the handler saw {name}")));
            }
            Err(error) => problems.push(format!("{error:#}")),
        }
        Ok(conclude(self.so, &problems))
    }
}
