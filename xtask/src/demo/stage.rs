//! Where scenes are played: how each is told, how a command is shown, and what is said of the outcome.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;

use crate::workspace::Workspace;

/// Length of a heading, in characters.
const WIDTH: usize = 94;

/// The binary, and the folder that everything happens in.
pub(crate) struct Stage<'a> {
    /// The project, for short paths.
    pub(crate) workspace: &'a Workspace,
    /// The binary.
    pub(crate) hostler: &'a Path,
    /// The demonstration's folder.
    pub(crate) folder: &'a Path,
}

impl Stage<'_> {
    /// The root that goal states are applied to.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    /// A call of hostler.
    pub(crate) fn hostler(&self, command: &str) -> Command {
        let mut hostler = Command::new(self.hostler);
        hostler.arg(command).stdin(Stdio::null());
        hostler
    }

    /// Shows `command` as somebody would type it in the project's folder, and what it says. Its exit code; none when
    /// a signal ended it.
    pub(crate) fn show(&self, command: &mut Command) -> anyhow::Result<Option<i32>> {
        let words = command
            .get_args()
            .map(|word| self.workspace.short(Path::new(word)).display().to_string());
        let words: Vec<String> = std::iter::once("hostler".to_owned()).chain(words).collect();
        println!("$ {}", words.join(" "));
        io::stdout().flush()?;
        let status = command.status().context("hostler could not be started")?;
        println!();
        Ok(status.code())
    }
}

/// Prints the heading of a scene, and what happens in it.
pub(crate) fn tell(title: &str, told: &str) {
    let rest = WIDTH.saturating_sub(title.chars().count());
    println!("\n── {title} {}", "─".repeat(rest));
    for line in told.lines() {
        println!("   {line}");
    }
    println!();
}

/// Says what came of a scene, and gives whether that is what was told.
pub(crate) fn conclude(so: &str, problems: &[String]) -> bool {
    for problem in problems {
        println!("   NOT as told: {problem}");
    }
    if problems.is_empty() {
        println!("   So: {so}");
    }
    problems.is_empty()
}

/// What is wrong with an exit code.
pub(crate) fn unexpected_exit(what: &str, expected: i32, came: Option<i32>) -> Option<String> {
    let said = came.map_or_else(|| "none".to_owned(), |code| code.to_string());
    (came != Some(expected)).then(|| format!("exit code of {what}: {said}, and it should be {expected}"))
}

/// How two lists of lines differ: a problem for each line that is missing, and each that should not be there.
pub(crate) fn differences(what: &str, expected: &[&str], came: &[String]) -> Vec<String> {
    let missing = expected
        .iter()
        .filter(|line| !came.iter().any(|other| other == **line))
        .map(|line| format!("{what} lacks `{line}`"));
    let surplus = came
        .iter()
        .filter(|line| !expected.contains(&line.as_str()))
        .map(|line| format!("{what} has `{line}`"));
    let mut problems: Vec<String> = missing.chain(surplus).collect();
    if problems.is_empty() && !came.iter().eq(expected) {
        problems.push(format!("{what} has the right lines, but not in their order or number"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{differences, unexpected_exit};

    #[test]
    fn exit_codes_are_compared() {
        assert_eq!(unexpected_exit("it", 1, Some(1)), None);
        assert_eq!(
            unexpected_exit("it", 0, None).unwrap(),
            "exit code of it: none, and it should be 0"
        );
        assert_eq!(
            unexpected_exit("it", 0, Some(3)).unwrap(),
            "exit code of it: 3, and it should be 0"
        );
    }

    #[test]
    fn lines_are_compared_with_their_order() {
        let table: [(&[&str], &[&str], &[&str]); 5] = [
            (&["a", "b"], &["a", "b"], &[]),
            (&["a", "b"], &["a"], &["it lacks `b`"]),
            (&["a"], &["c"], &["it lacks `a`", "it has `c`"]),
            (
                &["a", "b"],
                &["b", "a"],
                &["it has the right lines, but not in their order or number"],
            ),
            (
                &["a"],
                &["a", "a"],
                &["it has the right lines, but not in their order or number"],
            ),
        ];
        for (expected, came, problems) in table {
            let came: Vec<String> = came.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(differences("it", expected, &came), problems, "{expected:?} {came:?}");
        }
    }
}
