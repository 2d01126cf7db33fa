//! The book: `docs/` as pages, by mdBook, in `target/book`.
//!
//! mdBook takes minutes to build, so it is installed only when the book is asked for, and no test needs it.

use std::process::Command;

use crate::{step, tools, workspace::Workspace};

/// Makes the book.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let mdbook = tools::mdbook(workspace)?;
    let book = workspace.target().join("book");
    step::run(
        Command::new(mdbook)
            .arg("build")
            .arg("--dest-dir")
            .arg(&book)
            .arg(workspace.root().join("docs")),
    )?;
    println!("{}", book.join("index.html").display());
    Ok(())
}
