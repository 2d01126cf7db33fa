//! P1 and P2: what a handler reaches.

use super::natives;
use crate::sandbox::Attempt;
use crate::self_test::Promise::{Containment, Secrets};
use crate::self_test::checks;
use crate::self_test::probe::{Probe, Target};

pub(super) fn containment() -> Vec<Probe> {
    let verb = |name, verb, tries, check| Probe::verb(Containment, name, verb, tries, check);
    let mut probes =
        vec![
        verb(
            "paths-out",
            "escape",
            "every operation that takes a path, with every path, link and chain of links that leads beside the root",
            checks::no_path_leads_out,
        )
        .at(Target::Outside),
        verb(
            "paths-to-another",
            "escape",
            "the same with paths into the data folder of another handler",
            checks::no_path_leads_out,
        )
        .at(Target::OthersData),
        verb(
            "read-only",
            "write-readonly",
            "every way to change something in its package and its settings",
            checks::nothing_is_changed,
        ),
        verb(
            "links-between",
            "between",
            "a second name for its own file in another of its folders, which would pass by that folder's limits",
            checks::no_links_between_folders,
        ),
        verb(
            "environment",
            "environment",
            "looks for variables of the environment",
            checks::only_the_contracts_variables,
        ),
        verb("arguments", "arguments", "looks at its arguments", checks::only_its_arguments),
        verb("standard-input", "stdin", "reads standard input to its end", checks::no_input),
    ];
    probes.extend(natives(
        Containment,
        &[
            Attempt::OwnFolder,
            Attempt::ReadMachine,
            Attempt::ReadOutside,
            Attempt::WriteOutside,
            Attempt::FollowLink,
            Attempt::WriteReadOnly,
            Attempt::ReadEnvironment,
            Attempt::ReadParentEnvironment,
            Attempt::ReadParentMemory,
            Attempt::TraceParent,
            Attempt::SignalParent,
            Attempt::StartProcess,
            Attempt::BecomeProgram,
            Attempt::OpenSocket,
        ],
    ));
    probes
}

pub(super) fn secrets() -> Vec<Probe> {
    let verb = |name, tries| Probe::verb(Secrets, name, "escape", tries, checks::no_path_leads_out);
    let mut probes = vec![
        verb("keys", "every operation with every path to the root's folder `keys`").at(Target::Keys),
        verb(
            "settings-of-another",
            "every operation with every path to the settings of another handler",
        )
        .at(Target::OthersConfig),
    ];
    probes.extend(natives(Secrets, &[Attempt::ReadKey, Attempt::ReadOthersSettings]));
    probes
}
