//! The scenes of a handler's life, as a table: what is told, the goal state, and all that must come of it.

use super::{
    goal_state::Entry,
    kept::{FIRST, Kept, SECOND},
    repository::{FILE_CONFIG, HELLO, HOSTILE},
};

/// What a scene is.
pub(crate) struct Scene {
    /// Its heading.
    pub(crate) title: &'static str,
    /// What happens in it and what the goal state says, for somebody who knows nothing of it.
    pub(crate) told: &'static str,
    /// What happens before the goal state is applied.
    pub(crate) before: Before,
    /// The goal state's name, and what is in it.
    pub(crate) goal_state: (&'static str, &'static [Entry]),
    /// Further options of `hostler apply`.
    pub(crate) options: &'static [&'static str],
    /// The exit code of `hostler apply`: 0 when all is well, 1 when a handler failed.
    pub(crate) exit_code: i32,
    /// The lines of the report's account.
    pub(crate) account: &'static [&'static str],
    /// The handlers that have a folder then.
    pub(crate) folders: &'static [&'static str],
    /// What the data folder of `file-config` holds then.
    pub(crate) kept: Kept,
    /// What came of it, said when it came out so.
    pub(crate) so: &'static str,
}

/// What happens before a goal state is applied.
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// Somebody meddles with the files that these settings describe.
    Meddling(&'static str),
    /// `hostler status` is shown.
    Status,
}

const INSTALLED: Entry = Entry {
    handler: FILE_CONFIG,
    version: "1.0.0",
    state: "enabled",
    number: 1,
    settings: FIRST,
};
const NEW_SETTINGS: Entry = Entry {
    number: 2,
    settings: SECOND,
    ..INSTALLED
};
const UPDATED: Entry = Entry {
    version: "1.1.0",
    ..NEW_SETTINGS
};
const GREETS: Entry = Entry {
    handler: HELLO,
    settings: r#"{"name": "Ada"}"#,
    ..INSTALLED
};
const LOOPS: Entry = Entry {
    handler: HOSTILE,
    settings: r#"{"verb": "loop"}"#,
    ..INSTALLED
};

