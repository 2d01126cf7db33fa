//! Where OpenSSL lies, for machines that have it and no pkg-config that could say so.
//!
//! A compiler finds it by itself; the build of the crate that links it asks pkg-config, and gives up without.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Folders with the headers of a system.
const HEADERS: [&str; 2] = ["/usr/include", "/usr/local/include"];

/// What tells cargo's `command` where OpenSSL is; nothing where it is told already or can ask.
pub(crate) fn tell(command: &mut Command) {
    let told = ["OPENSSL_DIR", "OPENSSL_LIB_DIR", "OPENSSL_NO_PKG_CONFIG"];
    if told.iter().any(|name| env::var_os(name).is_some()) || has_pkg_config() {
        return;
    }
    let headers = HEADERS
        .iter()
        .map(Path::new)
        .find(|folder| folder.join("openssl/opensslv.h").exists());
    if let (Some(libraries), Some(headers)) = (libraries(), headers) {
        command.env("OPENSSL_LIB_DIR", libraries);
        command.env("OPENSSL_INCLUDE_DIR", headers);
        command.env("OPENSSL_STATIC", "1");
    }
}

fn has_pkg_config() -> bool {
    let program = env::var_os("PKG_CONFIG").unwrap_or_else(|| "pkg-config".into());
    let asked = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

/// The folder in which the C compiler finds `libcrypto.a`.
fn libraries() -> Option<PathBuf> {
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let found = Command::new(compiler)
        .arg("-print-file-name=libcrypto.a")
        .output()
        .ok()?;
    let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim())
        .canonicalize()
        .ok()?;
    path.is_absolute().then(|| path.parent().map(Path::to_owned)).flatten()
}
