//! `hostler pack --launcher`: a package that the native agent can install.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Finding, Place, Refused, codes};
use hostler_package::{Built, LauncherPackage, LauncherParts, PackError, PackageDigest};

use crate::commands::failure::Failure;
use crate::commands::place::file_name;
use crate::handler_dir::PackageRecord;
use crate::launcher::{PACKAGE_FILE, PROGRAM};
use crate::signatures::Signed;

/// The largest program that is packed, in bytes: far more than hostler has with all its symbols.
const MAX_PROGRAM: u64 = 1 << 30;

/// What every program for Linux begins with, and where in it the kind of processor stands.
const ELF: &[u8] = b"\x7fELF";
const MACHINE: std::ops::Range<usize> = 18..20;

/// A package for the native agent, and what its makers are to know of it.
pub(super) struct ForAgent {
    pub(super) package: LauncherPackage,
    pub(super) machine: &'static str,
    pub(super) warnings: Vec<Finding>,
}

/// Puts `built` and a launcher into one package: the program `named`, else this one.
pub(super) fn for_agent(built: Built, named: Option<&Path>) -> Result<ForAgent, Failure> {
    let warnings = fit(&built)?;
    let path = match named {
        Some(path) => path.to_owned(),
        // By the kernel's own link, so that a program that was replaced meanwhile is still this one.
        None => PathBuf::from("/proc/self/exe"),
    };
    let program = read_program(&path)?;
    let machine = machine(&program).ok_or_else(|| {
        let hint = "name a `hostler` that was built for Linux on the machines that the package is for";
        refuse(
            &file_name(&path),
            "it is not a program for Linux on a processor that is known here",
            hint,
        )
    })?;
    let record = record(&built)?;
    let parts = LauncherParts {
        program: (PROGRAM, &program),
        record: (PACKAGE_FILE, &record),
    };
    let package = built.into_launcher(parts).map_err(|error| match error {
        PackError::Refused(refused) => Failure::Refused(refused),
        error @ PackError::Io { .. } => Failure::host(error, "look at the folder's name, permissions and space"),
    })?;
    Ok(ForAgent {
        package,
        machine,
        warnings,
    })
}

/// What of the handler no launcher can give, or not for long.
fn fit(built: &Built) -> Result<Vec<Finding>, Refused> {
    let manifest = built.package().manifest();
    let at = |path: &str| Place::Json(path.to_owned());
    let mut findings = Vec::new();
    if manifest.sandbox().asks_for_service() {
        findings.push(Finding::refusal(
            codes::PACK_LAUNCHER,
            MANIFEST_FILE,
            at("$[0].sandbox"),
            "the handler has a service, and a launcher is there for as long as a command only",
            "run it with `hostler agent`, or take `serviceCommand` and the capability `service` out",
        ));
    }
    if manifest.report_heartbeat() {
        findings.push(Finding::warning(
            codes::PACK_LAUNCHER,
            MANIFEST_FILE,
            at("$[0].handlerManifest.reportHeartbeat"),
            "ten minutes after its last command the agent will call the handler unresponsive: nothing of it runs on",
            "take `reportHeartbeat` out of a handler that is to run beside the native agent",
        ));
    }
    Refused::unless_only_warnings(findings)
}

fn read_program(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut program = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_PROGRAM + 1).read_to_end(&mut program));
    let name = path.display().to_string();
    match read {
        Ok(length) if length as u64 > MAX_PROGRAM => {
            let hint = "name the program `hostler`";
            Err(refuse(&name, &format!("it has more than {MAX_PROGRAM} bytes"), hint).into())
        }
        Ok(_) => Ok(program),
        Err(error) => {
            let hint = "name a file that is there and that you may read";
            Err(refuse(&name, &format!("it cannot be read: {error}"), hint).into())
        }
    }
}

/// The kind of processor that `program` is for; `None` for what is no program, or for another kind than hostler has.
fn machine(program: &[u8]) -> Option<&'static str> {
    let kind = program.get(MACHINE)?;
    match (program.starts_with(ELF), kind) {
        (true, [0x3e, 0]) => Some("x86_64"),
        (true, [0xb7, 0]) => Some("aarch64"),
        _ => None,
    }
}

/// What the launcher is to know of the handler's package: what is remembered of one that is installed.
fn record(built: &Built) -> Result<Vec<u8>, Failure> {
    let package = built.package();
    let mut parts = std::collections::BTreeMap::new();
    for name in package.components().into_iter().chain([MANIFEST_FILE]) {
        let content = package
            .component(name)
            .map_err(|error| Failure::host(error, "pack it again"))?;
        parts.insert(name.to_owned(), PackageDigest::of(&content).to_string());
    }
    let record = PackageRecord {
        file: package.archive().file().to_owned(),
        source: String::new(),
        digest: package.digest().to_string(),
        bytes: package.archive().bytes().len() as u64,
        // A package says nothing of its own signature.
        signature: Signed::Unsigned,
        parts,
    };
    let mut text = serde_json::to_vec_pretty(&record).map_err(|error| Failure::host(error, "pack it again"))?;
    text.push(b'\n');
    Ok(text)
}

fn refuse(file: &str, what: &str, hint: &str) -> Refused {
    Refused::new(Finding::refusal(codes::PACK_LAUNCHER, file, Place::Whole, what, hint))
}
