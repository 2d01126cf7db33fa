//! The command line as its users meet it: the real binary, whole outputs, exit codes, and what is left on disk.
//!
//! Outputs are inline snapshots of all that is printed, so that nothing changes unseen. Cases of the threat model
//! carry their numbers; what a handler itself does to its host is tested in `hostile`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod agent_help;
mod applied_report;
mod applies;
mod apply_options;
mod asked_services;
mod audit;
mod audit_help;
mod author_help;
mod bench;
mod bench_help;
mod checks;
mod code_cache;
mod completions;
mod corpus;
mod documents;
mod downloads;
mod from_servers;
mod goal_states;
mod help;
mod host_failures;
mod hosts_log;
mod inspections;
mod laid_out;
mod life;
mod logs;
mod made;
mod manifests;
mod many;
mod mounted;
mod normal;
mod offered;
mod other_language;
mod others_statuses;
mod packages;
mod packs;
mod planted;
mod policies;
mod protected;
mod publishers;
mod sealed;
mod sealing;
mod self_test_help;
mod server;
mod settings_files;
mod signed;
mod signed_index;
mod signing;
mod statuses;
mod surroundings;
mod tool_help;
mod usage;
mod without_network;
mod workbench;
