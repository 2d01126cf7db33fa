//! The result for people: a line for each rule, and for those that do not hold what was seen and what would be right.

use std::fmt::Write as _;

use hostler_contract::escape;

use super::Tested;

/// All of it, in lines that end with a line feed. Writing to a `String` cannot fail.
pub(super) fn text(tested: &Tested) -> String {
    let how = if tested.native {
        " (native, without a sandbox)"
    } else {
        ""
    };
    let mut text = format!("{}: {}{how}\n", tested.handler, escape(&tested.path));
    for ruling in &tested.account.rules {
        let word = match ruling.verdict {
            "broken" => "BROKEN",
            "not-tried" => "not tried",
            "not-applicable" => "n/a",
            held => held,
        };
        let (rule, contract, says) = (escape(&ruling.rule), escape(&ruling.contract), escape(&ruling.says));
        let _ = writeln!(text, "{word:<10} {rule:<22} contract {contract:<5} {says}");
        match ruling.verdict {
            "held" => {}
            "broken" => {
                let _ = writeln!(text, "           seen:  {}", escape(&ruling.seen));
                let _ = writeln!(text, "           right: {}", escape(&ruling.right));
            }
            _ => {
                let _ = writeln!(text, "           {}", escape(&ruling.seen));
            }
        }
    }
    let count = |verdict| tested.account.count(verdict);
    let _ = writeln!(
        text,
        "{} rules held, {} broken, {} not tried, {} not for this handler; {}.{} s.",
        count("held"),
        count("broken"),
        count("not-tried"),
        count("not-applicable"),
        tested.duration_ms / 1000,
        tested.duration_ms % 1000 / 100,
    );
    text
}
