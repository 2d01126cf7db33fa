//! Where the hostile package is.

use std::path::{Path, PathBuf};

use hostler_contract::{Finding, Place, Refused, codes};

use crate::commands::failure::Failure;

/// Its name beside the program.
const NAME: &str = "hostile.zip";

/// The package that was `named`, else the one that came with this program.
///
/// # Errors
///
/// A refusal where nothing is named and none came with it.
pub(super) fn package(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::host(error, "name the hostile package with `--package FILE`"))?;
    let found = places(&program).into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        let what = "the hostile package that attacks is not beside this program";
        let hint = "in hostler's sources `cargo xtask packages` puts it there; else name it with `--package FILE`";
        Refused::new(Finding::refusal(
            codes::SELF_TEST_PACKAGE,
            NAME,
            Place::Whole,
            what,
            hint,
        ))
        .into()
    })
}

/// Where it can be, for a program at `program`.
fn places(program: &Path) -> [PathBuf; 2] {
    let beside = program.parent().unwrap_or(Path::new("."));
    [beside.join(NAME), beside.join("../share/hostler").join(NAME)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_beside_the_program_or_among_what_is_shared() {
        let places = places(Path::new("/usr/bin/hostler")).map(|path| path.display().to_string());
        assert_eq!(
            places,
            ["/usr/bin/hostile.zip", "/usr/bin/../share/hostler/hostile.zip"]
        );
    }
}
