//! The cases that come with hostler, and those of a user.

use std::fs;
use std::path::Path;

use hostler_contract::{Finding, Place, Refused, codes};

use super::Case;

/// Most bytes of a file with cases.
const MAX_BYTES: u64 = 1 << 20;

/// The files with the cases that come with hostler, in the order in which they are tried.
const FILES: [(&str, &str); 6] = [
    ("life.json", include_str!("cases/life.json")),
    ("status.json", include_str!("cases/status.json")),
    ("settings.json", include_str!("cases/settings.json")),
    ("update.json", include_str!("cases/update.json")),
    ("surroundings.json", include_str!("cases/surroundings.json")),
    ("clocks.json", include_str!("cases/clocks.json")),
];

/// The cases that come with hostler.
///
/// # Errors
/// None: a test reads them all.
pub fn built_in() -> Result<Vec<Case>, Refused> {
    let mut cases = Vec::new();
    for (file, text) in FILES {
        read(file, text, &mut cases)?;
    }
    Ok(cases)
}

/// Adds the cases in the files `*.json` of `folder` to `cases`, in the order of their names.
///
/// # Errors
/// `conformance.case` for a file that cannot be read or holds no cases, for a rule that is there already, and for one that
/// needs a rule that does not come before it.
pub fn read_folder(folder: &Path, cases: &mut Vec<Case>) -> Result<(), Refused> {
    let shown = folder.display().to_string();
    let unreadable = |file: &str, error: &std::io::Error| {
        refuse(
            file,
            Place::Whole,
            format!("it cannot be read: {error}"),
            "name a folder with files *.json in it",
        )
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(&shown, &error))? {
        let path = entry.map_err(|error| unreadable(&shown, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        let hint = "write cases into files *.json, each an array of cases";
        return Err(refuse(
            &shown,
            Place::Whole,
            "there is no file *.json in it".to_owned(),
            hint,
        ));
    }
    paths.sort();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let size = path.metadata().map_err(|error| unreadable(&file, &error))?;
        if !size.is_file() || size.len() > MAX_BYTES {
            let what = format!("it is no file of at most {MAX_BYTES} bytes");
            return Err(refuse(&file, Place::Whole, what, "write fewer cases into one file"));
        }
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&file, &error))?;
        read(&file, &text, cases)?;
    }
    Ok(())
}

fn refuse(file: &str, place: Place, what: String, hint: &str) -> Refused {
    Refused::new(Finding::refusal(codes::CONFORMANCE_CASE, file, place, what, hint))
}

/// Reads an array of cases.
fn read(file: &str, text: &str, cases: &mut Vec<Case>) -> Result<(), Refused> {
    let read: Vec<Case> = serde_json::from_str(text).map_err(|error| {
        let place = Place::Text {
            line: error.line(),
            column: error.column().max(1),
        };
        let hint = "write an array of cases as the documentation for authors has them";
        refuse(file, place, format!("it holds no cases: {error}"), hint)
    })?;
    for (index, case) in read.into_iter().enumerate() {
        let place = |key: &str| Place::Json(format!("$[{index}].{key}"));
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if case.rule.is_empty() || case.rule.len() > 64 || !case.rule.chars().all(good) {
            let what = format!("`{}` is no name of a rule", case.rule);
            return Err(refuse(
                file,
                place("rule"),
                what,
                "write small letters, digits, dots and hyphens",
            ));
        }
        if cases.iter().any(|other| other.rule == case.rule) {
            let what = format!("the rule `{}` is there already", case.rule);
            return Err(refuse(file, place("rule"), what, "give it a name of its own"));
        }
        if let Some(missing) = case
            .needs
            .iter()
            .find(|need| cases.iter().all(|other| other.rule != **need))
        {
            let what = format!("it needs the rule `{missing}`, which does not come before it");
            return Err(refuse(
                file,
                place("needs"),
                what,
                "name rules of the kit, or of cases above",
            ));
        }
        if case.steps.is_empty() {
            let what = "it has no steps".to_owned();
            return Err(refuse(
                file,
                place("steps"),
                what,
                "say what is to be done, and what is expected",
            ));
        }
        cases.push(case);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_that_come_with_hostler_can_be_read() {
        let cases = built_in().unwrap();
        assert!(cases.len() >= 25, "{}", cases.len());
        for case in &cases {
            let expects = case.steps.iter().any(|step| !step.premise && !step.expect.is_empty());
            assert!(expects, "{} can never be broken", case.rule);
        }
    }

    #[test]
    fn a_case_that_is_none_is_refused_with_its_place() {
        let case =
            |rest: &str| format!(r#"[{{"rule": "own.rule", "contract": "7.3", "says": "x", "right": "y", {rest}}}]"#);
        for (text, location, what) in [
            ("{".to_owned(), "own.json:1:1", "it holds no cases"),
            (case(r#""steps": []"#), "own.json: $[0].steps", "it has no steps"),
            (
                case(r#""needs": ["later"], "steps": [{"do": "enable"}]"#),
                "own.json: $[0].needs",
                "it needs the rule `later`",
            ),
            (
                case(r#""steps": [{"do": "explode"}]"#),
                "own.json:1:",
                "unknown variant `explode`",
            ),
            (case(r#""step": []"#), "own.json:1:", "unknown field `step`"),
            (
                case(r#""steps": [{"do": "enable"}]"#).replace("own.rule", "enable.twice"),
                "own.json: $[0].rule",
                "the rule `enable.twice` is there already",
            ),
            (
                case(r#""steps": [{"do": "enable"}]"#).replace("own.rule", "Own rule"),
                "own.json: $[0].rule",
                "`Own rule` is no name of a rule",
            ),
        ] {
            let mut cases = built_in().unwrap();
            let refused = read("own.json", &text, &mut cases).unwrap_err();
            let finding = &refused.findings()[0];
            assert!(finding.what().contains(what), "{}", finding.what());
            assert!(
                finding.location().starts_with(location),
                "{} for {location}",
                finding.location()
            );
        }
    }
}
