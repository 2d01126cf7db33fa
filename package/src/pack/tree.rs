//! What goes into a package: the files of a folder, as names in the package.
//!
//! The old script's rules hold (registration 2.1): files at the folder's top that start with a dot stay out, so does
//! what is called `test` there or one level below, and `*.pyc` everywhere. Links are followed as long as they stay
//! inside, since a package has none.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use hostler_contract::{Code, Finding, Place, codes};

use super::PackError;
use crate::PackageLimits;

/// One name in the package to be.
#[derive(Debug)]
pub(super) enum Node {
    /// A directory.
    Folder,
    /// A file whose content is this file's.
    File(PathBuf),
    /// A file whose content was made while packing.
    Made(Vec<u8>),
}

/// Everything that goes into a package, by name.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    /// What findings call the folder.
    pub(super) label: String,
    pub(super) nodes: BTreeMap<String, Node>,
    /// What was found and stays out, by path.
    pub(super) left_out: Vec<String>,
    /// What is wrong so far.
    pub(super) findings: Vec<Finding>,
    limits: &'a PackageLimits,
}

/// Something to be looked at: where it is, and what its name in the package would be.
struct Pending {
    path: PathBuf,
    name: String,
    depth: usize,
}

impl<'a> Tree<'a> {
    /// A package without files, made from a folder that findings call `label`.
    pub(super) fn new(label: String, limits: &'a PackageLimits) -> Self {
        Self {
            label,
            nodes: BTreeMap::new(),
            left_out: Vec::new(),
            findings: Vec::new(),
            limits,
        }
    }

    /// Adds what is in the folder `root`, whose path must have no links in it; `out` is where packages are written.
    pub(super) fn add_folder(&mut self, root: &Path, out: &Path) -> Result<(), PackError> {
        let mut top = self.list(root, "", 1)?;
        top.retain(|pending| {
            let stays = !pending.name.starts_with('.') && pending.name != "references" && pending.path != out;
            if !stays && pending.name != "references" {
                self.left_out.push(pending.name.clone());
            }
            stays
        });
        self.add_all(top, root)
    }

    /// Adds the file or folder `path` under its own name, at the top; links must stay inside `inside`.
    pub(super) fn add(&mut self, path: PathBuf, name: String, inside: &Path) -> Result<(), PackError> {
        self.add_all(vec![Pending { path, name, depth: 1 }], inside)
    }

    /// Adds `pending` and all below, one after another, so that no depth of folders can use up the stack.
    fn add_all(&mut self, mut pending: Vec<Pending>, inside: &Path) -> Result<(), PackError> {
        while let Some(next) = pending.pop() {
            if is_pruned(&next.name) {
                self.left_out.push(next.name);
                continue;
            }
            if self.nodes.len() >= self.limits.entries {
                let hint = format!("a package has at most {} entries (pkg.entries)", self.limits.entries);
                self.refuse(codes::PKG_ENTRIES, &next.name, "there are too many files", &hint);
                return Ok(());
            }
            let Some((path, metadata)) = self.resolve(&next, inside)? else {
                continue;
            };
            if metadata.is_dir() {
                if next.depth > self.limits.depth {
                    let hint = format!("at most {} levels are packed (pkg.depth)", self.limits.depth);
                    self.refuse(codes::PKG_DEPTH, &next.name, "folders are nested too deep", &hint);
                    continue;
                }
                pending.extend(self.list(&path, &next.name, next.depth + 1)?);
                self.insert(next.name, Node::Folder);
            } else if metadata.is_file() {
                self.insert(next.name, Node::File(path));
            } else {
                let hint = "pack regular files and folders only";
                self.refuse(codes::PKG_TYPE, &next.name, "it is a pipe, socket or device", hint);
            }
        }
        Ok(())
    }

