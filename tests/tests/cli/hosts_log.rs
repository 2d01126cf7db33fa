//! FSX-18, FSX-19: the host's log lies where the handler can write; what the handler puts there instead is not written
//! to, and the host's lines are there.

use std::fs;
use std::os::unix::fs::MetadataExt;

use hostler_tests::{Snapshot, make_canary};
use serde_json::json;

use crate::workbench::Workbench;

/// The handler that attacks.
const HOSTILE: &str = "Hostler.Samples.Hostile";

/// The limit of its log folder, `dir.log.bytes`.
const LOG_BYTES: u64 = 16 << 20;

#[test]
fn the_hosts_lines_go_into_a_file_of_its_own() {
    for planted in ["link", "second-name", "folder", "held"] {
        let bench = Workbench::new();
        let outside = make_canary(&bench.path(""));
        let before = Snapshot::of(&outside);
        let settings = json!({ "verb": "hosts-log", "as": planted, "outside": outside });
        let entry = bench.offer_sample(HOSTILE, &settings);
        // The second time the host begins with what was planted.
        for _ in 0..2 {
            let said = bench.apply(std::slice::from_ref(&entry), &[]);
            assert_eq!(said.exit, 0, "{planted}: {}", said.all());
            assert_eq!(
                before.differences(&Snapshot::of(&outside)),
                Vec::<String>::new(),
                "{planted}"
            );

            let log = bench.path("root/logs").join(HOSTILE).join("CommandExecution.log");
            let found = fs::symlink_metadata(&log).unwrap();
            assert!(found.is_file() && found.nlink() == 1, "{planted}: {found:?}");
            // What it did last is told after the handler had its turn.
            let text = fs::read_to_string(&log).unwrap();
            let last = text.lines().last().unwrap_or_default();
            assert!(
                last.contains("Command: ") && last.contains(" enable"),
                "{planted}: {last}"
            );
            assert!(
                text.lines().all(|line| line.contains(" INFO ExtHandler [")),
                "{planted}: {text}"
            );
        }
        let files = fs::read_dir(bench.path("root/logs").join(HOSTILE)).unwrap().flatten();
        let bytes: u64 = files.map(|file| file.metadata().unwrap().len()).sum();
        assert!(bytes <= LOG_BYTES + (1 << 20), "{planted}: {bytes} bytes of logs");
    }
}
