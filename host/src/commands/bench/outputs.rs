//! The files that were named: looked at before anything is measured, written at the end.

use hostler_contract::{Finding, Place, Refused, codes};
use hostler_measure::{BaselineError, Changes, Document, page};

use super::BenchArgs;
use crate::commands::failure::Failure;
use crate::commands::place::{file_name, read_input};
use crate::commands::report_file::ReportFile;

/// Largest baseline that is read, in bytes.
const MAX_BASELINE_BYTES: usize = 16 << 20;

/// An earlier result, and where this one goes.
pub(super) struct Outputs {
    baseline: Option<Document>,
    html: Option<ReportFile>,
}

impl Outputs {
    /// Reads the baseline, and makes sure that the page can be written.
    ///
    /// # Errors
    /// A baseline is refused, or the page's file cannot be.
    pub(super) fn open(args: &BenchArgs) -> Result<Self, Failure> {
        let read = |path: &std::path::PathBuf| -> Result<Document, Failure> {
            let bytes = read_input(path, MAX_BASELINE_BYTES)?;
            Document::read(&bytes).map_err(|error| {
                let hint = match &error {
                    BaselineError::NotOurs(_) => "name a file that `hostler bench --json` wrote",
                    BaselineError::OtherForm { .. } => "measure both with the same hostler",
                };
                let file = file_name(path);
                let what = error.to_string();
                Refused::new(Finding::refusal(codes::BENCH_BASELINE, &file, Place::Whole, what, hint)).into()
            })
        };
        Ok(Self {
            baseline: args.baseline.as_ref().map(read).transpose()?,
            html: args.html.as_deref().map(ReportFile::open).transpose()?,
        })
    }

    /// What changed since the baseline, if there is one.
    pub(super) fn changes(&self, document: &Document) -> Option<Changes> {
        self.baseline.as_ref().map(|baseline| document.changes_since(baseline))
    }

    /// Writes the page, if one was asked for.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub(super) fn write(&self, document: &Document, changes: Option<&Changes>) -> Result<(), Failure> {
        let Some(file) = &self.html else { return Ok(()) };
        let page = page(document, changes).map_err(|error| Failure::host(error, "leave `--html` out"))?;
        file.write(&page)
    }
}
