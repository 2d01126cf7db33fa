//! The version, and what shells are told of the commands.

use crate::workbench::Workbench;

#[test]
fn the_version_is_the_project_s() {
    let said = Workbench::new().hostler(&["--version"]);
    assert_eq!(said.stdout(), format!("hostler {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_know_every_command_and_option() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = Workbench::new().hostler(&["completions", shell]);
        assert_eq!(said.exit, 0, "{shell}");
        let script = said.stdout();
        for word in [
            "apply",
            "status",
            "logs",
            "audit",
            "inspect",
            "check",
            "pack",
            "completions",
            "settings",
            "limit",
            "keep",
            "kind",
        ] {
            assert!(script.contains(word), "{shell}: {word} is missing");
        }
    }
    assert_eq!(Workbench::new().hostler(&["completions", "ksh"]).exit, 2);
}
