//! The commands in the documentation: each block of them is run here, or a table says who runs it, or why nobody does.
//!
//! A page's blocks run one after another in a folder of the page's own, as a reader would type them, with the files in it that
//! the page says are there.

#![expect(clippy::unwrap_used, reason = "a test that cannot read a page has failed")]

mod blocks;
mod folder;
mod table;

use std::fs;

use blocks::{Block, blocks, root};
use folder::Folder;
use table::{Fate, TABLE};

/// Every page with commands in it, by its path from the project's folder.
fn pages() -> Vec<String> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<String> = docs
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    pages.push("README.md".to_owned());
    pages.sort();
    pages
}

fn fate_of(page: &str, block: &Block) -> Option<&'static Fate> {
    let rows = TABLE.iter().filter(|row| row.page == page);
    rows.into_iter()
        .find(|row| block.text.starts_with(row.begins))
        .map(|row| &row.fate)
}

#[test]
fn every_block_of_commands_has_a_fate() {
    let (mut faults, mut known) = (Vec::new(), 0);
    for page in pages() {
        for block in blocks(&page).iter().filter(|block| block.language == "sh") {
            match fate_of(&page, block) {
                Some(_) => known += 1,
                None => faults.push(format!("{page}:{}: in no row: {}", block.line, block.text)),
            }
        }
    }
    for row in TABLE {
        let blocks = blocks(row.page);
        let named = blocks.iter().filter(|block| block.text.starts_with(row.begins)).count();
        if named != 1 {
            faults.push(format!("{}: {named} blocks begin with `{}`", row.page, row.begins));
        }
        if let Fate::RunBy(file) = row.fate
            && !root().join(file).exists()
        {
            faults.push(format!("{}: there is no {file}", row.page));
        }
        if let Fate::NotRun(why) = row.fate
            && why.len() < 20
        {
            faults.push(format!("{}: `{why}` is no reason", row.page));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(known > 30, "only {known} blocks were found");
}

/// Runs the blocks of `page` that are run here.
fn follow(page: &str) {
    let Some(folder) = Folder::of(page) else { return };
    let mut ran = 0;
    for block in blocks(page) {
        match &block.file {
            Some(file) => folder.write(file, &block.text),
            None if block.language == "sh" => {
                if let Some(Fate::Here { says }) = fate_of(page, &block) {
                    let said = folder.run(&block.text);
                    assert!(said.contains(says), "{page}:{}: no `{says}` in {said}", block.line);
                    ran += 1;
                }
            }
            None => {}
        }
    }
    assert!(ran > 0, "nothing of {page} was run");
}

#[test]
fn running() {
    follow("docs/running.md");
}

#[test]
fn operators() {
    follow("docs/operators.md");
}

#[test]
fn publishers() {
    follow("docs/publishers.md");
}

#[test]
fn porting() {
    follow("docs/porting.md");
}
