//! A handler's whole life in one kept root, as far as its commands are named one by one.

use serde_json::Value;

use crate::made::{IDENTITY, with};
use crate::workbench::{Said, Workbench};

/// The commands that ran.
fn ran(said: &Said) -> Vec<Value> {
    let commands = said.handler()["hostler"]["commands"].clone();
    commands
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command["command"].clone())
        .collect()
}

/// Contract 7.3 and 7.5: a handler that is there is enabled, one that was uninstalled is gone with its data, and comes
/// back through install.
#[test]
fn from_install_to_uninstall_and_back() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let root = bench.path("root");
    let data = root.join("data/Hostler.Tests.Made");

    let whole = bench.run(&package, &["--json", "--commands", "install,enable,disable,uninstall"]);
    assert_eq!(whole.exit, 0, "{}", whole.all());
    assert_eq!(ran(&whole), ["install", "enable", "disable", "uninstall"]);
    assert_eq!(whole.handler()["formattedMessage"]["message"], "Plugin uninstalled");
    bench.assert_nothing_installed("after uninstall");
    assert!(!data.exists());
    assert!(
        root.join("logs/Hostler.Tests.Made").is_dir(),
        "logs outlive the handler (contract 2)"
    );

    assert_eq!(ran(&bench.run(&package, &["--json"])), ["install", "enable"]);
    assert_eq!(ran(&bench.run(&package, &["--json"])), ["enable"]);
    assert!(bench.handler(IDENTITY).is_dir() && data.is_dir());
    assert_eq!(
        ran(&bench.run(&package, &["--json", "--commands", "uninstall"])),
        ["uninstall"]
    );
    bench.assert_nothing_installed("after uninstall alone");
    assert_eq!(ran(&bench.run(&package, &["--json"])), ["install", "enable"]);
}