    /// The file or folder that `pending` stands for, with links followed; nothing if it may not be packed.
    fn resolve(&mut self, pending: &Pending, inside: &Path) -> Result<Option<(PathBuf, fs::Metadata)>, PackError> {
        let failed = |source| PackError::io("look at", &pending.path, source);
        let metadata = fs::symlink_metadata(&pending.path).map_err(failed)?;
        if !metadata.is_symlink() {
            return Ok(Some((pending.path.clone(), metadata)));
        }
        let fault = match fs::canonicalize(&pending.path) {
            Ok(target) if target.starts_with(inside) => {
                let metadata = fs::metadata(&target).map_err(failed)?;
                return Ok(Some((target, metadata)));
            }
            Ok(_) => "it is a symbolic link to outside the folder".to_owned(),
            Err(error) => format!("it is a symbolic link that leads nowhere: {error}"),
        };
        let hint = "put the file itself there, or list it in `references`";
        self.refuse(codes::PACK_LINK, &pending.name, &fault, hint);
        Ok(None)
    }

    fn list(&mut self, folder: &Path, name: &str, depth: usize) -> Result<Vec<Pending>, PackError> {
        let failed = |source: io::Error| PackError::io("list", folder, source);
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let own = entry.file_name();
            let joined = |own: &str| {
                if name.is_empty() {
                    own.to_owned()
                } else {
                    format!("{name}/{own}")
                }
            };
            match own.to_str() {
                Some(own) => found.push(Pending {
                    path: entry.path(),
                    name: joined(own),
                    depth,
                }),
                None => {
                    let name = joined(&own.to_string_lossy());
                    self.refuse(codes::PKG_NAME, &name, "its name is not UTF-8", "rename the file");
                }
            }
        }
        Ok(found)
    }

    fn insert(&mut self, name: String, node: Node) {
        match (self.nodes.get(&name), &node) {
            (None, _) => {
                self.nodes.insert(name, node);
            }
            (Some(Node::Folder), Node::Folder) => {}
            (Some(_), _) => {
                let hint = "rename one of the two, or take it out of `references`";
                self.refuse(codes::PKG_DUPLICATE, &name, "there are two files of this name", hint);
            }
        }
    }

    /// Adds a refusal about the file that would be `name` in the package.
    pub(super) fn refuse(&mut self, code: Code, name: &str, what: &str, hint: &str) {
        let place = Place::Entry(name.to_owned());
        self.findings
            .push(Finding::refusal(code, &self.label, place, what, hint));
    }

    /// The content of the file `name`; nothing for a folder or a name that is not there.
    ///
    /// At most one byte more than an entry may have is read, so the reader's limit still refuses what is too large.
    pub(super) fn content(&self, name: &str) -> Result<Option<Vec<u8>>, PackError> {
        match self.nodes.get(name) {
            None | Some(Node::Folder) => Ok(None),
            Some(Node::Made(content)) => Ok(Some(content.clone())),
            Some(Node::File(path)) => {
                let mut content = Vec::new();
                File::open(path)
                    .and_then(|file| {
                        file.take(self.limits.entry_unpacked.saturating_add(1))
                            .read_to_end(&mut content)
                    })
                    .map_err(|source| PackError::io("read", path, source))?;
                Ok(Some(content))
            }
        }
    }
}

/// What the old script removes from every package: `test` at the top or one level below, and compiled Python.
fn is_pruned(name: &str) -> bool {
    let mut parts = name.split('/');
    let test = match (parts.next(), parts.next(), parts.next()) {
        (Some(top), None, None) => top == "test",
        (Some(_), Some(below), None) => below == "test",
        _ => false,
    };
    test || name.ends_with(".pyc")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_old_script_prunes_tests_and_compiled_python() {
        for (name, pruned) in [
            ("test", true),
            ("a/test", true),
            ("a/b/test", false),
            ("test.txt", false),
            ("a/b/c.pyc", true),
            ("pyc", false),
        ] {
            assert_eq!(super::is_pruned(name), pruned, "{name}");
        }
    }
}
