//! The scenes of a handler's life, as a table: what is told, the goal state, and all that must come of it.

use super::{
    goal_state::Entry,
    kept::{FIRST, Kept, SECOND},
    life::{Before, Scene},
    repository::{FILE_CONFIG, HELLO, HOSTILE},
};

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
const UPDATE_FAILS: Entry = Entry {
    version: "1.2.0",
    ..UPDATED
};
const DISABLED: Entry = Entry {
    state: "disabled",
    ..UPDATED
};
const UNINSTALLED: Entry = Entry {
    state: "uninstall",
    ..UPDATED
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

/// What most scenes have in common: a goal state is applied, all is well, and no file is written.
const SCENE: Scene = Scene {
    title: "",
    told: "",
    before: Before::Nothing,
    goal_state: ("", &[]),
    options: &[],
    exit_code: 0,
    account: &[],
    folders: &[],
    kept: Kept::Untouched(SECOND),
    so: "",
};

/// The scenes, in their order.
pub(crate) const SCENES: [Scene; 9] = [
    Scene {
        title: "3. file-config is installed",
        told: "It keeps files, in its own data folder, as its settings describe them. Nothing is there yet.\n\
               Goal state: file-config 1.0.0, enabled, with settings 1: app.conf and motd.",
        goal_state: ("install", &[INSTALLED]),
        account: &[
            "FileConfig 1.0.0: install 1.0.0, enable 1.0.0: Ready 0 Enabled: success: \
             app.conf created, motd created",
        ],
        folders: &["FileConfig-1.0.0"],
        kept: Kept::Described(FIRST),
        so: "the files are there, and the status has a line for each.",
        ..SCENE
    },
    Scene {
        title: "4. It gets new settings",
        told: "Goal state: settings 2, in which app.conf is another, log.conf is new, and motd is not named any more.",
        goal_state: ("new-settings", &[NEW_SETTINGS]),
        account: &["FileConfig 1.0.0: enable 1.0.0: Ready 0 Enabled: success: \
             motd removed, app.conf changed, log.conf created"],
        folders: &["FileConfig-1.0.0"],
        kept: Kept::Described(SECOND),
        so: "only enable ran: it changed one file, made one, and removed one.",
        ..SCENE
    },
    Scene {
        title: "5. Its files drift, and are mended",
        told: "Goal state: the same. Applying it again enables the handler again, which looks at its files.",
        before: Before::Meddling(SECOND),
        goal_state: ("new-settings", &[NEW_SETTINGS]),
        account: &["FileConfig 1.0.0: enable 1.0.0: Ready 0 Enabled: success: \
             app.conf repaired, log.conf repaired"],
        folders: &["FileConfig-1.0.0"],
        kept: Kept::Described(SECOND),
        so: "the files are again as the settings describe them.",
        ..SCENE
    },
    Scene {
        title: "6. It is updated",
        told: "Commands of both versions run, in the contract's order. The data folder belongs to neither of them.\n\
               Goal state: version 1.1.0 (here the same program with another number).",
        goal_state: ("update", &[UPDATED]),
        account: &[
            "FileConfig 1.1.0: disable 1.0.0, update 1.1.0, uninstall 1.0.0, install 1.1.0, enable 1.1.0: \
             Ready 0 Enabled: success: app.conf as described, log.conf as described",
        ],
        folders: &["FileConfig-1.1.0"],
        so: "1.1.0 has taken the place of 1.0.0, and found the files and the record of them as that left them.",
        ..SCENE
    },
    Scene {
        title: "7. An update fails",
        told: "The update command of 1.2.0 says that it cannot, and ends with exit code 3.\n\
               Goal state: version 1.2.0.",
        goal_state: ("update-that-fails", &[UPDATE_FAILS]),
        exit_code: 1,
        account: &[
            "FileConfig 1.2.0: disable 1.1.0, update 1.2.0 = 3: NotReady 1008 FailedUpgrade: success: \
             app.conf as described, log.conf as described",
        ],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0"],
        so: "the failure is reported, 1.1.0 is still in its place, and no file was touched.",
        ..SCENE
    },
    Scene {
        title: "8. Back again",
        told: "Goal state: version 1.1.0, as in scene 6.",
        goal_state: ("update", &[UPDATED]),
        account: &["FileConfig 1.1.0: enable 1.1.0: Ready 0 Enabled: success: \
             app.conf as described, log.conf as described"],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0"],
        so: "1.1.0 only had to be enabled again, and has its files.",
        ..SCENE
    },
    Scene {
        title: "9. Another handler never ends",
        told: "Its enable loops for ever. It gets two seconds for a command here, else it would be five minutes.\n\
               Goal state: that handler first, then the one that greets, then file-config.",
        goal_state: ("three-handlers", &[LOOPS, GREETS, UPDATED]),
        options: &["--limit", "cmd.deadline=2s"],
        exit_code: 1,
        account: &[
            "Hostile 1.0.0: install 1.0.0, enable 1.0.0 = 137: NotReady 1011 Installed: error: reached cmd.deadline",
            "Hello 1.0.0: install 1.0.0, enable 1.0.0: Ready 0 Enabled: success: greeting Hello, Ada",
            "FileConfig 1.1.0: enable 1.1.0: Ready 0 Enabled: success: app.conf as described, log.conf as described",
        ],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0", "Hello-1.0.0", "Hostile-1.0.0"],
        so: "it was stopped, the report says at which limit, and the others had their turn.",
        ..SCENE
    },
    Scene {
        title: "10. file-config is disabled",
        told: "Goal state: file-config disabled; the handler that never ends is not named any more.",
        goal_state: ("disable", &[GREETS, DISABLED]),
        account: &[
            "Hello 1.0.0: enable 1.0.0: Ready 0 Enabled: success: greeting Hello, Ada",
            "FileConfig 1.1.0: disable 1.1.0: NotReady 0 Installed: success: \
             app.conf as described, log.conf as described",
            "Hostile-1.0.0 vanished",
        ],
        folders: &["FileConfig-1.1.0", "FileConfig-1.2.0", "Hello-1.0.0"],
        so: "file-config is not active and keeps its files; the handler that is not named is gone.",
        ..SCENE
    },
    Scene {
        title: "11. file-config is uninstalled",
        told: "First a look at the machine as it stands, then the last goal state.\n\
               Goal state: file-config uninstalled.",
        before: Before::Status,
        goal_state: ("uninstall", &[GREETS, UNINSTALLED]),
        account: &[
            "Hello 1.0.0: enable 1.0.0: Ready 0 Enabled: success: greeting Hello, Ada",
            "FileConfig-1.1.0 uninstalled: uninstall 1.1.0",
        ],
        folders: &["Hello-1.0.0"],
        kept: Kept::Gone,
        so: "its packages are gone, and its data with them; the other handler stays.",
        ..SCENE
    },
];
