//! Nobody listens to what it says (HST-18): the work is done all the same.

use std::process::{Command, Stdio};

use hostler_tests::hostler;

use crate::life::{LIFE, Life};
use crate::standing::Standing;

/// How it is run, as a shell says it, and its exit code: what it could say to nobody who wants to hear it is no failure, and a
/// full disk for what it says is one.
const WAYS: [(&str, &str, i32); 6] = [
    ("standard output closed", r#""$0" "$@" >&-"#, 0),
    ("standard error closed", r#""$0" "$@" >/dev/null 2>&-"#, 0),
    ("both closed, and standard input", r#""$0" "$@" <&- >&- 2>&-"#, 0),
    (
        "a reader that has gone",
        r#"{ sleep 0.2; "$0" "$@" 2>&1; echo $? >&3; } 3>"$CODE" | true; sleep 0; exit "$(tail -n1 "$CODE")""#,
        0,
    ),
    ("a full disk for what it says", r#""$0" "$@" >/dev/full 2>/dev/full"#, 4),
    (
        "words for a log that has gone",
        r#"HOSTLER_LOG=trace "$0" "$@" >/dev/null 2>/dev/full"#,
        0,
    ),
];

#[test]
fn hst_18_whoever_listens_the_work_is_done() {
    let life = Life::lived();
    let machine = &life.machine;
    for (way, script, expected) in WAYS {
        life.put_back(0);
        for (stage, undisturbed) in LIFE.iter().zip(&life.undisturbed) {
            let before = machine.ran().len();
            let mut command = Command::new("/bin/sh");
            command
                .args(["-c", script])
                .arg(hostler())
                .args(machine.apply_arguments(&stage.wanted()));
            command
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("CODE", machine.folder().join("code"));
            let code = command.stdin(Stdio::null()).status().unwrap().code();
            assert_eq!(code, Some(expected), "{way}, {}", stage.name);
            assert_eq!(machine.ran().split_off(before), stage.commands, "{way}, {}", stage.name);
            let problems = Standing::of(machine).problems(undisturbed);
            assert_eq!(problems, [""; 0], "{way}, {}", stage.name);
        }
        assert_eq!(machine.audit_faults(), [""; 0], "{way}");
    }
}
