//! The pages of the book, in a folder that has nothing else.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;

/// The first page: mdBook shows it also as `index.html`, so it has to lie where that does.
const FIRST: &str = "README.md";

/// Further pages outside of `docs/`, with their titles: what the pages in it lead to.
const BESIDE: [(&str, &str); 5] = [
    ("CONTRIBUTING.md", "Contributing"),
    ("SECURITY.md", "Reporting a hole"),
    ("CHANGELOG.md", "Changes"),
    ("wit/README.md", "The interface hostler:handler"),
    ("fuzz/README.md", "Fuzz targets"),
];

/// Fills the folder `source` with the pages of the project in `root`.
pub(super) fn put_together(root: &Path, source: &Path) -> anyhow::Result<()> {
    let read = |name: &Path| fs::read_to_string(root.join(name)).with_context(|| name.display().to_string());
    let summary = read(Path::new("docs/SUMMARY.md"))?;
    let mut pages: Vec<PathBuf> = named(&summary).map(|name| Path::new("docs").join(name)).collect();
    for entry in fs::read_dir(root.join("docs"))? {
        let name = Path::new("docs").join(entry?.file_name());
        let is_page = name.extension().is_some_and(|extension| extension == "md") && !name.ends_with("SUMMARY.md");
        anyhow::ensure!(
            !is_page || pages.contains(&name),
            "{} is not in docs/SUMMARY.md",
            name.display()
        );
    }
    pages.push(PathBuf::from(FIRST));
    pages.extend(BESIDE.iter().map(|(name, _)| PathBuf::from(name)));
    for page in &pages {
        let text = linked(&read(page)?, page, &pages);
        write(&source.join(page), &text)?;
    }
    let beside = BESIDE.map(|(name, title)| format!("- [{title}]({name})\n")).concat();
    let chapters = summary.replace("](", "](docs/");
    let chapters = chapters.trim_start_matches("# Summary");
    let summary = format!("# Summary\n\n[hostler]({FIRST})\n{chapters}\n# The project\n\n{beside}");
    write(&source.join("SUMMARY.md"), &summary)?;
    write(&source.join("book.toml"), &read(Path::new("docs/book.toml"))?)
}

/// The files that a summary names.
fn named(summary: &str) -> impl Iterator<Item = &str> {
    summary
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(file, text).with_context(|| file.display().to_string())
}

/// The text of `page` with its links to what is none of the `pages` as their texts alone.
fn linked(text: &str, page: &Path, pages: &[PathBuf]) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("](") {
        let (target, behind) = after.split_once(')').unwrap_or((after, ""));
        let path = target.split('#').next().unwrap_or_default();
        let stays = path.is_empty() || path.contains("://") || pages.contains(&joined(page, path));
        match (stays, before.rfind('[')) {
            (false, Some(open)) => {
                let (ahead, text) = before.split_at(open);
                out += ahead;
                out += text.trim_start_matches('[');
            }
            _ => {
                out += before;
                out += &format!("]({target})");
            }
        }
        rest = behind;
    }
    out + rest
}

/// Where `path` leads from `page`, from the project's folder.
fn joined(page: &Path, path: &str) -> PathBuf {
    let mut joined: Vec<Component<'_>> = page.components().collect();
    joined.pop();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => _ = joined.pop(),
            Component::CurDir => {}
            part => joined.push(part),
        }
    }
    joined.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{linked, named};

    #[test]
    fn links_to_what_is_no_page_are_text() {
        let pages = ["docs/a.md", "README.md"].map(PathBuf::from);
        for (text, expected) in [
            (
                "[a](a.md#x) and [up](../README.md)",
                "[a](a.md#x) and [up](../README.md)",
            ),
            ("[the code](../src/main.rs), [here](#x)", "the code, [here](#x)"),
            ("[web](https://a.example/b.md)", "[web](https://a.example/b.md)"),
            ("no link [at all]", "no link [at all]"),
        ] {
            assert_eq!(linked(text, Path::new("docs/a.md"), &pages), expected);
        }
    }

    #[test]
    fn a_summary_names_files() {
        let names: Vec<_> = named("# S\n\n[One](one.md)\n- [Two](two.md)\n").collect();
        assert_eq!(names, ["one.md", "two.md"]);
    }
}
