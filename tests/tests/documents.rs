//! Generated tables in `docs/` are what the binary prints: a code or a limit cannot be changed and its line forgotten.

use std::{env, fs, path::Path, process::Command};

#[test]
fn generated_tables_are_up_to_date() {
    let hostler = env::var_os("HOSTLER_BIN").expect("run `cargo xtask test`, which builds the binary and names it");
    for (document, table) in [
        ("docs/error-codes.md", "error-codes"),
        ("docs/limits.md", "limits"),
        ("docs/limits.md", "package-limits"),
    ] {
        let output = Command::new(&hostler).args(["docs", table]).output().unwrap();
        assert!(
            output.status.success(),
            "hostler docs {table}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(
            printed.lines().count() > 10,
            "hostler docs {table} printed too little:\n{printed}"
        );
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document)).unwrap();
        assert!(
            text.contains(printed.trim()),
            "{document} is not up to date: run `cargo xtask docs`"
        );
    }
}
