//! A command line of a manifest, taken apart without a shell.
//!
//! The agent hands command lines to `/bin/sh` (contract 7.6). Here the first word is a component inside the package and
//! the rest are its arguments, so what only a shell could make sense of is refused (MAN-07, MAN-15, MAN-16).

use crate::text::is_deceptive;

/// Longest command line, in bytes.
const MAX_BYTES: usize = 32 * 1024;
/// Most arguments after the component.
const MAX_ARGUMENTS: usize = 256;

/// A component in the package and the arguments to start it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    component: String,
    arguments: Vec<String>,
}

/// Why a command line cannot be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandLineError {
    /// There is no word in it.
    #[error("the command line is empty")]
    Empty,
    /// More bytes than are read.
    #[error("the command line has {0} bytes")]
    TooLong(usize),
    /// More words than are passed on.
    #[error("the command line has more than {MAX_ARGUMENTS} arguments")]
    TooManyArguments,
    /// A control character, or one that is invisible or turns text around.
    #[error("character {at} of the command line is U+{:04X}, which cannot be seen", *.character as u32)]
    Invisible {
        /// The character.
        character: char,
        /// Its number in the text, from 1.
        at: usize,
    },
    /// A character that a shell would act upon.
    #[error("character {at} of the command line is `{character}`, which only a shell could act upon")]
    Shell {
        /// The character.
        character: char,
        /// Its number in the text, from 1.
        at: usize,
    },
    /// A quote that is not closed.
    #[error("the quote at character {at} of the command line is not closed")]
    OpenQuote {
        /// The number of the opening quote in the text, from 1.
        at: usize,
    },
    /// A backslash with nothing after it.
    #[error("the command line ends in a backslash")]
    TrailingBackslash,
    /// The component's path starts at the root.
    #[error("the component's path is absolute")]
    Absolute,
    /// The component's path has `..` in it.
    #[error("the component's path leaves its folder with `..`")]
    ParentFolder,
    /// The component's path names a folder.
    #[error("the component's path names a folder")]
    Folder,
    /// The first word is an assignment to an environment variable.
    #[error("the first word is an assignment to a variable, which only a shell could make")]
    Assignment,
}

impl CommandLineError {
    /// What would be right.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty => "write the path of a component in the package and its arguments",
            Self::TooLong(_) | Self::TooManyArguments => "pass large input in the settings or as a file of the package",
            Self::Invisible { .. } => "use visible characters only",
            Self::Shell { .. } | Self::Assignment => {
                "name a component and its arguments, and put in single quotes what is to be taken literally"
            }
            Self::OpenQuote { .. } => "close the quote",
            Self::TrailingBackslash => "put a backslash that is to be taken literally in single quotes",
            Self::Absolute | Self::ParentFolder | Self::Folder => {
                "name a file of the package, relative to its root, for example bin/handler.wasm"
            }
        }
    }
}

impl CommandLine {
    /// Takes a command line apart: words between blanks, with single quotes, double quotes and backslashes as POSIX
    /// shells have them, and no expansion of any kind.
    ///
    /// # Errors
    /// More than 32 KiB or 256 arguments, characters that cannot be seen, characters that a shell would act upon, and
    /// a first word that is no relative path of a file.
    pub fn parse(text: &str) -> Result<Self, CommandLineError> {
        if text.len() > MAX_BYTES {
            return Err(CommandLineError::TooLong(text.len()));
        }
        let mut words = words(text)?.into_iter();
        let component = words.next().ok_or(CommandLineError::Empty)?;
        let arguments: Vec<String> = words.collect();
        if arguments.len() > MAX_ARGUMENTS {
            return Err(CommandLineError::TooManyArguments);
        }
        if component.split('/').next().is_some_and(|first| first.contains('=')) {
            return Err(CommandLineError::Assignment);
        }
        Ok(Self {
            component: component_path(&component)?,
            arguments,
        })
    }

    /// The component's path in the package, without `./`, with `/` between folders.
    pub fn component(&self) -> &str {
        &self.component
    }

    /// What follows it.
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }
}

/// The path of a component in a package, without `.` parts.
pub(super) fn component_path(text: &str) -> Result<String, CommandLineError> {
    refuse_invisible(text)?;
    if text.len() > MAX_BYTES {
        return Err(CommandLineError::TooLong(text.len()));
    }
    if text.starts_with('/') {
        return Err(CommandLineError::Absolute);
    }
    if text.split('/').any(|part| part == "..") {
        return Err(CommandLineError::ParentFolder);
    }
    let last = text.rsplit('/').next().unwrap_or_default();
    let path: Vec<&str> = text
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    match (path.is_empty(), last) {
        (true, "") => Err(CommandLineError::Empty),
        (true, _) | (false, "" | ".") => Err(CommandLineError::Folder),
        (false, _) => Ok(path.join("/")),
    }
}

/// Refuses what cannot be seen, a tab excepted: it is a blank.
fn refuse_invisible(text: &str) -> Result<(), CommandLineError> {
    let hidden = |c: char| c != '\t' && (c.is_control() || is_deceptive(c));
    match text.chars().enumerate().find(|(_, c)| hidden(*c)) {
        Some((index, character)) => Err(CommandLineError::Invisible {
            character,
            at: index + 1,
        }),
        None => Ok(()),
    }
}

fn words(text: &str) -> Result<Vec<String>, CommandLineError> {
    refuse_invisible(text)?;
    let mut words = Vec::new();
    // `Some` inside a word, also an empty one in quotes.
    let mut word: Option<String> = None;
    let mut chars = text.chars().zip(1..).peekable();
    while let Some((c, at)) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => quoted(c, at, &mut chars, word.get_or_insert_default())?,
            '\\' => {
                let (c, _) = chars.next().ok_or(CommandLineError::TrailingBackslash)?;
                word.get_or_insert_default().push(c);
            }
            // A shell takes these two for something else at the start of a word only.
            '#' | '~' if word.is_some() => word.get_or_insert_default().push(c),
            ';' | '&' | '|' | '<' | '>' | '(' | ')' | '$' | '`' | '*' | '?' | '[' | ']' | '{' | '}' | '!' | '#'
            | '~' => return Err(CommandLineError::Shell { character: c, at }),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Takes what follows an opening `quote` up to the closing one.
fn quoted(
    quote: char,
    opened_at: usize,
    chars: &mut std::iter::Peekable<impl Iterator<Item = (char, usize)>>,
    word: &mut String,
) -> Result<(), CommandLineError> {
    while let Some((c, at)) = chars.next() {
        match c {
            c if c == quote => return Ok(()),
            '$' | '`' if quote == '"' => return Err(CommandLineError::Shell { character: c, at }),
            // In double quotes a backslash stays, unless what follows it would mean something.
            '\\' if quote == '"' => match chars.next_if(|(next, _)| matches!(next, '"' | '\\' | '$' | '`')) {
                Some((next, _)) => word.push(next),
                None => word.push('\\'),
            },
            c => word.push(c),
        }
    }
    Err(CommandLineError::OpenQuote { at: opened_at })
}
