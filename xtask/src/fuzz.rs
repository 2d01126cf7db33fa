//! Every fuzz target for a while, by cargo-fuzz and a nightly compiler.
//!
//! Neither is needed for anything else here, so neither is installed: without them it says that nothing was run, and
//! fails, since nobody asks for it to be told that all is well. `cargo xtask test` gives each target a few thousand
//! inputs with an ordinary compiler.

use std::{
    env, fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use anyhow::Context as _;

use crate::{
    step::{Ending, complaint_of, step},
    workspace::Workspace,
};

/// What `fuzz` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long each target is given, in seconds
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    seconds: u32,
    /// Names of targets [default: all of them]
    targets: Vec<String>,
}

/// How long one input may take before it counts as one that hangs, in seconds.
const HANGS: u32 = 20;

/// Runs the targets one after the other, also after one has failed.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    let folder = workspace.root().join("fuzz");
    let mut targets = targets(&folder.join("fuzz_targets"))?;
    if let Some(unknown) = options.targets.iter().find(|name| !targets.contains(name)) {
        anyhow::bail!("there is no target {unknown}; there are {}", targets.join(", "));
    }
    targets.retain(|name| options.targets.is_empty() || options.targets.contains(name));
    if let Some(missing) = missing() {
        eprintln!("not run: {missing}");
        return Ok(ExitCode::FAILURE);
    }
    let mut endings = Vec::new();
    for target in &targets {
        let found = folder.join("corpus").join(target);
        fs::create_dir_all(&found).with_context(|| found.display().to_string())?;
        endings.push(step(target, || {
            // Without a sanitizer: what is looked for are broken promises, and the code is safe Rust.
            let mut fuzz = nightly();
            fuzz.args(["cargo", "fuzz", "run", "--sanitizer", "none", target]);
            fuzz.arg(&found).arg(workspace.root().join("tests").join("corpus"));
            fuzz.args(["--", "-verbosity=0"]);
            fuzz.arg(format!("-max_total_time={}", options.seconds))
                .arg(format!("-timeout={HANGS}"));
            complaint_of(fuzz.current_dir(workspace.root()))
        })?);
    }
    Ok(if endings.iter().all(|ending| *ending == Ending::Good) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The targets' names, in their order.
fn targets(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// A command by the nightly toolchain.
fn nightly() -> Command {
    let mut rustup = Command::new("rustup");
    // Started through rustup's cargo, we carry the toolchain that is in use.
    rustup.args(["run", "nightly"]);
    for variable in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        rustup.env_remove(variable);
    }
    rustup
}

/// What is missing, and how to get it.
fn missing() -> Option<String> {
    let works = |arguments: &[&str]| {
        let ran = nightly()
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        ran.is_ok_and(|status| status.success())
    };
    if env::consts::OS != "linux" {
        return Some("libFuzzer is used on Linux only".to_owned());
    }
    if !works(&["rustc", "--version"]) {
        return Some("there is no nightly compiler; `rustup toolchain install nightly`".to_owned());
    }
    let cargo_fuzz = works(&["cargo", "fuzz", "--version"]);
    (!cargo_fuzz).then(|| "there is no cargo-fuzz; `cargo install cargo-fuzz`".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::targets;

    #[test]
    fn targets_are_those_in_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
        let names = targets(&folder).unwrap();
        assert!(
            names.len() > 10 && names.contains(&"zip_import".to_owned()),
            "{names:?}"
        );
        assert!(targets(Path::new("no such folder")).is_err());
    }
}
