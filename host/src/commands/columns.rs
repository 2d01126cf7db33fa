//! Rows under heads, each column as wide as it has to be.

/// The lines of a table.
pub(super) fn columns<const N: usize>(heads: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut all = vec![heads.map(str::to_owned)];
    all.extend(rows);
    let mut widths = [0; N];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &all {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}
