//! The whole life of a handler, stage by stage: what is wanted of it, and the commands that it takes.

use std::fs::{self, File};
use std::path::Path;

use hostler_tests::{goal_state_entry, hostler};
use serde_json::{Value, json};

use crate::machine::{HANDLER, Machine};
use crate::standing::Standing;
use crate::tracer::{self, Watch};

/// A goal state, and the commands that it takes where the one before it was carried out.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    version: &'static str,
    state: &'static str,
    /// The sequence number of its settings.
    pub(crate) number: i64,
    pub(crate) commands: &'static [&'static str],
}

/// Install, settings, update, disable, uninstall.
pub(crate) const LIFE: [Stage; 5] = [
    Stage {
        name: "install",
        version: "1.0.0",
        state: "enabled",
        number: 0,
        commands: &["i@1.0.0", "e@1.0.0"],
    },
    Stage {
        name: "settings",
        version: "1.0.0",
        state: "enabled",
        number: 1,
        commands: &["e@1.0.0"],
    },
    Stage {
        name: "update",
        version: "1.1.0",
        state: "enabled",
        number: 2,
        commands: &["d@1.0.0", "u@1.1.0", "x@1.0.0", "i@1.1.0", "e@1.1.0"],
    },
    Stage {
        name: "disable",
        version: "1.1.0",
        state: "disabled",
        number: 2,
        commands: &["d@1.1.0"],
    },
    Stage {
        name: "uninstall",
        version: "1.1.0",
        state: "uninstall",
        number: 2,
        commands: &["x@1.1.0"],
    },
];

impl Stage {
    /// The goal state's entries.
    pub(crate) fn wanted(&self) -> [Value; 1] {
        let settings = json!({});
        [goal_state_entry(
            HANDLER,
            self.version,
            self.state,
            self.number,
            &settings,
        )]
    }

    /// Whether the handler is enabled afterwards: an enable runs each time that its goal state is applied.
    pub(crate) fn ends_enabled(&self) -> bool {
        self.state == "enabled"
    }
}

/// A machine on which a life was lived undisturbed, stage by stage; the root before each stage is kept.
pub(crate) struct Life {
    pub(crate) machine: Machine,
    /// Where it stands after each stage.
    pub(crate) undisturbed: Vec<Standing>,
}

impl Life {
    /// Lives it, and nobody watches.
    pub(crate) fn lived() -> Self {
        Self::live(|machine, stage| {
            let ran = machine.apply(&stage.wanted());
            (ran.status.code(), ())
        })
        .0
    }

    /// Lives it. Each stage is watched by what `watch` makes for it.
    pub(crate) fn undisturbed<W: Watch>(mut watch: impl FnMut(&Path) -> W) -> (Self, Vec<W>) {
        Self::live(|machine, stage| {
            let mut watched = watch(&machine.folder().join("root"));
            (apply(machine, stage, &mut watched), watched)
        })
    }

    fn live<W>(mut apply: impl FnMut(&Machine, &Stage) -> (Option<i32>, W)) -> (Self, Vec<W>) {
        let behaviour = json!({"install": {"data": {"a": "1", "b": "2"}}});
        let machine = Machine::new(&behaviour).with_its_own_cache();
        let mut watches = Vec::new();
        let mut undisturbed = Vec::new();
        for (index, stage) in LIFE.iter().enumerate() {
            machine.keep_as(&index.to_string());
            let (code, watched) = apply(&machine, stage);
            assert_eq!(code, Some(0), "{}, undisturbed", stage.name);
            watches.push(watched);
            undisturbed.push(Standing::of(&machine));
        }
        let expected: Vec<&str> = LIFE.iter().flat_map(|stage| stage.commands).copied().collect();
        assert_eq!(machine.ran(), expected, "the commands of a life");
        (Self { machine, undisturbed }, watches)
    }

    /// Puts the root back to where stage number `index` begins.
    pub(crate) fn put_back(&self, index: usize) {
        self.machine.put_back_from(&index.to_string());
    }
}

/// Applies the goal state of `stage`, watched; its exit code, if it was not killed.
pub(crate) fn apply(machine: &Machine, stage: &Stage, watch: &mut dyn Watch) -> Option<i32> {
    apply_and_say(machine, stage, watch).0
}

/// As [`apply`], with all that it says.
pub(crate) fn apply_and_say(machine: &Machine, stage: &Stage, watch: &mut dyn Watch) -> (Option<i32>, String) {
    let arguments = machine.apply_arguments(&stage.wanted());
    let path = machine.folder().join("said");
    let said = File::create(&path).unwrap();
    let code = tracer::run(&hostler(), &arguments, Some(&said), watch).unwrap();
    (code, fs::read_to_string(path).unwrap())
}
