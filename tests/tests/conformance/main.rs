//! Goal states applied to a machine by the real binary, one case after another from the contract's scenarios.
//!
//! A case is a folder in `tests/conformance` with a `case.json`: packages of the sample handler `recorder`, which writes
//! down how it is called and does what it is told, and steps. Each step applies a goal state and says what must come of
//! it: which commands ran and what they saw, what is reported, and what lies on disk ([`case::Step`] has all of it,
//! [`pattern`] the language). After every step, what `hostler status` says is the same as what `apply` printed and wrote.

mod case;
mod expand;
mod goal_state;
mod hold;
mod machine;
mod pattern;
mod publish;
mod record;
mod same;

use std::collections::BTreeSet;
use std::fs;

use case::Case;

/// One test for each case, called by its name.
macro_rules! cases {
    ($($name:ident)*) => {
        /// Every case.
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                hold::hold(stringify!($name));
            }
        )*
    };
}

cases! {
    fresh_install
    new_sequence_number
    same_sequence_number
    lower_sequence_number
    no_settings
    only_protected_settings
    settings_not_json
    bad_entry_beside_a_good_one
    fast_track_goal_state
    log_folder_keeps_its_mode
    install_fails
    enable_fails
    enable_fails_and_says_success
    enable_component_missing
    enable_runs_out_of_time
    output_in_the_message
    long_output
    very_long_output
    access_tokens_are_redacted
    uninstall_fails
    disable_fails
    disable_fails_before_uninstall
    update
    update_without_install
    update_of_a_handler_that_was_never_enabled
    update_of_a_handler_that_was_never_installed
    old_disable_fails
    old_disable_fails_and_it_goes_on
    old_disable_runs_out_of_time
    old_uninstall_fails
    old_uninstall_fails_and_it_goes_on
    install_fails_in_an_update
    update_fails
    update_runs_out_of_time
    back_to_the_old_version
    new_enable_fails
    what_an_update_carries_over
    roll_back_after_a_failed_enable
    roll_back_after_a_failed_update_or_install
    roll_back_of_what_is_not_well
    roll_back_and_the_old_version_fails
    roll_back_before_anything_ran
    roll_back_and_another_wish
    no_roll_back_unless_the_policy_says_so
    downgrade
    downgrade_fails
    wider_grants_wait_for_approval
    gained_service_waits_for_approval
    wider_policy_waits_for_approval
    policy_becomes_narrower
    policy_refuses_a_handler
    granted_folder_is_gone
    new_package_is_no_archive
    no_update_command
    past_a_failed_update
    folder_lost
    uninstall
    uninstall_of_an_unlisted_version
    uninstall_without_a_version_manifest
    disabled
    disabled_and_never_there
    handler_missing_from_the_goal_state
    uninstall_clears_its_own_folders
    flags_as_text
    flags_that_are_none
    manifest_defaults
    manifest_not_json
    manifest_is_an_object
    manifest_in_a_folder
    command_begins_with_a_slash
    first_uris_fail
    all_uris_fail
    no_enable_command
    enable_traps
    no_status_file
    status_not_json
    status_without_a_word
    status_with_an_unknown_word
    status_is_an_object
    substatus_null_or_absent
    status_cannot_be_read
    large_status_message
    many_substatuses
    config_folder_deleted
    status_code_as_text
    nothing_to_say
    heartbeat
    heartbeat_missing
    dependency_levels
    dependency_ends_in_error
    one_level_stops_nothing
    uninstall_order
    dependency_fails
    dependency_without_a_status
    dependency_goes_on_after_a_failed_disable
    on_hold
    unknown_feature_is_required
    version_prefix
    version_not_listed
    two_entries_for_one_handler
    entry_without_a_name
    several_extensions
    several_extensions_of_a_handler
    disable_of_an_extension_fails
    install_is_tried_for_each_extension
    update_with_several_extensions
    enable_of_an_extension_fails
    extensions_depend_on_each_other
    extensions_disabled
    handler_not_on_the_list
    goal_state_not_json
    goal_state_cut_in_half
    goal_state_too_large
    goal_state_away
    goal_state_in_xml
    goal_state_of_the_fabric
    settings_for_another_version
    location_away
    first_location_fails
    events
    many_events
    package_integrity
    package_changed_on_disk
    manifest_lost
}

/// No case is forgotten, and none can be read only in part.
#[test]
fn every_folder_is_a_case_that_runs() {
    let folders: BTreeSet<String> = fs::read_dir(case::folder())
        .expect("the folder of cases")
        .map(|entry| entry.expect("a case").file_name().to_string_lossy().into_owned())
        .collect();
    let named: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(folders, named);
    for name in &folders {
        let case = Case::read(name);
        assert!(!case.steps.is_empty(), "{name} has no steps");
        assert!(case.about.ends_with('.'), "{name} says nothing of itself");
        // What proves no scenario proves a section of the contract or a decision, and names it.
        let named = ["contract ", "design ", "PKG-"]
            .iter()
            .any(|source| case.about.contains(source));
        assert!(named || !case.rows.is_empty(), "{name} does not say what it proves");
    }
}
