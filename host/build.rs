//! What of this crate is decided when it is built.
//!
//! **Its name as a build**: a run worker is a program of its own, and one of another build is not believed.
//!
//! OpenSSL is linked from the system's archives (`libcrypto.a` of libssl-dev) where there are any, and not loaded.
//!
//! A worker may be the same binary as the host, and starts for every command. Loading two more libraries at each start
//! took more than half as long again as all of the rest.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CC");
    name_build()?;
    let Some(out) = std::env::var_os("OUT_DIR").map(PathBuf::from) else {
        return Ok(());
    };
    link_unwinder_statically(&out)?;
    println!("cargo::rustc-link-search=native={}", out.display());
    let archives: Vec<PathBuf> = ["libssl.a", "libcrypto.a"].into_iter().filter_map(archive).collect();
    if archives.len() < 2 {
        println!(
            "cargo::warning=libssl.a and libcrypto.a are not there: OpenSSL is loaded at every start, which costs time"
        );
        return Ok(());
    }
    // A linker takes a library from the first folder that has it, as a shared one or as an archive. In this one lie only
    // the archives, and it is searched before the system's.
    for archive in &archives {
        link(archive, &out)?;
    }
    Ok(())
}

/// Links what unwinds from the C compiler's archive where it is there: else each start loads one more library.
fn link_unwinder_statically(out: &Path) -> io::Result<()> {
    if archive("libgcc_eh.a").is_some() {
        // It is in another archive than in the library that is loaded.
        fs::write(out.join("libgcc_s.a"), "INPUT(-lgcc_eh -lgcc)\n")?;
    }
    Ok(())
}

/// Puts `archive` into `folder`, which is searched first.
fn link(archive: &Path, folder: &Path) -> io::Result<()> {
    let link = folder.join(archive.file_name().unwrap_or_default());
    match link.exists() {
        true => Ok(()),
        false => symlink(archive, link),
    }
}

/// Tells the crate a number that is the same for all programs of one build, and another one after any change of what host
/// and worker say to each other.
fn name_build() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    hasher.write(env!("CARGO_PKG_VERSION").as_bytes());
    for folder in ["src", "../contract/src", "../package/src"] {
        println!("cargo::rerun-if-changed={folder}");
        hash(Path::new(folder), &mut hasher)?;
    }
    println!("cargo::rustc-env=HOSTLER_BUILD={:016x}", hasher.finish());
    Ok(())
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let entries: io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect();
        let mut entries = entries?;
        entries.sort();
        return entries.iter().try_for_each(|entry| hash(entry, hasher));
    }
    hasher.write(path.as_os_str().as_encoded_bytes());
    hasher.write(&fs::read(path)?);
    Ok(())
}

/// Where the C compiler finds the archive `name`.
fn archive(name: &str) -> Option<PathBuf> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let found = Command::new(compiler)
        .arg(format!("-print-file-name={name}"))
        .output()
        .ok()?;
    let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
    (path.is_absolute() && Path::exists(&path)).then_some(path)
}
