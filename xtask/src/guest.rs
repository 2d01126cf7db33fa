//! The target that handlers are built for: getting it, and building the sample handlers with it.
//!
//! Handlers need Rust's `wasm32-wasip2` standard library, which rustup installs. A missing target is added once and
//! said so; there is no other way, since anything else would be a toolchain of our own.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::Context as _;

use crate::{step, workspace::Workspace};

/// What handlers are built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The crates that hold sample handlers, the recorder of the conformance cases, and the benchmark's own components.
pub(crate) const CRATES: [&str; 7] = [
    "hello-handler",
    "file-config-handler",
    "file-watch-handler",
    "hostile-handler",
    RECORDER,
    BENCH,
    KERNELS,
];

/// The crate of the component that conformance cases put into the packages they make.
pub(crate) const RECORDER: &str = "recorder";

/// The crate of the component that the benchmark runs where no sample handler would do.
pub(crate) const BENCH: &str = "bench-guest";

/// The crate of what the benchmark lets components compute.
pub(crate) const KERNELS: &str = "bench-kernels";

/// The kernels as who computes for long builds them: for speed and not for size.
pub(crate) struct Kernels {
    /// With instructions that work on several numbers at once.
    pub(crate) simd: PathBuf,
    /// Without.
    pub(crate) without_simd: PathBuf,
}

/// Makes sure that the guest target is there.
///
/// # Errors
///
/// It is missing and rustup is not there to add it, or could not.
pub(crate) fn ensure_target() -> anyhow::Result<()> {
    if is_installed()? {
        return Ok(());
    }
    eprintln!("Rust's target {TARGET} is missing; adding it with rustup, once");
    let mut rustup = Command::new("rustup");
    // Started through rustup's cargo, we carry RUSTUP_TOOLCHAIN: the target goes to the toolchain that is in use.
    rustup.args(["target", "add", TARGET]).stdin(Stdio::null());
    match rustup.status() {
        Ok(status) if status.success() => {}
        Ok(status) => anyhow::bail!("`rustup target add {TARGET}`: {status}; handlers cannot be built without it"),
        Err(error) => anyhow::bail!(
            "Rust's target {TARGET} is missing, and rustup, which installs it, cannot be started ({error}); \
             install rustup from https://rustup.rs, then run this command again"
        ),
    }
    if !is_installed()? {
        anyhow::bail!(
            "rustup added {TARGET}, but not to the Rust that builds this project; \
             make sure that `cargo` and `rustc` on the PATH are those of rustup"
        );
    }
    Ok(())
}

/// Whether the standard library for the guest target lies in the sysroot of the rustc in use.
fn is_installed() -> anyhow::Result<bool> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let output = Command::new(&rustc)
        .args(["--print", "sysroot"])
        .output()
        .with_context(|| format!("{} could not be started", rustc.display()))?;
    if !output.status.success() {
        anyhow::bail!("{} --print sysroot: {}", rustc.display(), output.status);
    }
    let sysroot = String::from_utf8(output.stdout).context("sysroot of rustc")?;
    Ok(PathBuf::from(sysroot.trim_end())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir())
}

/// Builds the sample handlers and tells where the components lie.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    ensure_target()?;
    eprintln!("building the sample handlers for {TARGET}");
    // A folder of their own: the same crates are also built natively, with other features of the same dependencies.
    let folder = folder(workspace);
    step::run(
        workspace
            .cargo()
            .args(["build", "--quiet", "--locked", "--profile", "guest", "--target", TARGET])
            .args(CRATES.iter().flat_map(|name| ["-p", name]))
            .arg("--target-dir")
            .arg(&folder)
            .env("CARGO_ENCODED_RUSTFLAGS", neutral_paths(workspace)),
    )?;
    Ok(folder.join(TARGET).join("guest"))
}

/// Builds the kernels for the benchmark, with and without SIMD.
pub(crate) fn build_kernels(workspace: &Workspace) -> anyhow::Result<Kernels> {
    ensure_target()?;
    let build = |name: &str, feature: &str| {
        eprintln!("building the kernels for {TARGET}, {feature}");
        // Each in a folder of its own: what differs is the compiler's flags.
        let folder = workspace.target().join(name);
        let mut flags = neutral_paths(workspace);
        flags.push("\x1f-Ctarget-feature=");
        flags.push(feature);
        step::run(
            workspace
                .cargo()
                .args([
                    "build",
                    "--quiet",
                    "--locked",
                    "--profile",
                    "guest-fast",
                    "--target",
                    TARGET,
                ])
                .args(["-p", KERNELS, "--target-dir"])
                .arg(&folder)
                .env("CARGO_ENCODED_RUSTFLAGS", flags),
        )?;
        let component = folder.join(TARGET).join("guest-fast").join("bench-kernels.wasm");
        anyhow::ensure!(component.is_file(), "cargo left no {}", component.display());
        Ok(component)
    };
    Ok(Kernels {
        simd: build("kernels-simd", "+simd128")?,
        without_simd: build("kernels", "-simd128")?,
    })
}

/// Compiler flags, as cargo's variable holds them, that keep the folders of this machine out of the components: the
/// same sources give the same bytes wherever they lie.
fn neutral_paths(workspace: &Workspace) -> OsString {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let registry = home.map(|home| (home.join("registry").join("src"), "/registry"));
    let project = (workspace.root().to_owned(), "/hostler");
    let mut flags = OsString::new();
    for (folder, name) in registry.into_iter().chain([project]) {
        if !flags.is_empty() {
            flags.push("\x1f");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    flags
}

/// Target folder of guests.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("guests")
}
