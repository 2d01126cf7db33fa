//! Names of entries: plain relative paths that mean the same everywhere, and that are not the host's.
//!
//! A name that would have to be rewritten before it could be used is refused instead, because readers rewrite
//! differently and what was reviewed would not be what is run (PKG-01 to PKG-05, PKG-37).

use hostler_contract::{Code, codes, escape};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::PackageLimits;

/// Names at the root of a handler's folder that the host writes, and folders in which it does (contract 2).
const RESERVED: [&str; 6] = [
    "config",
    "status",
    "heartbeat",
    "handlerenvironment.json",
    "heartbeat.log",
    "package_validated",
];

/// Ending of the host's compiled code; a package never brings any.
const COMPILED: &str = ".cwasm";

/// What is wrong with a name.
pub(super) struct NameFault {
    /// `pkg.name`, `pkg.depth` or `pkg.reserved`.
    pub(super) code: Code,
    /// What was found.
    pub(super) what: String,
    /// What would be right.
    pub(super) hint: String,
}

/// Checks the name of an entry, without the `/` that ends a directory's.
///
/// # Errors
/// The first rule that is broken.
pub(super) fn check(name: &str, limits: &PackageLimits) -> Result<(), NameFault> {
    let depth = name.split('/').count();
    if depth > limits.depth {
        return Err(NameFault {
            code: codes::PKG_DEPTH,
            what: format!("it lies {depth} levels deep"),
            hint: format!("at most {} levels are unpacked (pkg.depth)", limits.depth),
        });
    }
    if name.len() > limits.name_bytes {
        return Err(wrong(
            format!("its name has {} bytes", name.len()),
            format!("a name has at most {} bytes (pkg.name)", limits.name_bytes),
        ));
    }
    if name.starts_with('/') {
        return Err(wrong("its name starts with `/`", "name it relative to the package"));
    }
    if escape(name) != name || name.chars().any(|c| c.is_whitespace() && c != ' ') {
        return Err(wrong(
            "its name has characters that cannot be seen",
            "use visible characters and plain spaces only",
        ));
    }
    if let Some(c) = name.chars().find(|c| "\\:*?\"<>|".contains(*c)) {
        return Err(wrong(
            format!("its name has `{c}` in it"),
            "separate folders with `/`, and use none of \\ : * ? \" < > |",
        ));
    }
    if !is_nfc(name) {
        return Err(wrong(
            "its name is not in Unicode's composed form (NFC)",
            "write letters with accents as one character",
        ));
    }
    name.split('/')
        .try_for_each(|component| check_component(component, limits))?;
    check_reserved(name)
}

fn check_component(component: &str, limits: &PackageLimits) -> Result<(), NameFault> {
    match component {
        "" => Err(wrong("its name has an empty part", "separate folders with one `/`")),
        "." | ".." => Err(wrong(
            format!("its name has `{component}` as a part"),
            "write the path as it is, without going round",
        )),
        _ if component.ends_with(['.', ' ']) => Err(wrong(
            "a part of its name ends with a dot or a space",
            "leave out the dot or space",
        )),
        _ if component.len() > limits.component_bytes => Err(wrong(
            format!("a part of its name has {} bytes", component.len()),
            format!("a part of a name has at most {} bytes", limits.component_bytes),
        )),
        _ => Ok(()),
    }
}

fn check_reserved(name: &str) -> Result<(), NameFault> {
    let folded = fold(name);
    let first = folded.split('/').next().unwrap_or_default();
    if RESERVED.contains(&first) {
        return Err(reserved(format!("`{first}` in a handler's folder belongs to the host")));
    }
    if folded.split('/').any(|component| component.ends_with(COMPILED)) {
        return Err(reserved("its name is that of compiled code".to_owned()));
    }
    Ok(())
}

fn reserved(what: String) -> NameFault {
    NameFault {
        code: codes::PKG_RESERVED,
        what,
        hint: "leave it out; the host makes it where it is needed".to_owned(),
    }
}

fn wrong(what: impl Into<String>, hint: impl Into<String>) -> NameFault {
    NameFault {
        code: codes::PKG_NAME,
        what: what.into(),
        hint: hint.into(),
    }
}

/// A key that is the same for names that some file system takes for the same: decomposed, without case, composed.
///
/// Upper case first and lower case then also joins letters whose lower cases differ (`ß` and `ss`, `ſ` and `s`).
pub(super) fn fold(name: &str) -> String {
    name.nfd()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use hostler_contract::codes;

    use super::{check, fold};
    use crate::PackageLimits;

    #[test]
    fn plain_paths_pass() {
        for name in [
            "a",
            "a/b.txt",
            ".hidden",
            "a b/c",
            "é/ñ",
            "config.json",
            "bin/config",
            "mrseq",
        ] {
            assert!(check(name, &PackageLimits::default()).is_ok(), "{name}");
        }
    }

    #[test]
    fn other_names_do_not() {
        for name in [
            "",
            "/a",
            "a//b",
            "a/",
            "..",
            "a/../b",
            ".",
            "a/.",
            "a.",
            "a ",
            "a /b",
            "a\\b",
            "C:a",
            "a*",
            "a\u{7f}",
            "a\u{202e}b",
            "a\u{a0}b",
            "e\u{301}",
            "a\nb",
            "a\0",
        ] {
            let fault = check(name, &PackageLimits::default()).expect_err(name);
            assert_eq!(fault.code, codes::PKG_NAME, "{name:?}");
        }
        for name in [
            "config",
            "Status/x",
            "HANDLERENVIRONMENT.JSON",
            "lib/a.CWASM",
            "heartbeat.log",
        ] {
            let fault = check(name, &PackageLimits::default()).expect_err(name);
            assert_eq!(fault.code, codes::PKG_RESERVED, "{name:?}");
        }
    }

    #[test]
    fn folding_joins_what_differs_only_in_case() {
        for (a, b) in [
            ("A", "a"),
            ("STRASSE", "straße"),
            ("ſ", "s"),
            ("É", "e\u{301}"),
            ("Σ", "ς"),
            ("\u{212a}", "k"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("a"), fold("b"));
    }
}
