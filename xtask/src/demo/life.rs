//! Playing the scenes of a handler's life: one `hostler apply` each, and a look at the report and the files.

use std::{fs, path::Path};

use anyhow::Context as _;

use super::{
    goal_state::{self, Entry},
    kept::{self, Kept},
    report::Report,
    scenes::SCENES,
    stage::{Stage, conclude, differences, tell, unexpected_exit},
};

/// What a scene is.
pub(crate) struct Scene {
    /// Its heading.
    pub(crate) title: &'static str,
    /// What happens in it and what the goal state says, for somebody who knows nothing of it.
    pub(crate) told: &'static str,
    /// What happens before the goal state is applied.
    pub(crate) before: Before,
    /// The goal state's name, and what is in it.
    pub(crate) goal_state: (&'static str, &'static [Entry]),
    /// Further options of `hostler apply`.
    pub(crate) options: &'static [&'static str],
    /// The exit code of `hostler apply`: 0 when all is well, 1 when a handler failed.
    pub(crate) exit_code: i32,
    /// The lines of the report's account.
    pub(crate) account: &'static [&'static str],
    /// The handlers that have a folder then.
    pub(crate) folders: &'static [&'static str],
    /// What the data folder of `file-config` holds then.
    pub(crate) kept: Kept,
    /// What came of it, said when it came out so.
    pub(crate) so: &'static str,
}

/// What happens before a goal state is applied.
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// Somebody meddles with the files that these settings describe.
    Meddling(&'static str),
    /// `hostler status` is shown.
    Status,
}

/// Plays the scenes, all in one root; for each, whether it came out as told.
pub(crate) fn play(stage: &Stage<'_>) -> anyhow::Result<Vec<bool>> {
    SCENES.iter().map(|scene| scene.play(stage)).collect()
}

impl Scene {
    fn play(&self, stage: &Stage<'_>) -> anyhow::Result<bool> {
        let root = stage.root();
        let mut problems = Vec::new();
        let mut told = self.told.to_owned();
        if let Before::Meddling(settings) = self.before {
            match kept::meddle(&root, settings) {
                Ok(done) => told = format!("Meanwhile somebody {}.\n{told}", done.join(" and ")),
                Err(error) => problems.push(format!("there was nothing to meddle with: {error:#}")),
            }
        }
        tell(self.title, &told);
        if matches!(self.before, Before::Status) {
            let code = stage.show(stage.hostler("status").arg("--root").arg(&root))?;
            problems.extend(unexpected_exit("hostler status", 0, code));
        }
        let before = kept::look(&root).unwrap_or_default();
        let report = root.join("report").join("status.json");
        if report.exists() {
            // An apply that writes none must not be judged by the one before.
            fs::remove_file(&report).with_context(|| report.display().to_string())?;
        }
        let (name, entries) = self.goal_state;
        let goal_state = goal_state::write(stage.folder, name, entries)?;
        let mut apply = stage.hostler("apply");
        apply.arg(goal_state).arg("--root").arg(&root).args(self.options);
        let code = stage.show(&mut apply)?;
        problems.extend(unexpected_exit("hostler apply", self.exit_code, code));
        problems.extend(self.judge_report(&report));
        match handlers_in(&root) {
            Ok(folders) => problems.extend(differences("the folder `handlers`", self.folders, &folders)),
            Err(error) => problems.push(format!("{error:#}")),
        }
        match kept::look(&root) {
            Ok(after) => problems.extend(self.kept.not_met_by(before.as_ref(), after.as_ref())?),
            Err(error) => problems.push(format!("{error:#}")),
        }
        Ok(conclude(self.so, &problems))
    }

    fn judge_report(&self, path: &Path) -> Vec<String> {
        let report = fs::read(path)
            .with_context(|| path.display().to_string())
            .and_then(|bytes| Report::parse(&bytes));
        match report {
            Ok(report) => differences("the report", self.account, &report.account()),
            Err(error) => vec![format!("{error:#}")],
        }
    }
}

/// The names of the handlers' folders in `root`, sorted and without their publisher.
fn handlers_in(root: &Path) -> anyhow::Result<Vec<String>> {
    let folder = root.join("handlers");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.push(name.trim_start_matches("Hostler.Samples.").to_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::handlers_in;

    #[test]
    fn folders_of_handlers_are_listed() {
        let root = tempfile::tempdir().unwrap();
        assert!(handlers_in(root.path()).is_err());
        for name in ["Hostler.Samples.Hello-1.0.0", "Contoso.Other-1.0"] {
            fs::create_dir_all(root.path().join("handlers").join(name)).unwrap();
        }
        assert_eq!(handlers_in(root.path()).unwrap(), ["Contoso.Other-1.0", "Hello-1.0.0"]);
    }
}
