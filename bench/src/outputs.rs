//! What comes of the benchmark: a table, and the files that were asked for.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hostler_measure::{Document, changes_table, markdown, page, picture, table};

/// Files that are read before the run and written after it.
#[derive(Debug, clap::Args)]
pub(crate) struct Outputs {
    /// Also write what was found as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write it as one page with charts
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Also write the chart of figures and targets as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Also write the figures as a table in Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// What --json of an earlier run wrote: show what changed since
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

impl Outputs {
    /// The earlier run, if one was named. Before anything is measured, since that takes minutes.
    ///
    /// # Errors
    /// It cannot be read, or is none; a file is to be written where none can be.
    pub(crate) fn look(&self) -> anyhow::Result<Option<Document>> {
        for file in [&self.json, &self.html, &self.svg, &self.markdown]
            .into_iter()
            .flatten()
        {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            anyhow::ensure!(folder.is_dir(), "{}: {} is no folder", file.display(), folder.display());
            anyhow::ensure!(!file.is_dir(), "{} is a folder; name a file", file.display());
        }
        let Some(path) = &self.baseline else { return Ok(None) };
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        let hint = "name a file that `--json` of this benchmark wrote";
        let document = Document::read(&bytes).with_context(|| format!("{}; {hint}", path.display()))?;
        Ok(Some(document))
    }

    /// Writes the files, and gives the text for the terminal.
    pub(crate) fn write(&self, document: &Document, baseline: Option<&Document>) -> anyhow::Result<String> {
        let changes = baseline.map(|baseline| document.changes_since(baseline));
        if let Some(path) = &self.json {
            write(path, &document.to_json())?;
        }
        if let Some(path) = &self.html {
            write(path, &page(document, changes.as_ref())?)?;
        }
        if let Some(path) = &self.markdown {
            write(path, &markdown(document))?;
        }
        if let (Some(path), Some(picture)) = (&self.svg, picture(document)?) {
            write(path, &picture)?;
        }
        Ok(table(document) + &changes.as_ref().map(changes_table).unwrap_or_default())
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
