//! What components ran behind, for people: one line for each layer.

use std::fmt::Write as _;

use crate::sandbox::IsolationReport;

/// Where components ran, and one line for each layer, in lines that end with a line feed.
pub fn isolation_lines(isolation: &IsolationReport) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let (mode, level) = (isolation.mode.name(), isolation.level.name());
    let _ = writeln!(text, "isolation {mode}, {level}");
    for layer in &isolation.layers {
        let _ = writeln!(
            text,
            "  {:<9} {:<6} {}",
            layer.name.name(),
            layer.state.name(),
            layer.version
        );
    }
    text
}
