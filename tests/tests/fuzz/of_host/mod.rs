//! Targets that need the host: not in the library of tests, which builds without a WebAssembly runtime. `fuzz/` takes
//! these files as they are.

mod goal_state_order;
mod import_allowlist;
mod limit_option;
mod prescan;
mod state_record;

use hostler_contract::DocumentKind;
use hostler_tests::fuzz_targets::{FuzzTarget, Seeds};

/// All of them.
pub(crate) const TARGETS: [FuzzTarget; 5] = [
    FuzzTarget {
        name: "prescan",
        body: prescan::prescan,
        seeds: Seeds::Components,
    },
    FuzzTarget {
        name: "import_allowlist",
        body: import_allowlist::import_allowlist,
        seeds: Seeds::Imports,
    },
    FuzzTarget {
        name: "limit_option",
        body: limit_option::limit_option,
        seeds: Seeds::Limits,
    },
    FuzzTarget {
        name: "goal_state_order",
        body: goal_state_order::goal_state_order,
        seeds: Seeds::Documents(DocumentKind::VmSettings),
    },
    FuzzTarget {
        name: "state_record",
        body: state_record::state_record,
        seeds: Seeds::Records,
    },
];
