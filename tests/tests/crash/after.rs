//! What must hold after the next `apply` on a machine on which one was killed.

use crate::course::Course;
use crate::machine::Machine;
use crate::standing::{Standing, codes};

/// Looks at what the killed run left, applies the goal state of `course` again, and names all that is not as after an
/// undisturbed run.
pub(crate) fn problems(course: &Course, machine: &Machine, undisturbed: &Standing) -> Vec<String> {
    let before = course.ran_before();
    let interrupted = machine.ran().split_off(before);
    let mut problems = Vec::new();
    if machine.root().exists() {
        // Whatever was left, it can be looked at.
        let looked = machine.status();
        if !matches!(looked.status.code(), Some(0 | 1)) {
            let said = String::from_utf8_lossy(&looked.stdout);
            problems.push(format!("status after a kill: {}, {said}", looked.status));
        }
        // Neither the log nor the state is further than the other but by what a kill explains.
        problems.extend(machine.audit_faults());
    }
    let next = machine.apply(&course.wanted());
    let after = machine.ran().split_off(before + interrupted.len());
    problems.extend(Standing::of(machine).problems(undisturbed));
    if next.status.code() != Some(0) {
        problems.push(format!("the next apply ended with {}", next.status));
    }
    problems.extend(course.fault(&interrupted, &after));
    problems.extend(machine.audit_faults());
    let odd = codes(&next.json())
        .into_iter()
        .filter(|code| code != "handler.interrupted");
    problems.extend(odd.map(|code| format!("the next apply found {code}")));
    problems
}
