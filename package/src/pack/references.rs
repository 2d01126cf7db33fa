//! `references`: a file at the top of a folder to pack that lists what else goes into the package.
//!
//! Paths are separated by white space and relative to the repository that the folder lies in; each goes to the
//! package's root under its own name, a folder with all that is in it (registration 2.1). Unlike with the old
//! script, a path that is not there is an error.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use hostler_contract::{Finding, Place, codes};

use super::{PackError, tree::Tree};

/// Name of the list in the folder to pack.
const FILE: &str = "references";

/// Adds what `folder`'s list names, if it has one, relative to `root`, or else to the repository around the folder.
pub(super) fn add(tree: &mut Tree<'_>, folder: &Path, root: Option<&Path>) -> Result<(), PackError> {
    let list = folder.join(FILE);
    let text = match fs::read_to_string(&list) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(PackError::io("read", &list, source)),
    };
    let root = root.map_or_else(|| repository(folder), Path::to_owned);
    let root = fs::canonicalize(&root).map_err(|source| PackError::io("look at", &root, source))?;
    for (number, line) in text.lines().enumerate() {
        for word in line.split_whitespace() {
            match locate(&root, word) {
                Ok((path, name)) => tree.add(path, name, &root)?,
                Err(what) => {
                    let place = Place::Text {
                        line: number + 1,
                        column: column(line, word),
                    };
                    let hint = "list paths of files and folders, relative to the repository's root";
                    tree.findings
                        .push(Finding::refusal(codes::PACK_REFERENCE, FILE, place, what, hint));
                }
            }
        }
    }
    Ok(())
}

/// The path that `word` stands for, and the name it has in the package.
fn locate(root: &Path, word: &str) -> Result<(PathBuf, String), String> {
    let path = Path::new(word);
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let name = path.file_name().and_then(|name| name.to_str()).filter(|_| plain);
    let Some(name) = name else {
        return Err(format!("{word} is not a path below the repository's root"));
    };
    match fs::canonicalize(root.join(path)) {
        Ok(real) if real.starts_with(root) => Ok((real, name.to_owned())),
        Ok(_) => Err(format!("{word} leads out of {}", root.display())),
        Err(error) => Err(format!("{word} cannot be found in {}: {error}", root.display())),
    }
}

/// The closest folder above `folder` that a git repository starts at; the folder's parent where there is none.
fn repository(folder: &Path) -> PathBuf {
    folder
        .ancestors()
        .skip(1)
        .find(|above| above.join(".git").exists())
        .or_else(|| folder.parent())
        .unwrap_or(folder)
        .to_owned()
}

/// The column of `word` in `line`, in characters from 1.
fn column(line: &str, word: &str) -> usize {
    let bytes = (word.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    line.get(..bytes).map_or(1, |before| before.chars().count() + 1)
}
