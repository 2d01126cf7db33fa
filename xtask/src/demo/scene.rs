//! One scene: what is asked, what `hostler run` says of it, and whether it came out as told.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;

use super::report::Report;
use crate::workspace::Workspace;

/// Exit code of `hostler run` when all went well.
const DONE: i32 = 0;
/// Exit code of `hostler run` when it did its work and the handler failed.
const HANDLER_FAILED: i32 = 1;

/// What a scene is.
pub(crate) struct Scene<'a> {
    /// Its heading.
    pub(crate) title: &'a str,
    /// What happens in it, for somebody who knows nothing of it.
    pub(crate) told: &'a str,
    /// What came of it, said when it came out so.
    pub(crate) so: &'a str,
    /// The package that is run.
    pub(crate) package: &'a Path,
    /// The public settings.
    pub(crate) settings: &'a Path,
    /// Further options of `hostler run`.
    pub(crate) options: &'a [&'a str],
    /// What must come of it.
    pub(crate) expected: Expected,
}

/// What must come of a scene.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// The handler reports success.
    Success,
    /// The handler is stopped at this limit: it fails, and the report names the limit.
    Stopped {
        /// The limit's name.
        limit: &'static str,
    },
    /// The handler is refused what goes beyond this limit and copes with it; the report names the limit.
    Refused {
        /// The limit's name.
        limit: &'static str,
    },
}

/// Where scenes are played.
pub(crate) struct Stage<'a> {
    /// The project, for short paths.
    pub(crate) workspace: &'a Workspace,
    /// The binary.
    pub(crate) hostler: &'a Path,
    /// Where compiled code is kept.
    pub(crate) cache: &'a Path,
}

impl Stage<'_> {
    /// Plays `scene` once for people and once for the check, and tells whether it came out as told.
    ///
    /// With `roots`, the first is kept for the play and the second for the check; else both roots are thrown away.
    pub(crate) fn play(&self, scene: &Scene<'_>, roots: Option<&[PathBuf; 2]>) -> anyhow::Result<bool> {
        println!(
            "\n── {} {}",
            scene.title,
            "─".repeat(90_usize.saturating_sub(scene.title.chars().count()))
        );
        println!("   {}\n", scene.told);
        let mut shown = self.command(scene, roots.map(|[shown, _]| shown));
        println!("$ {}", self.as_typed(&shown));
        io::stdout().flush()?;
        let status = shown.status().context("hostler could not be started")?;

        let checked = self
            .command(scene, roots.map(|[_, checked]| checked))
            .arg("--json")
            .stderr(Stdio::inherit())
            .output()
            .context("hostler could not be started")?;
        let mut problems = Vec::new();
        for code in [status.code(), checked.status.code()] {
            if code != Some(scene.expected.exit_code()) {
                let code = code.map_or_else(|| "none".to_owned(), |code| code.to_string());
                problems.push(format!(
                    "exit code {} was expected, {code} came",
                    scene.expected.exit_code()
                ));
            }
        }
        match Report::parse(&checked.stdout) {
            Ok(report) => problems.extend(scene.expected.not_met_by(&report)),
            Err(error) => problems.push(format!("hostler run --json: {error:#}")),
        }
        println!();
        for problem in &problems {
            println!("   NOT as told: {problem}");
        }
        if problems.is_empty() {
            println!("   So: {}", scene.so);
        }
        Ok(problems.is_empty())
    }

    fn command(&self, scene: &Scene<'_>, root: Option<&PathBuf>) -> Command {
        let mut command = Command::new(self.hostler);
        command
            .arg("run")
            .arg(scene.package)
            .arg("--settings")
            .arg(scene.settings)
            .args(scene.options)
            .arg("--cache")
            .arg(self.cache)
            .stdin(Stdio::null());
        if let Some(root) = root {
            command.arg("--keep").arg(root);
        }
        command
    }

    /// The command as somebody would type it in the project's folder.
    fn as_typed(&self, command: &Command) -> String {
        let words = command
            .get_args()
            .map(|word| self.workspace.short(Path::new(word)).display().to_string());
        std::iter::once("hostler".to_owned())
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Expected {
    fn exit_code(self) -> i32 {
        match self {
            Self::Success | Self::Refused { .. } => DONE,
            Self::Stopped { .. } => HANDLER_FAILED,
        }
    }

    /// What `report` lacks of what is expected.
    fn not_met_by(self, report: &Report) -> Vec<String> {
        let mut problems = Vec::new();
        let wanted = match self {
            Self::Success | Self::Refused { .. } => "success",
            Self::Stopped { .. } => "error",
        };
        let status = report.extension_status().unwrap_or("none");
        if status != wanted {
            problems.push(format!("the reported status is {status} and should be {wanted}"));
        }
        let reached = report.limits_reached();
        match self {
            Self::Success if !reached.is_empty() => {
                problems.push(format!("limits were reached: {}", reached.join(", ")));
            }
            Self::Stopped { limit } | Self::Refused { limit } if !reached.contains(&limit) => {
                problems.push(format!("limit {limit} is not reported as reached"));
            }
            Self::Success | Self::Stopped { .. } | Self::Refused { .. } => {}
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::{super::report::Report, Expected};

    fn report(status: &str, reached: bool) -> Report {
        let text = format!(
            r#"{{"aggregateStatus": {{"handlerAggregateStatus": [{{
                "runtimeSettingsStatus": {{"settingsStatus": {{"status": {{"status": "{status}"}}}}}},
                "hostler": {{"commands": [{{"limits": [{{"name": "cmd.cpu", "reached": {reached}}}]}}]}}
            }}]}}}}"#
        );
        Report::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_scene_is_judged_by_status_and_limits() {
        let stopped = Expected::Stopped { limit: "cmd.cpu" };
        let table = [
            (Expected::Success, "success", false, 0),
            (Expected::Success, "success", true, 1),
            (Expected::Success, "error", true, 2),
            (stopped, "error", true, 0),
            (stopped, "error", false, 1),
            (stopped, "success", true, 1),
            (
                Expected::Stopped {
                    limit: "guest.memory_total",
                },
                "error",
                true,
                1,
            ),
        ];
        for (expected, status, reached, problems) in table {
            assert_eq!(
                expected.not_met_by(&report(status, reached)).len(),
                problems,
                "{expected:?} {status} {reached}"
            );
        }
    }
}
