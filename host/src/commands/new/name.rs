//! What a project may be called: one name has to do as a folder, a crate, a module and part of a handler's name.

use hostler_contract::{HandlerName, codes};

use crate::commands::failure::Failure;

/// Longest name, in characters.
const LONGEST: usize = 40;

/// Names that mean something else in one of the languages, or to the tools that build projects in them.
const TAKEN: [&str; 84] = [
    "abstract",
    "alloc",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "case",
    "catch",
    "chan",
    "char",
    "class",
    "const",
    "continue",
    "core",
    "crate",
    "debugger",
    "def",
    "default",
    "defer",
    "del",
    "delete",
    "deps",
    "do",
    "dyn",
    "elif",
    "else",
    "enum",
    "except",
    "export",
    "extends",
    "extern",
    "false",
    "final",
    "finally",
    "fn",
    "for",
    "from",
    "func",
    "function",
    "global",
    "go",
    "goto",
    "handler",
    "if",
    "impl",
    "import",
    "in",
    "int",
    "interface",
    "is",
    "lambda",
    "let",
    "loop",
    "macro",
    "map",
    "match",
    "mod",
    "module",
    "move",
    "mut",
    "new",
    "package",
    "pass",
    "proc-macro",
    "pub",
    "range",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "target",
    "test",
    "trait",
    "true",
    "type",
    "use",
];

/// Checks `name`.
///
/// # Errors
/// Wrong usage (`new.name`), with what is wrong and a name that would do, if there is one.
pub(super) fn check(name: &str) -> Result<(), Failure> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let what = if name.is_empty() {
        "it is empty".to_owned()
    } else if name.chars().count() > LONGEST {
        format!("it has more than {LONGEST} characters")
    } else if let Some(bad) = name.chars().find(|c| !good(*c)) {
        match bad {
            ' ' => "there is a space in it".to_owned(),
            '.' => "there is a dot in it".to_owned(),
            c => format!("there is a `{c}` in it"),
        }
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.ends_with('-') || name.contains("--") {
        "it does not begin with a letter, or a hyphen does not stand between two others".to_owned()
    } else if TAKEN.contains(&name) {
        "it is a word of a programming language, or of its tools".to_owned()
    } else {
        return Ok(());
    };
    let what = format!("`{name}` cannot be the name of a project: {what}");
    Err(Failure::usage(codes::NEW_NAME, "NAME", what, hint(name)))
}

/// What would do in the place of `name`.
fn hint(name: &str) -> String {
    let mut near: String = name
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                c
            } else {
                '-'
            }
        })
        .collect();
    while near.contains("--") {
        near = near.replace("--", "-");
    }
    let near: String = near.trim_matches('-').chars().take(LONGEST).collect();
    let near = match near.as_str() {
        taken if TAKEN.contains(&taken) => format!("{taken}-handler"),
        other => other.to_owned(),
    };
    let rule = "small letters, digits and hyphens, as in `message-of-the-day`";
    let whole = "; `--handler Publisher.Type` says who the handler is";
    match near.starts_with(|c: char| c.is_ascii_lowercase()) && near != name {
        true => format!("write {rule}; `{near}` would do{whole}"),
        false => format!("write {rule}{whole}"),
    }
}

/// The handler's name: `given`, or `Example.` and the project's name as one word.
///
/// # Errors
/// Wrong usage for one that is none.
pub(super) fn handler(given: Option<&str>, name: &str) -> Result<HandlerName, Failure> {
    let made = || {
        let words = name.split('-').map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        });
        format!("Example.{}", words.collect::<String>())
    };
    let text = given.map_or_else(made, str::to_owned);
    HandlerName::parse(&text)
        .map_err(|error| Failure::usage(codes::HANDLER_IDENTITY, "--handler", error.what(), error.hint()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> Option<(String, String)> {
        let refused = check(name).err()?.into_refused();
        let finding = refused.findings()[0].clone();
        Some((finding.what().to_owned(), finding.hint().to_owned()))
    }

    #[test]
    fn names_that_do_and_names_that_do_not() {
        for name in ["motd", "message-of-the-day", "a1", "greeter2"] {
            assert_eq!(said(name), None, "{name}");
        }
        for (name, what, near) in [
            ("", "it is empty", ""),
            ("my handler", "there is a space in it", "`my-handler` would do"),
            ("Contoso.Motd", "there is a `C` in it", "`contoso-motd` would do"),
            ("contoso.motd", "there is a dot in it", "`contoso-motd` would do"),
            ("../up", "there is a dot in it", "`up` would do"),
            ("fn", "it is a word of a programming language", "`fn-handler` would do"),
            (
                "class",
                "it is a word of a programming language",
                "`class-handler` would do",
            ),
            (
                "test",
                "it is a word of a programming language",
                "`test-handler` would do",
            ),
            ("1st", "it does not begin with a letter", ""),
            ("a--b", "it does not begin with a letter, or a hyphen", "`a-b` would do"),
            ("-x", "it does not begin with a letter, or a hyphen", "`x` would do"),
            ("größe", "there is a `ö` in it", "`gr-e` would do"),
        ] {
            let (said, hint) = said(name).unwrap();
            assert!(said.contains(what) && hint.contains(near), "{name}: {said}; {hint}");
        }
        assert!(said(&"a".repeat(41)).is_some());
    }

    #[test]
    fn a_handlers_name_is_made_of_the_projects() {
        assert_eq!(
            handler(None, "message-of-the-day").unwrap().as_str(),
            "Example.MessageOfTheDay"
        );
        assert_eq!(handler(Some("Contoso.Motd"), "motd").unwrap().as_str(), "Contoso.Motd");
        assert!(handler(Some("Motd"), "motd").is_err());
    }
}