/// The scenes, in their order.
pub(crate) const SCENES: [Scene; 9] = [
    Scene {
        title: "3. file-config is installed",
        told: "It keeps files, in its own data folder, as its settings describe them. Nothing is there yet.\n\
               Goal state: file-config 1.0.0, enabled, with settings 1: app.conf and motd.",
        before: Before::Nothing,
        goal_state: ("install", &[INSTALLED]),
        options: &[],
        exit_code: 0,
        account: &[
            "FileConfig 1.0.0: install 1.0.0, enable 1.0.0: Ready 0 Enabled: success: app.conf created, motd created",
        ],
        folders: &["FileConfig-1.0.0"],
        kept: Kept::Described(FIRST),
        so: "the files are there, and the status has a line for each.",
    },
    Scene {
        title: "4. It gets new settings",
        told: "Goal state: settings 2, in which app.conf is another, log.conf is new, and motd is not named any more.",
        before: Before::Nothing,
        goal_state: ("new-settings", &[NEW_SETTINGS]),
        options: &[],
        exit_code: 0,
        account: &[
            "FileConfig 1.0.0: enable 1.0.0: Ready 0 Enabled: success: motd removed, app.conf changed, log.conf created",
        ],
        folders: &["FileConfig-1.0.0"],
        kept: Kept::Described(SECOND),
        so: "only enable ran, and it did what was different and no more.",
    },
    Scene {
        title: "5. Its files drift, and are mended",
        told: "Goal state: the same. Applying it again enables the handler again, so that it sees what has changed.",
        before: Before::Meddling(SECOND),
        goal_state: ("new-settings", &[NEW_SETTINGS]),
        options: &[],
        exit_code: 0,
        account: &["FileConfig 1.0.0: enable 1.0.0: Ready 0 Enabled: success: app.conf repaired, log.conf repaired"],
        folders: &["FileConfig-1.0.0"],
        kept: Kept::Described(SECOND),
        so: "the files are again as the settings describe them.",
    },
    Scene {
        title: "6. It is updated",
        told: "The commands of both versions run in the contract's order. The data folder belongs to no version.\n\
               Goal state: version 1.1.0 (here the same program with another number).",
        before: Before::Nothing,
        goal_state: ("update", &[UPDATED]),
        options: &[],
        exit_code: 0,
        account: &[
            "FileConfig 1.1.0: disable 1.0.0, update 1.1.0, uninstall 1.0.0, install 1.1.0, enable 1.1.0: Ready 0 Enabled: success: app.conf as described, log.conf as described",
        ],
        folders: &["FileConfig-1.1.0"],
        kept: Kept::Untouched(SECOND),
        so: "1.1.0 has taken the place of 1.0.0, and found files and record as that left them.",
    },
    Scene {
        title: "7. An update fails",
        told: "The update command of 1.2.0 ends with exit code 3.\n\
               Goal state: version 1.2.0.",
        before: Before::Nothing,
        goal_state: (
            "update-that-fails",
            &[Entry {
                version: "1.2.0",
                ..UPDATED
            }],
        ),
        options: &[],
        exit_code: 1,
        account: &[
            "FileConfig 1.2.0: disable 1.1.0, update 1.2.0 = 3: NotReady 1008 FailedUpgrade: success: app.conf as described, log.conf as described",
        ],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0"],
        kept: Kept::Untouched(SECOND),
        so: "the failure is reported in the handler's own words, 1.1.0 is still in its place, no file was touched.",
    },
    Scene {
        title: "8. Back again",
        told: "Goal state: version 1.1.0, as in scene 6.",
        before: Before::Nothing,
        goal_state: ("update", &[UPDATED]),
        options: &[],
        exit_code: 0,
        account: &[
            "FileConfig 1.1.0: enable 1.1.0: Ready 0 Enabled: success: app.conf as described, log.conf as described",
        ],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0"],
        kept: Kept::Untouched(SECOND),
        so: "1.1.0 only had to be enabled again, and has its files.",
    },
    Scene {
        title: "9. Another handler never ends",
        told: "Its enable loops for ever. It gets two seconds for a command here, else it would be five minutes.\n\
               Goal state: that handler first, then the one that greets, then file-config.",
        before: Before::Nothing,
        goal_state: ("three-handlers", &[LOOPS, GREETS, UPDATED]),
        options: &["--limit", "cmd.deadline=2s"],
        exit_code: 1,
        account: &[
            "Hostile 1.0.0: install 1.0.0, enable 1.0.0 = 137: NotReady 1011 Installed: error: reached cmd.deadline",
            "Hello 1.0.0: install 1.0.0, enable 1.0.0: Ready 0 Enabled: success: greeting Hello, Ada",
            "FileConfig 1.1.0: enable 1.1.0: Ready 0 Enabled: success: app.conf as described, log.conf as described",
        ],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0", "Hello-1.0.0", "Hostile-1.0.0"],
        kept: Kept::Untouched(SECOND),
        so: "it was stopped, the report says at which limit, and the others had their turn.",
    },
    Scene {
        title: "10. file-config is disabled",
        told: "Goal state: file-config disabled; the handler that never ends is not named any more.",
        before: Before::Nothing,
        goal_state: (
            "disable",
            &[
                GREETS,
                Entry {
                    state: "disabled",
                    ..UPDATED
                },
            ],
        ),
        options: &[],
        exit_code: 0,
        account: &[],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0", "Hello-1.0.0"],
        kept: Kept::Untouched(SECOND),
        so: "file-config is not active and keeps its files; what no goal state names is gone.",
    },
    Scene {
        title: "11. file-config is uninstalled",
        told: "First a look at the machine as it stands, then the last goal state: file-config uninstalled.",
        before: Before::Status,
        goal_state: (
            "uninstall",
            &[
                GREETS,
                Entry {
                    state: "uninstall",
                    ..UPDATED
                },
            ],
        ),
        options: &[],
        exit_code: 0,
        account: &[],
        folders: &["Hello-1.0.0"],
        kept: Kept::Gone,
        so: "its folders are gone, and its data with them.",
    },
];
