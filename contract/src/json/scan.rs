//! What can be told about JSON text without parsing it: how deep it is nested, and where a byte lies.

/// A place in a text, both numbers from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl From<Position> for crate::Place {
    fn from(position: Position) -> Self {
        Self::Text {
            line: position.line,
            column: position.column,
        }
    }
}

/// The line and column of the byte at `offset`; offsets inside a character or behind the end count as the place
/// before it.
pub fn position(text: &str, offset: usize) -> Position {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    Position { line, column }
}

/// Most values of a document. A value of one byte takes some hundred bytes in memory, so a bound on bytes alone would
/// let a small document fill it.
pub(super) const MAX_VALUES: usize = 250_000;

/// What a scan found wrong, and at which offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    /// Too many arrays and objects inside each other.
    Depth(usize),
    /// Too many values in all.
    Values(usize),
}

/// The first bracket that opens more than `max_depth` arrays and objects inside each other, or the first value beyond
/// [`MAX_VALUES`].
///
/// One pass without recursion, so the nesting of what follows it is known to be harmless. Text that is not JSON may
/// be counted wrongly; the parser refuses it afterwards.
pub(super) fn excess(text: &str, max_depth: usize) -> Option<Excess> {
    let mut depth = 0_usize;
    let mut values = 1_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                values += 1;
                if depth > max_depth {
                    return Some(Excess::Depth(offset));
                }
            }
            b',' => values += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if values > MAX_VALUES {
            return Some(Excess::Values(offset));
        }
    }
    None
}
