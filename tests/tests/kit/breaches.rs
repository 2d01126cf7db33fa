//! A handler that breaks each rule in turn: the kit names that rule and no other.

use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use crate::stage::{Stage, rules};

/// Rules that a shell script cannot break: nobody can set its clock. `clocks` has components that do.
const ONLY_COMPONENTS: [&str; 2] = ["clock.1970", "clock.back"];

/// How many kits run at one time.
const AT_ONCE: usize = 3;

fn result_of(breach: &str) -> (i32, Value) {
    let stage = Stage::new();
    let handler = stage.shell_handler(breach);
    let ran = stage.test(&handler, &["--native", "--json"]);
    (ran.status.code().expect("an exit code"), ran.json())
}

#[test]
fn a_shell_handler_that_keeps_the_contract_passes() {
    let (exit, result) = result_of("none");
    assert_eq!(rules(&result, "broken"), Vec::<String>::new(), "{result:#}");
    assert_eq!(
        (exit, &result["holds"], &result["native"]),
        (0, &true.into(), &true.into())
    );
    assert_eq!(rules(&result, "not-tried"), Vec::<String>::new());
    assert_eq!(rules(&result, "not-applicable"), ONLY_COMPONENTS);
}

#[test]
fn each_breach_is_named_and_no_other() {
    let (_, result) = result_of("none");
    let waiting = Mutex::new(rules(&result, "held"));
    assert!(waiting.lock().unwrap().len() >= 25);
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(rule) = waiting.lock().unwrap().pop() else {
                        break;
                    };
                    let (exit, result) = result_of(&rule);
                    let broken = rules(&result, "broken");
                    if exit != 1 || broken != [rule.clone()] {
                        let seen: Vec<_> = result["rules"]
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter(|ruling| ruling["verdict"] == "broken")
                            .map(|ruling| format!("{}: {}", ruling["rule"], ruling["seen"]))
                            .collect();
                        faults
                            .lock()
                            .unwrap()
                            .push(format!("breach of {rule}: exit code {exit}, {seen:#?}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
