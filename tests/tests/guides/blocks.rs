//! The fenced blocks of a page.

use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block.
pub(crate) struct Block {
    /// The line that it begins in, from 1.
    pub(crate) line: usize,
    /// What stands behind the fence, `sh` for commands.
    pub(crate) language: String,
    /// What is in it.
    pub(crate) text: String,
    /// The file that the line before it names as what it holds: "`goal.json`, the goal state:".
    pub(crate) file: Option<String>,
}

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The blocks of `page`, in order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let (mut before, mut is_open) = ("", false);
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), is_open) {
            (Some(language), false) => blocks.push(Block {
                line: index + 1,
                language: language.to_owned(),
                text: String::new(),
                file: file_of(before),
            }),
            (None, true) => {
                let block = blocks.last_mut().unwrap();
                block.text += line;
                block.text.push('\n');
            }
            _ => {}
        }
        is_open ^= line.starts_with("```");
        if !is_open && !line.is_empty() {
            before = line;
        }
    }
    assert!(!is_open, "a block of {page} has no end");
    blocks
}

/// The file that a line names at its beginning, where it ends with a colon.
fn file_of(line: &str) -> Option<String> {
    let (file, rest) = line.strip_prefix('`')?.split_once('`')?;
    let is_name = file.contains('.') && !file.contains([' ', '/', '=']);
    (is_name && rest.starts_with([',', ':']) && rest.ends_with(':')).then(|| file.to_owned())
}
