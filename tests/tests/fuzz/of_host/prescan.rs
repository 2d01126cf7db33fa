//! A component before it is compiled.

use hostler_contract::{Source, escape};
use hostler_host::sandbox::{self, ScanLimits};

/// Any bytes as a component: what is accepted can be entered and imports nothing but parts of WASI that are granted;
/// what is refused is refused in words that are fit to be shown.
pub(crate) fn prescan(bytes: &[u8]) {
    match sandbox::prescan(Source::new("input.wasm", bytes), &ScanLimits::default()) {
        Ok(points) => {
            assert!(points.run.is_some() || points.lifecycle.is_some(), "there is no way in");
            for import in &points.imports {
                let known = ["cli", "clocks", "filesystem", "io", "random"];
                let package = import.strip_prefix("wasi:").and_then(|rest| rest.split_once('/'));
                assert!(package.is_some_and(|(package, _)| known.contains(&package)), "{import}");
                assert!(import.contains("@0.2."), "{import}");
            }
        }
        Err(refused) => {
            let text = refused.to_string();
            assert!(
                !refused.findings().is_empty() && text.len() <= 4096,
                "{} bytes",
                text.len()
            );
            assert!(text.lines().all(|line| escape(line) == line), "{text:?}");
        }
    }
}
