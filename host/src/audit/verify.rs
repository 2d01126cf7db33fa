//! Looks a log over, from its first line to its last, in bounded memory; also beside a host that writes it.

use std::io::BufReader;

use super::AuditError;
use super::chain::Chain;
use super::folder::{AuditFolder, name};
use super::head::Head;
use super::line::Link;
use super::lines::{Line, Lines};
use super::verdict::{At, LogVerdict};
use crate::root::Root;
use crate::state::{Kind, Store};

/// Looks the log of `root` over. `anchor` is a line that somebody knows from elsewhere and that has to be there.
///
/// # Errors
///
/// [`AuditError`]: it cannot be read.
pub fn verify(root: &Root, anchor: Option<Head>) -> Result<LogVerdict, AuditError> {
    let mut store = Store::look(root)?;
    // Before the files: a log is never behind what the state knew.
    let known = head(store.as_mut())?;
    let mut files = AuditFolder::files(root)?;
    let mut known_first = known;
    if known.is_none() && !files.is_empty() {
        // It may have begun just now.
        if store.is_none() {
            store = Store::look(root)?;
        }
        known_first = head(store.as_mut())?;
        files = AuditFolder::files(root)?;
    }
    let mut chain = Chain::new(known_first, anchor);
    let mut end = None;
    let mut unfinished = 0;
    let count = files.len();
    for (index, (number, file)) in files.into_iter().enumerate() {
        chain.file();
        let mut lines = Lines::new(BufReader::new(file));
        let mut line = 0;
        while let Some(read) = lines.next_line().map_err(AuditError::file(&name(number), "read"))? {
            line += 1;
            let at = At { file: number, line };
            end = Some(at);
            match read {
                Line::Whole(bytes) => match Link::read(bytes) {
                    Some(link) => chain.line(at, link),
                    None => chain.unreadable(at),
                },
                // Nothing is written any more to a file that another one follows.
                Line::Unfinished(bytes) if index + 1 == count => unfinished = bytes,
                Line::Unfinished(_) | Line::TooLong(_) => chain.unreadable(at),
            }
        }
    }
    // After the lines: the state is never further behind than that.
    let now = head(store.as_mut())?;
    Ok(chain.end(end, unfinished, now))
}

fn head(store: Option<&mut Store>) -> Result<Option<Head>, AuditError> {
    match store {
        Some(store) => Ok(store.get(Kind::Audit, "")?),
        None => Ok(None),
    }
}
