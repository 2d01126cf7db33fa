//! Links in the pages of a book that lead nowhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Pages that mdBook makes of others, with links as they were there.
const DERIVED: [&str; 2] = ["print.html", "404.html"];

/// One line for each link to a file of the book in `book`, or to a place in one, that is not there.
pub(super) fn dead_links(book: &Path) -> anyhow::Result<Vec<String>> {
    let mut pages = BTreeMap::new();
    read(book, &mut pages)?;
    let mut dead = Vec::new();
    for (page, text) in &pages {
        let folder = page.parent().unwrap_or(book);
        for target in values(text, "href=\"") {
            let (path, place) = target.split_once('#').unwrap_or((target, ""));
            if path.contains(':') {
                continue;
            }
            let file = match path {
                "" => Ok(page.clone()),
                path => folder.join(path).canonicalize(),
            };
            let there = file.is_ok_and(|file| match pages.get(&file) {
                Some(text) => place.is_empty() || values(text, "id=\"").any(|id| id == place),
                // No page: a picture, a style.
                None => file.is_file(),
            });
            if !there {
                let page = page.strip_prefix(book).unwrap_or(page).display();
                dead.push(format!("{page}: {target}"));
            }
        }
    }
    anyhow::ensure!(pages.len() > 1, "there are no pages in {}", book.display());
    Ok(dead)
}

/// Reads all pages below `folder`.
fn read(folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path().canonicalize()?;
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            read(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "html")
            && !DERIVED.iter().any(|derived| name == *derived)
        {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            pages.insert(path, text);
        }
    }
    Ok(())
}

/// The values of an attribute, `mark` being its name and what stands before its value.
fn values<'t>(text: &'t str, mark: &'t str) -> impl Iterator<Item = &'t str> {
    let parts = text.split(mark).skip(1);
    parts.filter_map(|part| Some(part.split_once('"')?.0))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::dead_links;

    #[test]
    fn what_is_not_there_is_named() {
        let book = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(book.path().join(name), text).unwrap();
        write("a.css", "");
        write("b.html", "<h1 id=\"here\"></h1>");
        let links = [
            "b.html",
            "b.html#here",
            "b.html#there",
            "c.html",
            "#me",
            "#you",
            "a.css",
            "https://a.example/x",
        ];
        let links = links.map(|link| format!("<a href=\"{link}\"></a>")).concat();
        write("a.html", &format!("<p id=\"me\">{links}"));
        let book = book.path().canonicalize().unwrap();
        assert_eq!(
            dead_links(&book).unwrap(),
            ["a.html: b.html#there", "a.html: c.html", "a.html: #you"]
        );
    }
}
