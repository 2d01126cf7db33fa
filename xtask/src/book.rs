//! The book: `docs/` and the pages beside it, by mdBook, in `target/book`, with every link in it looked at.
//!
//! mdBook's links are those of files, and the project's pages link also to what is no page: sources, folders, the licence. So
//! the pages are put together in a folder of their own first, in which such a link is only its text.

mod html;
mod pages;

use std::fs;
use std::process::Command;

use anyhow::Context as _;

use crate::{tools, workspace::Workspace};

/// Makes the book.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let mdbook = tools::mdbook(workspace)?;
    let (source, book) = (workspace.target().join("book-source"), workspace.target().join("book"));
    for folder in [&source, &book] {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
    }
    pages::put_together(workspace.root(), &source)?;
    let mut build = Command::new(mdbook);
    build.arg("build").arg("--dest-dir").arg(&book).arg(&source);
    // It warns of what it does not understand, and goes on.
    let output = build.output().context("mdbook could not be started")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    anyhow::ensure!(output.status.success() && !said.contains("WARN"), "mdbook: {said}");
    let dead = html::dead_links(&book)?;
    anyhow::ensure!(
        dead.is_empty(),
        "links in the book that lead nowhere:\n{}",
        dead.join("\n")
    );
    println!("{}", book.join("index.html").display());
    Ok(())
}
