//! The first handler of the README works when it is followed literally: its blocks are written to the files they
//! name, and its commands are run, in a folder that has the project beside it as a reader's would.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the README has failed")]

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

/// A fenced block: its language, its text, and the file that the line before it names.
struct Block {
    language: String,
    text: String,
    file: Option<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The blocks of the README's section about the first handler.
fn blocks() -> Vec<Block> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("\n## A first handler\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut pieces = section.split("```");
    let mut before = pieces.next().unwrap();
    let mut blocks = Vec::new();
    while let (Some(block), Some(after)) = (pieces.next(), pieces.next()) {
        let (language, text) = block.split_once('\n').unwrap();
        // "`Cargo.toml`:" or "`src/main.rs`, a handler that ..."
        let last_line = before.trim_end().lines().last().unwrap_or_default();
        let file = last_line
            .strip_prefix('`')
            .and_then(|line| line.split_once('`'))
            .map(|(file, _)| file.to_owned());
        blocks.push(Block {
            language: language.to_owned(),
            text: text.to_owned(),
            file,
        });
        before = after;
    }
    blocks
}

#[test]
fn the_first_handler_works_as_written() {
    let hostler = env::var_os("HOSTLER_BIN").expect("run `cargo xtask test`, which builds the binary and names it");
    let folder = tempfile::tempdir().unwrap();
    symlink(root(), folder.path().join("hostler")).unwrap();
    let mut path = PathBuf::from(&hostler).parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(env::var_os("PATH").unwrap());

    let mut place = folder.path().to_owned();
    let mut last_output = String::new();
    for block in blocks() {
        if let Some(file) = &block.file {
            fs::write(place.join(file), &block.text).unwrap();
            continue;
        }
        assert_eq!(
            block.language, "sh",
            "a block that is neither a file nor commands:\n{}",
            block.text
        );
        if block.text.contains("hostler-host") {
            // Building hostler and adding the target is what the runner of these tests has done.
            continue;
        }
        let output = Command::new("bash")
            .current_dir(&place)
            .args(["-euxc", &block.text])
            .env("PATH", &path)
            .env("HOME", folder.path().join("home"))
            // Whoever runs this may have no network; every crate that is needed is here already.
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_HOME", cargo_home())
            .env("RUSTUP_HOME", rustup_home())
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}\n{text}\n{errors}", block.text);
        if block.text.contains("cd motd") {
            place.push("motd");
        }
        last_output = text;
    }
    assert!(
        last_output.contains("Example.Motd-1.0.0.zip: accepted\n"),
        "{last_output}"
    );
    assert!(
        last_output.contains("success, code 0: 12 bytes written"),
        "{last_output}"
    );
}

fn cargo_home() -> PathBuf {
    env::var_os("CARGO_HOME").map_or_else(|| home().join(".cargo"), PathBuf::from)
}

fn rustup_home() -> PathBuf {
    env::var_os("RUSTUP_HOME").map_or_else(|| home().join(".rustup"), PathBuf::from)
}

fn home() -> PathBuf {
    env::home_dir().unwrap()
}
