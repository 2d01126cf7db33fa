//! A process that may open few files (HST-06): what it cannot do it says, and with more of them it goes on.

use std::fs::File;
use std::process::{Command, Stdio};

use hostler_tests::hostler;

use crate::invariants::{AFTER_A_FAULT, Seen, Stopped};
use crate::life::{LIFE, Life};
use crate::standing::Standing;

/// How many descriptors it may have.
const LIMITS: [u32; 8] = [8, 12, 16, 20, 24, 32, 64, 256];

/// The stage in which most is open.
const UPDATE: usize = 2;

#[test]
fn hst_06_with_few_descriptors_it_works_or_says_so() {
    let life = Life::lived();
    let machine = &life.machine;
    let mut faults = Vec::new();
    let mut worked = Vec::new();
    for limit in LIMITS {
        life.put_back(UPDATE);
        let before = machine.ran().len();
        let said = machine.folder().join("said");
        let file = File::create(&said).unwrap();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!(r#"ulimit -n {limit}; exec "$0" "$@""#)]);
        command
            .arg(hostler())
            .args(machine.apply_arguments(&LIFE[UPDATE].wanted()));
        command
            .env_clear()
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file);
        let code = command.status().unwrap().code();
        let said = std::fs::read_to_string(said).unwrap();
        let mut found = Vec::new();
        let told = ["Too many open files", "unable to open database file"]
            .iter()
            .any(|words| said.contains(words));
        match code {
            Some(0) => {
                worked.push(limit);
                found.extend(Standing::of(machine).problems(&life.undisturbed[UPDATE]));
            }
            Some(1 | 4) if told && !said.contains("internal error") => {}
            other => found.push(format!("it ended with {other:?}: {said}")),
        }
        let seen = Seen::go_on(&life, UPDATE, Stopped::look(machine, before));
        found.extend(seen.broken(&AFTER_A_FAULT));
        faults.extend(found.into_iter().map(|fault| format!("{limit} descriptors: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(
        !worked.is_empty() && worked.len() < LIMITS.len(),
        "some are too few, and some enough: {worked:?}"
    );
}
